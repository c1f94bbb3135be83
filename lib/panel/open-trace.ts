/** The trace that is open: its spans as a tree shows them, put together from blocks. Pure: never changed in place; a span that
 *  did not change stays the same object. */
import type { OutlineSpan } from '../model/span.ts';
import { unpackSpans } from '../store/outline-blocks.ts';
import type { StoredOutline } from '../store/reader.ts';

export interface Trace {
  session: string;
  traceId: string;
  spans: readonly OutlineSpan[];
  /** what changed up to this rev is in it */ rev: number;
  blocks: ReadonlyArray<readonly OutlineSpan[]>;
}

/** @param before the same trace as it was known, if it was */
export function mergeOutline(before: Trace | undefined, { session, traceId }: Pick<Trace, 'session' | 'traceId'>, { rev, count, blocks: changed }: StoredOutline): Trace {
  const blocks = Array.from({ length: count }, (_, block) => before?.blocks[block] ?? []);
  for (const { block, spans } of changed) {
    if (block >= count) continue;
    const known = new Map(before?.blocks[block]?.map((span) => [span.spanId, span]));
    blocks[block] = unpackSpans(spans).map((span) => {
      const was = known.get(span.spanId);
      return was?.rev === span.rev ? was : span;
    });
  }
  return { session, traceId, rev, blocks, spans: blocks.flat() };
}

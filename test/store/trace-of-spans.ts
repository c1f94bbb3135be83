/** The row of a trace and the blocks of its outline, made of all its spans. */
import type { SpanRow } from '../../lib/model/span.ts';
import type { TraceRow } from '../../lib/model/trace.ts';
import { diskOf } from '../../lib/store/disk.ts';
import { inBlocks, packSpans, type OutlineBlock } from '../../lib/store/outline-blocks.ts';
import { inPlace, rowOf } from '../../lib/store/trace-of-spans.ts';
import { summarise } from '../../lib/store/trace-summary.ts';

/** @param spans at least one */
export function traceOf(source: string, traceId: string, spans: readonly SpanRow[], rev: number): { row: TraceRow; blocks: OutlineBlock[] } {
  const blocks = inBlocks(inPlace(spans)).map((rows, block): OutlineBlock => ({ source, traceId, block, rev, spans: packSpans(rows) }));
  return { row: rowOf(source, traceId, summarise(spans), blocks.map((block) => diskOf('outlines', block)), rev), blocks };
}

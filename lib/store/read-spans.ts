/** Reads all rows of a session, or of one trace, in pages: each is a transaction of its own, so that an export of a hundred
 *  thousand holds nobody up. */
import { isForgotten } from '../model/session.ts';
import type { SpanRow } from '../model/span.ts';
import { read, type Database } from './database.ts';
import { spansIn } from './spans.ts';

const PAGE = 500;

export async function readSpans(database: Database, source: string, traceId?: string, signal?: AbortSignal): Promise<SpanRow[]> {
  const [index, prefix] = traceId === undefined ? ['start', [source]] as const : ['trace', [source, traceId]] as const;
  const session = await read(database, ['sessions'], (tx) => tx.objectStore('sessions').get(source), signal);
  const rows: SpanRow[] = [];
  /** of the last start: they come again with the next page */
  let seen = new Set<string>();
  for (let fromMs = -Infinity; ;) {
    const limit = PAGE + seen.size;
    const page = await read(database, ['spans'], (tx) => tx.objectStore('spans').index(index).getAll(IDBKeyRange.bound([...prefix, fromMs], [...prefix, []]), limit), signal);
    for (const row of page) if ((row.startMs > fromMs || !seen.has(row.spanId)) && !(session && isForgotten(session, row))) rows.push(...spansIn(row));
    if (page.length < limit) return rows.toSorted((a, b) => a.startMs - b.startMs);
    fromMs = page.at(-1)?.startMs ?? fromMs;
    seen = new Set(page.flatMap(({ startMs, spanId }) => startMs === fromMs ? spanId : []));
  }
}

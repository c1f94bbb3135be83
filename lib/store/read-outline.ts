/** Reads the outline of one trace: its blocks in pages, or its rows where it has no blocks. */
import { isForgotten } from '../model/session.ts';
import { read, type Database, type ReadTransaction } from './database.ts';
import { packSpans, type OutlineBlock } from './outline-blocks.ts';
import { storedRows, spansIn } from './spans.ts';

/** `rev`: of the trace as it was when the reading began; whatever changed meanwhile is in a later answer to `sinceRev: rev` as
 *  well. `blocks`: those that changed; `count`: of all there are. */
export interface StoredOutline { rev: number; count: number; blocks: OutlineBlock[] }

/** Blocks of one transaction: some megabytes at most, which takes a few ms. */
const PAGE = 16;

export async function readOutline(database: Database, source: string, traceId: string, sinceRev: number, signal?: AbortSignal): Promise<StoredOutline | undefined> {
  const first = await read(database, ['sessions', 'traces', 'outlines', 'spans'], async (tx) => {
    const [session, trace] = await Promise.all([tx.objectStore('sessions').get(source), tx.objectStore('traces').get([source, traceId])]);
    if (!trace || (session && isForgotten(session, trace))) return undefined;
    const { rev, blocks: { length: count } } = trace;
    if (count > 0) return { rev, count, blocks: await pageOf(tx, source, traceId, sinceRev, 0, count) };
    if (rev <= sinceRev) return { rev, count: 1, blocks: [] };
    const rows = await storedRows(tx, source, traceId);
    return { rev, count: 1, blocks: [{ source, traceId, block: 0, rev, spans: packSpans(rows.flatMap(spansIn)) }] };
  }, signal);
  if (!first || sinceRev > 0) return first;
  for (let from = PAGE; from < first.count; from += PAGE) {
    first.blocks.push(...await read(database, ['outlines'], (tx) => pageOf(tx, source, traceId, 0, from, first.count), signal));
  }
  return first;
}

/** One by one: `getAll` of rows of this size takes three times as long. */
async function pageOf(tx: ReadTransaction, source: string, traceId: string, sinceRev: number, from: number, count: number): Promise<OutlineBlock[]> {
  const outlines = tx.objectStore('outlines');
  if (sinceRev > 0) return outlines.index('rev').getAll(IDBKeyRange.bound([source, traceId, sinceRev], [source, traceId, []], true));
  const asked = Array.from({ length: Math.min(PAGE, count - from) }, (_, at) => outlines.get([source, traceId, from + at]));
  return (await Promise.all(asked)).filter((block) => block !== undefined);
}

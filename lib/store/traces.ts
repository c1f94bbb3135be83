/** The rows of traces and the blocks of their outlines, beside the span rows they are made of: every transaction that changes
 *  spans changes these with them. */
import type { TabSession } from '../model/session.ts';
import type { OutlineSpan, SpanRow } from '../model/span.ts';
import type { TraceRow } from '../model/trace.ts';
import { send, startingWith, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { keepLatest, knownOf } from './known.ts';
import { blocksToCut, inBlocks, inFullBlocks, isSmall, packSpans, unpackSpans, type OutlineBlock } from './outline-blocks.ts';
import { storedRows, spansIn } from './spans.ts';
import { inPlace, rowOf } from './trace-of-spans.ts';
import { joined, summarise, totalsAfter } from './trace-summary.ts';

/** Rows that are kept in memory of each session: those that a run goes on with. */
const KEPT = 128;

/** Where spans of a trace changed.
 *  @param was all its rows as they were stored
 *  @param now all its rows; the changed ones carry `rev` */
export async function putTrace(tx: WriteTransaction, session: TabSession, traceId: string, { was, now, rev }: { was: readonly SpanRow[]; now: readonly SpanRow[]; rev: number }): Promise<void> {
  if (now.length === was.length && now.every((row) => row.rev !== rev)) return;
  if (now.length === 0) return deleteTraceRow(tx, session, traceId);
  const known = was.length > 0 ? await traceRowOf(tx, session.id, traceId) : undefined;
  const [had, after] = [inBlocks(inPlace(was)), inBlocks(inPlace(now))];
  // One from before there were outlines has none yet.
  const before = had.length === known?.blocks.length ? had : [];
  const blocks = after.map((rows, block) => {
    const old = before[block];
    const isSame = old?.length === rows.length && rows.every((row, at) => row.rev !== rev && row.spanId === old[at]?.spanId);
    return isSame ? known?.blocks[block] ?? 0 : putBlock(tx, { source: session.id, traceId, block, rev, spans: packSpans(rows) });
  });
  if (before.length > after.length) send(tx.objectStore('outlines').delete(blocksFrom(session.id, traceId, after.length)));
  putRow(tx, session, known, rowOf(session.id, traceId, summarise(now), blocks, rev));
}

/** New spans of an imported session, in pieces of any size: blocks are filled one after the other, in the order of the file, and eight
 *  small ones become a full one.
 *  Called before the rows themselves are written. */
export async function addToTraces(tx: WriteTransaction, session: TabSession, rows: readonly SpanRow[], rev: number): Promise<void> {
  await Promise.all([...Map.groupBy(rows, ({ traceId }) => traceId)].map(async ([traceId, added]) => {
    const known = await tx.objectStore('traces').get([session.id, traceId]);
    const summary = known ? joined(known, summarise(added)) : summarise(added);
    const blocks = known?.blocks.slice() ?? [];
    if (!isSmall(summary.spans)) {
      const first = blocks.length - blocksToCut(known?.spans ?? 0, blocks.length, added.length);
      const begun = known && blocks.length === 0 ? (await storedRows(tx, session.id, traceId)).flatMap(spansIn) : [];
      const last = first < blocks.length ? await tx.objectStore('outlines').getAll(blocksFrom(session.id, traceId, first)) : [];
      const waiting: OutlineSpan[] = [...begun, ...last.flatMap(({ spans }) => unpackSpans(spans)), ...added];
      blocks.length = first;
      for (const rows of inFullBlocks(waiting)) blocks.push(putBlock(tx, { source: session.id, traceId, block: blocks.length, rev, spans: packSpans(rows) }));
      if (last.length > blocks.length - first) send(tx.objectStore('outlines').delete(blocksFrom(session.id, traceId, blocks.length)));
    }
    putRow(tx, session, known, rowOf(session.id, traceId, summary, blocks, rev));
  }));
}

export async function deleteTraceRow(tx: WriteTransaction, session: TabSession, traceId: string): Promise<void> {
  const known = await tx.objectStore('traces').get([session.id, traceId]);
  send(tx.objectStore('traces').delete([session.id, traceId]));
  knownOf(tx, session.id)?.traceRows.delete(traceId);
  send(tx.objectStore('outlines').delete(startingWith(session.id, traceId)));
  count(session, known, undefined);
}

/** Returns what they and their outlines took on the disk. */
export function deleteTraceRows(tx: WriteTransaction, rows: readonly TraceRow[]): number {
  for (const { source, traceId } of rows) {
    send(tx.objectStore('traces').delete([source, traceId]));
    send(tx.objectStore('outlines').delete(startingWith(source, traceId)));
  }
  return rows.reduce((sum, row) => sum + diskWith(row), 0);
}

/** As it is in this transaction. Those it wrote last the writer does not read again. */
async function traceRowOf(tx: WriteTransaction, session: string, traceId: string): Promise<TraceRow | undefined> {
  return knownOf(tx, session)?.traceRows.get(traceId) ?? await tx.objectStore('traces').get([session, traceId]);
}

function putRow(tx: WriteTransaction, session: TabSession, known: TraceRow | undefined, row: TraceRow): void {
  send(tx.objectStore('traces').put(row));
  keepLatest(knownOf(tx, session.id)?.traceRows, row.traceId, row, KEPT);
  count(session, known, row);
}

const blocksFrom = (source: string, traceId: string, first: number): IDBKeyRange => IDBKeyRange.bound([source, traceId, first], [source, traceId, []]);

/** Returns what it takes on the disk. */
function putBlock(tx: WriteTransaction, block: OutlineBlock): number {
  send(tx.objectStore('outlines').put(block));
  return diskOf('outlines', block);
}

function count(session: TabSession, was: TraceRow | undefined, now: TraceRow | undefined): void {
  session.totals = totalsAfter(session.totals, was, now);
  session.diskBytes += diskWith(now) - diskWith(was);
}

/** Of the row and the blocks of its outline. */
const diskWith = (row: TraceRow | undefined): number => row ? row.blocks.reduce((sum, bytes) => sum + bytes, diskOf('traces', row)) : 0;

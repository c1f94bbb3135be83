/** Rows of spans. A call's has the tools with it that its answer asked for: a row for each would cost as much as the call's. */
import type { SpanRow } from '../model/span.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { keepLatest, knownOf } from './known.ts';

/** Traces of each session that are kept in memory, and rows of each. */
const KEPT_TRACES = 128;
const KEPT_ROWS = 256;

/** What a tool's span shares with its call's. */
type Shared = 'source' | 'traceId' | 'exchange' | 'rev';

/** `toolNames`: ids of the tools' spans, as the index has them. */
export type SpansRow = SpanRow & { tools?: Array<Omit<SpanRow, Shared>>; toolNames?: string[] };

/** Of whatever session, an index has them side by side. */
const nameOf = (source: string, spanId: string): string => `${source}/${spanId}`;

/** The rows of these spans. */
export function inRows(spans: readonly SpanRow[]): SpansRow[] {
  const calls = new Map<string, SpansRow>();
  const rows: SpansRow[] = [];
  for (const span of spans) {
    if (span.toolIndex !== undefined) continue;
    const row: SpansRow = { ...span };
    rows.push(row);
    // The span around a run names its first exchange too, and comes before its call.
    calls.set(span.exchange, row);
  }
  for (const span of spans) {
    if (span.toolIndex === undefined) continue;
    const call = calls.get(span.exchange);
    if (!call) {
      rows.push(span);
      continue;
    }
    const { source, traceId: _traceId, exchange: _exchange, rev: _rev, ...tool } = span;
    (call.tools ??= []).push(tool);
    (call.toolNames ??= []).push(nameOf(source, span.spanId));
  }
  return rows;
}

export function spansIn({ tools, toolNames: _names, ...span }: SpansRow): SpanRow[] {
  if (!tools) return [span];
  const { source, traceId, exchange, rev } = span;
  return [span, ...tools.map((tool) => ({ ...tool, source, traceId, exchange, rev }))];
}

/** As they are stored, in the order of their starts. */
export const storedRows = (tx: ReadTransaction, source: string, traceId: string, most?: number): Promise<SpansRow[]> =>
  tx.objectStore('spans').index('trace').getAll(startingWith(source, traceId), most);

/** As they are in this transaction. Those of the traces it wrote last the writer does not read again. */
export async function rowsOfTrace(tx: WriteTransaction, source: string, traceId: string): Promise<SpansRow[]> {
  const known = knownOf(tx, source);
  const rows = known?.spans.get(traceId);
  if (rows) return [...rows.values()];
  return known && !known.traces.has(traceId) ? [] : storedRows(tx, source, traceId);
}

export async function spanOf(tx: ReadTransaction, source: string, spanId: string): Promise<SpanRow | undefined> {
  const spans = tx.objectStore('spans');
  const row = await spans.get([source, spanId]) ?? await spans.index('tool').get(nameOf(source, spanId));
  return row && spansIn(row).find((span) => span.spanId === spanId);
}

/** Returns what it takes on the disk. */
export function putSpans(tx: WriteTransaction, row: SpansRow): number {
  send(tx.objectStore('spans').put(row));
  remember(tx, row);
  return diskOf('spans', row);
}

/** Returns what it took. */
export function deleteSpans(tx: WriteTransaction, row: SpansRow): number {
  send(tx.objectStore('spans').delete([row.source, row.spanId]));
  knownOf(tx, row.source)?.spans.get(row.traceId)?.delete(row.spanId);
  return diskOf('spans', row);
}

function remember(tx: WriteTransaction, row: SpansRow): void {
  const known = knownOf(tx, row.source);
  if (!known) return;
  const rows = known.spans.get(row.traceId) ?? (known.traces.has(row.traceId) ? undefined : new Map<string, SpansRow>());
  known.traces.add(row.traceId);
  // Of a larger one each change reads all of it.
  if (rows && rows.size < KEPT_ROWS) keepLatest(known.spans, row.traceId, rows.set(row.spanId, row), KEPT_TRACES);
  else known.spans.delete(row.traceId);
}

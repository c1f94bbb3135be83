/** What one record does to the row of its exchange. Pure: rows are changed in place, nothing is read or written. */
import { exchangeId, type BodyCount } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import type { ChunkRecord, EndRecord, HeadRecord, Side, StartRecord } from '../model/record.ts';
import type { DocumentRow, ExchangeRow } from '../store/schema.ts';
import type { Segment } from '../store/segments.ts';

/** Bytes of one side without a gap, as they gather from the records of one batch. */
interface Arrival { offset: number; size: number; parts: Array<Uint8Array<ArrayBuffer>>; times: number[]; ends: number[] }

/** An exchange while a transaction works on it. */
export interface ExchangeChange {
  row: ExchangeRow;
  /** as it is stored; absent when new */ was?: ExchangeRow;
  /** something must be written */ changed: boolean;
  arrived: Record<Side, Arrival[]>;
}

export const changeOf = (row: ExchangeRow, was?: ExchangeRow): ExchangeChange => ({ row, was, changed: was === undefined, arrived: { request: [], response: [] } });

const nothing = (): BodyCount => ({ read: 0, stored: 0, missing: 0 });

export function startExchange(document: DocumentRow, record: StartRecord): ExchangeRow {
  return {
    id: exchangeId(document.documentId, record.exchange), session: document.session, documentId: document.documentId, ordinal: record.exchange,
    frameId: document.frameId, startMs: record.at, clock: record.clock, transport: record.transport, method: record.method, url: record.url,
    pageUrl: document.url, requestHeaders: record.headers, requestForm: record.body, requestSize: record.bodySize, request: nothing(), response: nothing(),
    removedSecrets: record.removed, open: document.documentId, pieces: 0, rev: 0,
  };
}

/** A response has one head: a second is ignored. */
export function addHead(change: ExchangeChange, record: HeadRecord): void {
  const { row } = change;
  if (row.head || hasEnded(row)) return;
  row.head = { atMs: since(row, record.clock), status: record.status, type: record.type, url: record.url, headers: record.headers };
  change.changed = true;
}

/**
 * Counts the bytes of a chunk and keeps those that are new and for which there is room: `read = stored + missing` holds
 * before and after. A place already read is ignored, one left out counts as missing.
 * @param room bytes that may still be stored for the document
 * @returns bytes stored
 */
export function addChunk(change: ExchangeChange, record: ChunkRecord, room: number): number {
  const { row } = change;
  const count = row[record.side];
  const seen = Math.max(0, count.read - record.offset);
  if (hasEnded(row) || (seen > 0 && seen >= record.size)) return 0;
  reopen(row);
  change.changed = true;
  if (record.reserialised && record.side === 'response') row.responseReserialised = true;
  if (record.side === 'response' && record.times.length > 0) row.firstByteMs ??= since(row, record.times[0] ?? 0);
  const skipped = Math.max(0, record.offset - count.read);
  const size = record.size - seen;
  const isRoom = roomBehindGaps(row, record.side, skipped > 0);
  const kept = record.bytes && isRoom ? Math.max(0, Math.min(size, room, limits.bodyBytes - count.stored)) : 0;
  countGap(row, record.side, { before: skipped > 0, kept: kept > 0, behind: kept < size });
  const offset = record.offset + seen;
  if (record.bytes && kept > 0) keep(change.arrived[record.side], offset, record.bytes.subarray(seen, seen + kept), readsOf(row, record, seen, kept));
  count.read = offset + size;
  count.stored += kept;
  count.missing += skipped + size - kept;
  return kept;
}

/** Each stretch of a body is a row of its own, and a page may tell of as many as it has bytes. */
const roomBehindGaps = ({ gaps }: ExchangeRow, side: Side, isBehind: boolean): boolean => (gaps?.[side]?.count ?? 0) + Number(isBehind || gaps?.[side]?.open === true) <= limits.bodyGaps;

function countGap(row: ExchangeRow, side: Side, { before, kept, behind }: { before: boolean; kept: boolean; behind: boolean }): void {
  const { count, open } = row.gaps?.[side] ?? { count: 0, open: false };
  const isBehind = before || open;
  if (isBehind || behind) row.gaps = { ...row.gaps, [side]: { count: count + Number(kept && isBehind), open: behind || (isBehind && !kept) } };
}

export function endExchange(change: ExchangeChange, record: EndRecord): void {
  const { row } = change;
  if (hasEnded(row)) return;
  const lost = Math.max(0, record.bytes - row.response.read);
  row.response.read += lost;
  row.response.missing += lost;
  row.end = { atMs: since(row, record.clock), how: record.how, ...(record.error && { error: record.error }) };
  delete row.open;
  change.changed = true;
}

/** The document is gone, or nobody answers in it: its running call ended with it, as far as we know. */
export function endSilently(change: ExchangeChange, how: 'page_left' | 'recorder_gone', atMs: number): void {
  if (change.row.end) return;
  change.row.end = { atMs: Math.max(0, atMs), how };
  delete change.row.open;
  change.changed = true;
}

/** An end we only assumed gives way to whatever the document tells later (it came back, or the end arrived late). */
const isAssumed = (row: ExchangeRow): boolean => row.end?.how === 'page_left' || row.end?.how === 'recorder_gone';
const hasEnded = (row: ExchangeRow): boolean => row.end !== undefined && !isAssumed(row);

function reopen(row: ExchangeRow): void {
  if (!row.end) return;
  delete row.end;
  row.open = row.documentId;
}

/** ms from the exchange's start; a page that turns its clock back gets 0. */
const since = (row: ExchangeRow, clock: number): number => Math.max(0, clock - row.clock);

/** The reads that brought the bytes from `from` on, `kept` of them; ends count from there. */
function readsOf(row: ExchangeRow, record: ChunkRecord, from: number, kept: number): Array<{ time: number; end: number }> {
  const reads: Array<{ time: number; end: number }> = [];
  for (const [i, end] of record.ends.entries()) {
    const cut = Math.min(end - from, kept);
    if (cut > (reads.at(-1)?.end ?? 0)) reads.push({ time: since(row, record.times[i] ?? 0), end: cut });
  }
  return reads;
}

function keep(arrivals: Arrival[], offset: number, bytes: Uint8Array<ArrayBuffer>, reads: Array<{ time: number; end: number }>): void {
  let last = arrivals.at(-1);
  if (!last || last.offset + last.size !== offset) arrivals.push(last = { offset, size: 0, parts: [], times: [], ends: [] });
  for (const { time, end } of reads) {
    last.times.push(time);
    last.ends.push(last.size + end);
  }
  last.parts.push(bytes);
  last.size += bytes.byteLength;
}

export function segmentsOf(arrivals: Arrival[]): Segment[] {
  return arrivals.map(({ offset, size, parts, times, ends }) => {
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    return { offset, bytes, times: new Float64Array(times), ends: new Uint32Array(ends) };
  });
}

/** Stores the bytes that arrived and reads the calls on: small facts onto the row, new text into live pieces. */
import { limits } from '../model/limits.ts';
import type { CutRequest } from '../model/request-list.ts';
import { send, startingWith } from '../store/database.ts';
import type { ExchangeRow } from '../store/schema.ts';
import { putRequestBytes } from '../store/request-bodies.ts';
import { putSegment } from '../store/segments.ts';
import { factsOf } from '../trace/facts.ts';
import { callOf, endFold, type LiveText } from '../trace/fold.ts';
import { segmentsOf, type ExchangeChange } from './exchange-rows.ts';
import { indexEnded, tellingOf } from './indexing.ts';
import { dropTimes, feed, type Folds, type Reading } from './folds.ts';
import type { Work } from './work.ts';

/** Pieces of live text that may still be written. */
interface Live { left: number }

export async function derive(work: Work, folds: Folds): Promise<void> {
  const live = { left: limits.livePieces };
  for (const change of work.exchanges.values()) if (change.changed) await deriveOne(work, folds, change, live);
}

async function deriveOne(work: Work, folds: Folds, change: ExchangeChange, live: Live): Promise<void> {
  const { tx } = work;
  const { row, arrived } = change;
  let whole: CutRequest | undefined;
  for (const { offset, parts } of arrived.request) {
    const { disk, request } = await putRequestBytes(tx, row, row.requestSize, offset, parts, tellingOf(work, row));
    whole = request;
    row.requestDisk = (row.requestDisk ?? 0) + disk;
    work.session.diskBytes += disk;
  }
  // A reading begins with the whole request.
  if (arrived.request.length > 0) folds.forget(row.id);
  if (!isRequestComplete(row)) return;
  const { reading, regained } = await folds.of(tx, row, change.was?.response.stored ?? 0, whole);
  // Written after the reading was regained: the database must not hold them twice.
  const answered = segmentsOf(arrived.response);
  for (const segment of answered) {
    const disk = putSegment(tx, row.id, segment);
    row.disk = (row.disk ?? 0) + disk;
    work.session.diskBytes += disk;
  }
  const fed = answered.flatMap((segment) => feed(reading, segment));
  const flushed = row.end ? endFold(reading.fold) : [];
  readFacts(row, reading);
  if (row.end) {
    folds.forget(row.id);
    if (row.pieces > 0) send(tx.objectStore('live').delete(startingWith(row.id)));
    row.pieces = 0;
    work.session.diskBytes += await indexEnded(work, row, callOf(reading.fold), answered);
  } else {
    addPieces(work, row, [...(row.pieces === 0 ? regained : []), ...fed, ...flushed], live);
  }
}

/** A mistake of ours costs the facts of this call, never its bytes, nor what else came with them. */
function readFacts(row: ExchangeRow, reading: Reading): void {
  try {
    const call = callOf(reading.fold);
    const facts = factsOf(row, call, reading);
    // Known once, it stays: the times of the reads that tell it are dropped.
    row.facts = { ...facts, firstTokenMs: row.facts?.firstTokenMs ?? facts.firstTokenMs };
    if (call.firstTokenByte !== undefined) dropTimes(reading);
  } catch (error) { reportError(error); }
}

/** Its bytes arrived or were counted as missing, or the call went on without them. */
function isRequestComplete(row: ExchangeRow): boolean {
  return row.request.read >= row.requestSize || row.response.read > 0 || row.head !== undefined || row.end !== undefined;
}

function addPieces({ tx }: Work, row: ExchangeRow, texts: LiveText[], live: Live): void {
  const joined: LiveText[] = [];
  for (const { kind, text } of texts) {
    const last = joined.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text !== '') joined.push({ kind, text });
  }
  const latest = live.left > 0 ? joined.slice(-live.left) : [];
  live.left -= latest.length;
  for (const { kind, text } of latest) send(tx.objectStore('live').put({ exchange: row.id, n: row.pieces++, kind, text }));
}

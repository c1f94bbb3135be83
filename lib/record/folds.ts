/** Readings of the running calls, in memory: only a cache. What is absent, or has read other bytes than are stored (the
 *  worker died, a transaction failed), is read again from the segments. */
import { limits } from '../model/limits.ts';
import type { ExchangeId } from '../model/exchange.ts';
import type { CutRequest } from '../model/request-list.ts';
import type { WriteTransaction } from '../store/database.ts';
import type { ExchangeRow } from '../store/schema.ts';
import { requestBytesOf } from '../store/request-bodies.ts';
import { responseOf, type Segment } from '../store/segments.ts';
import { feedFold, foldedBytes, setHead, startFold, type Fold, type LiveText } from '../trace/fold.ts';

export interface Reading {
  fold: Fold;
  requestBytes: number;
  /** when the page had read how much, kept until the first token is known */ times: number[]; ends: number[];
}

export interface Folds {
  /** The reading of the response's first `stored` bytes, all that is in the database. `regained`: the text of them, where
   *  they were read again.
   *  @param request where all of it is at hand */
  of(tx: WriteTransaction, row: ExchangeRow, stored: number, request?: CutRequest): Promise<{ reading: Reading; regained: LiveText[] }>;
  /** Bytes that must be looked at to read the call on: all of them where its reading is not in memory; else facts are
   *  made of what was read, for about a tenth of that. */
  costOf(row: ExchangeRow): number;
  forget(exchange: ExchangeId): void;
  forgetAll(): void;
}

const sizeOf = ({ fold, requestBytes, times, ends }: Reading): number => requestBytes + foldedBytes(fold) + 8 * (times.length + ends.length);

export function createFolds(): Folds {
  /** least recently used first */
  const readings = new Map<ExchangeId, Reading>();

  async function readAgain(tx: WriteTransaction, row: ExchangeRow, stored: number, atHand?: CutRequest): Promise<{ reading: Reading; regained: LiveText[] }> {
    const request = atHand ?? (row.request.stored > 0 ? await requestBytesOf(tx, row) : undefined);
    const reading: Reading = { fold: startFold(row, request), requestBytes: row.request.stored, times: [], ends: [] };
    const regained = stored > 0 ? feed(reading, { offset: 0, ...await responseOf(tx, row) }) : [];
    return { reading, regained };
  }

  /** @param used stays: its transaction goes on with it */
  function makeRoom(used: ExchangeId): void {
    let bytes = [...readings.values()].reduce((sum, reading) => sum + sizeOf(reading), 0);
    for (const [id, reading] of readings) {
      if (id === used || (readings.size <= limits.folds && bytes <= limits.foldBytes)) return;
      readings.delete(id);
      bytes -= sizeOf(reading);
    }
  }

  return {
    async of(tx, row, stored, request) {
      const kept = readings.get(row.id);
      readings.delete(row.id);
      const found = kept && foldedBytes(kept.fold) === stored ? { reading: kept, regained: [] } : await readAgain(tx, row, stored, request);
      readings.set(row.id, found.reading);
      makeRoom(row.id);
      setHead(found.reading.fold, row);
      return found;
    },
    costOf({ id, request, response }) {
      const kept = readings.get(id);
      const bytes = request.stored + response.stored;
      return kept && foldedBytes(kept.fold) === response.stored ? bytes / 10 : bytes;
    },
    forget: (exchange) => void readings.delete(exchange),
    forgetAll: () => readings.clear(),
  };
}

/** Reads on. Returns the text this added to the answer. */
export function feed(reading: Reading, { bytes, times, ends }: Segment): LiveText[] {
  const before = foldedBytes(reading.fold);
  for (const [i, end] of ends.entries()) {
    const at = Math.min(reading.times.length, limits.foldReads - 1);
    reading.times[at] = times[i] ?? 0;
    reading.ends[at] = before + end;
  }
  return feedFold(reading.fold, bytes);
}

/** Once the first token's time is known nothing else asks for the times of reads. */
export function dropTimes(reading: Reading): void {
  reading.times.length = reading.ends.length = 0;
}

/** Response bodies: segments, one a batch, put together again when read. */
import type { Exchange } from '../model/exchange.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import type { StoredBody } from './reader.ts';

/** Bytes without a gap. `offset`: the first one's place in the body. `ends` count from it, `times` are ms from the
 *  exchange's start. */
export interface Segment { offset: number; bytes: Uint8Array<ArrayBuffer>; times: Float64Array; ends: Uint32Array }

/** Returns what it takes on the disk. */
export function putSegment(tx: WriteTransaction, exchange: string, segment: Segment): number {
  const row = { exchange, side: 'response', size: segment.bytes.byteLength, ...segment } as const;
  send(tx.objectStore('segments').put(row));
  return diskOf('segments', row);
}

/** The response as far as it is stored; see StoredBody. */
export async function responseOf(tx: ReadTransaction, { id }: Pick<Exchange, 'id'>): Promise<Omit<StoredBody, 'missing'>> {
  const rows = await tx.objectStore('segments').getAll(startingWith(id, 'response'));
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.size, 0));
  const reads = rows.reduce((sum, row) => sum + row.ends.length, 0);
  const times = new Float64Array(reads);
  const ends = new Uint32Array(reads);
  let at = 0;
  let read = 0;
  for (const row of rows) {
    bytes.set(row.bytes, at);
    times.set(row.times, read);
    ends.set(row.ends.map((end) => end + at), read);
    at += row.size;
    read += row.ends.length;
  }
  return { bytes, times, ends };
}

/** When the last stored bytes of the response reached the page, ms from the exchange's start. */
export async function lastReadMs(tx: ReadTransaction, exchange: string): Promise<number | undefined> {
  const cursor = await tx.objectStore('segments').openCursor(startingWith(exchange, 'response'), 'prev');
  return cursor?.value.times.at(-1);
}

export function deleteResponse(tx: WriteTransaction, exchange: string): void {
  send(tx.objectStore('segments').delete(startingWith(exchange)));
}

/** Bodies: segments, one a side and batch, put together again when read. */
import type { Exchange } from '../model/exchange.ts';
import type { Side } from '../model/record.ts';
import { contentOf, deleteContent, putContent } from './contents.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import type { StoredBody } from './reader.ts';

/** Bytes without a gap. `offset`: the first one's place in the body. `ends` count from it, `times` are ms from the
 *  exchange's start. */
export interface Segment { offset: number; bytes: Uint8Array<ArrayBuffer>; times: Float64Array; ends: Uint32Array }

type Owner = Pick<Exchange, 'id' | 'session'>;

export function putSegment(tx: WriteTransaction, owner: Owner, side: Side, segment: Segment): void {
  const { offset, bytes, times, ends } = segment;
  const place = side === 'request'
    ? { content: putContent(tx, owner.session, `${owner.id}/${offset}`, bytes) }
    : { bytes };
  send(tx.objectStore('segments').put({ exchange: owner.id, side, offset, size: bytes.byteLength, ...place, times, ends }));
}

/** The body as far as it is stored; see StoredBody. */
export async function bodyOf(tx: ReadTransaction, owner: Owner, side: Side): Promise<Omit<StoredBody, 'missing'>> {
  const rows = await tx.objectStore('segments').getAll(startingWith(owner.id, side));
  const parts = await Promise.all(rows.map(async (row) => row.bytes ?? await contentOf(tx, owner.session, row.content ?? '') ?? new Uint8Array(row.size)));
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.size, 0));
  const reads = rows.reduce((sum, row) => sum + row.ends.length, 0);
  const times = new Float64Array(reads);
  const ends = new Uint32Array(reads);
  let at = 0;
  let read = 0;
  for (const [i, row] of rows.entries()) {
    bytes.set(parts[i] ?? [], at);
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

/** Forgets both bodies of one exchange. */
export async function deleteBodies(tx: WriteTransaction, owner: Owner): Promise<void> {
  const rows = await tx.objectStore('segments').getAll(startingWith(owner.id, 'request'));
  for (const { content } of rows) if (content !== undefined) deleteContent(tx, owner.session, content);
  send(tx.objectStore('segments').delete(startingWith(owner.id)));
}

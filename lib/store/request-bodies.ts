/**
 * Request bodies. A body lies as it arrives until all of it is there; then it is cut, and of what earlier requests of the
 * session had in common with it nothing is stored twice: the row keeps hashes. It is put together again byte for byte.
 */
import type { Exchange } from '../model/exchange.ts';
import { keepLists, listOf, putList, type ChainHead } from './chains.ts';
import { cutBody } from './cut-body.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { hashOf, pieceOf, putPiece, type Hash } from './pieces.ts';

/** Bytes, or the elements of a list with a comma between them. */
export type BodyPart = { piece: Hash } | ChainHead;

/** Bytes of a request without a gap: `bytes` as they arrived, or `parts` once the whole body was there. */
export interface BodyRow { session: string; exchange: string; offset: number; size: number; bytes?: Uint8Array<ArrayBuffer>; parts?: BodyPart[] }

type Owner = Pick<Exchange, 'id' | 'session'> & { /** of the whole body */ requestSize: number };

/** Stores bytes of a request that are not there yet. Returns what that took. */
export async function putRequestBytes(tx: WriteTransaction, owner: Owner, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const { id: exchange, session, requestSize } = owner;
  const bodies = tx.objectStore('bodies');
  if (bytes.byteLength === requestSize) return putWhole(tx, owner, bytes);
  send(bodies.put({ session, exchange, offset, size: bytes.byteLength, bytes }));
  const rows = await bodies.getAll(startingWith(session, exchange));
  if (rows.reduce((sum, { size }) => sum + size, 0) < requestSize) return bytes.byteLength;
  const whole = joined(rows.map((row) => row.bytes ?? new Uint8Array(row.size)));
  send(bodies.delete(startingWith(session, exchange)));
  return await putWhole(tx, owner, whole) - (whole.byteLength - bytes.byteLength);
}

async function putWhole(tx: WriteTransaction, { id: exchange, session }: Owner, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  let stored = 0;
  const parts: BodyPart[] = [];
  for (const cut of cutBody(bytes)) {
    if ('elements' in cut) {
      const list = await putList(tx, session, cut.elements);
      stored += list.stored;
      parts.push(list.head);
    } else {
      const piece = hashOf(session, cut.bytes);
      stored += await putPiece(tx, session, piece, cut.bytes);
      parts.push({ piece });
    }
  }
  send(tx.objectStore('bodies').put({ session, exchange, offset: 0, size: bytes.byteLength, parts }));
  return stored;
}

/** What is stored of a request, in order, gaps left out; `at`: where each stretch begins in the body. */
export async function requestBytesOf(tx: ReadTransaction, { id, session }: Pick<Exchange, 'id' | 'session'>): Promise<Uint8Array<ArrayBuffer>> {
  const rows = await tx.objectStore('bodies').getAll(startingWith(session, id));
  return joined(await Promise.all(rows.map(async (row) => row.bytes ?? await rebuilt(tx, row) ?? new Uint8Array(row.size))));
}

/** Undefined when a part of it is not stored. */
async function rebuilt(tx: ReadTransaction, { session, size, parts = [] }: BodyRow): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(size);
  let at = 0;
  const add = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.byteLength;
  };
  for (const part of parts) {
    const pieces = 'chain' in part ? await listOf(tx, session, part) : [await pieceOf(tx, session, part.piece)];
    if (!pieces) return undefined;
    for (const [i, piece] of pieces.entries()) {
      if (!piece) return undefined;
      if (i > 0) add(COMMA);
      add(piece);
    }
  }
  return at === size ? bytes : undefined;
}

const COMMA = new Uint8Array([0x2c]);

function joined(parts: ReadonlyArray<Uint8Array<ArrayBuffer>>): Uint8Array<ArrayBuffer> {
  if (parts.length === 1 && parts[0]) return parts[0];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

export function deleteRequest(tx: WriteTransaction, { id, session }: Pick<Exchange, 'id' | 'session'>): void {
  send(tx.objectStore('bodies').delete(startingWith(session, id)));
}

/** Takes away what no request of the session uses any more. Reads rows and keys of the session, no bytes. */
export async function sweepPieces(tx: WriteTransaction, session: string): Promise<void> {
  const parts = (await tx.objectStore('bodies').getAll(startingWith(session))).flatMap((row) => row.parts ?? []);
  const used = new Set((await keepLists(tx, session, parts.filter((part) => 'chain' in part))).map((hash) => hash.toHex()));
  for (const part of parts) if ('piece' in part) used.add(part.piece.toHex());
  for (const key of await tx.objectStore('pieces').getAllKeys(startingWith(session))) {
    const hash = new Uint8Array(key[1] as unknown as ArrayBuffer);
    if (!used.has(hash.toHex())) send(tx.objectStore('pieces').delete([session, hash]));
  }
}

/** All requests of a session. */
export function deleteRequests(tx: WriteTransaction, session: string): void {
  for (const store of ['bodies', 'chains', 'pieces'] as const) send(tx.objectStore(store).delete(startingWith(session)));
}

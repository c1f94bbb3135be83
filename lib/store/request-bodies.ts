/**
 * Request bodies. A body lies as it arrives until all of it is there; then it is cut, and of what earlier requests of the
 * session had in common with it nothing is stored twice: the row keeps hashes. It is put together again byte for byte.
 */
import type { Exchange } from '../model/exchange.ts';
import { keepLists, listOf, putList, type ChainHead } from './chains.ts';
import { cutBody } from './cut-body.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { hashOf, pieceOf, putPiece, type Hash } from './pieces.ts';

/** Bytes, or the elements of a list with a comma between them. */
export type BodyPart = { piece: Hash } | ChainHead;

/** Bytes of a request without a gap: `bytes` as they arrived, or `parts` once the whole body was there. */
export interface BodyRow { session: string; exchange: string; offset: number; size: number; bytes?: Uint8Array<ArrayBuffer>; parts?: BodyPart[] }

type Owner = Pick<Exchange, 'id' | 'session'> & { /** of the whole body */ requestSize: number };

/** Stores bytes of a request that are not there yet. Returns what that took on the disk. */
export async function putRequestBytes(tx: WriteTransaction, owner: Owner, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const { id: exchange, session, requestSize } = owner;
  const bodies = tx.objectStore('bodies');
  if (bytes.byteLength === requestSize) return putWhole(tx, owner, bytes);
  const row: BodyRow = { session, exchange, offset, size: bytes.byteLength, bytes };
  send(bodies.put(row));
  const rows = await bodies.getAll(startingWith(session, exchange));
  if (rows.reduce((sum, { size }) => sum + size, 0) < requestSize) return diskOf('bodies', row);
  const whole = joined(rows.map((row) => row.bytes ?? new Uint8Array(row.size)));
  send(bodies.delete(startingWith(session, exchange)));
  return diskOf('bodies', row) + await putWhole(tx, owner, whole) - rows.reduce((sum, each) => sum + diskOf('bodies', each), 0);
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
  const row: BodyRow = { session, exchange, offset: 0, size: bytes.byteLength, parts };
  send(tx.objectStore('bodies').put(row));
  return stored + diskOf('bodies', row);
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

/** Returns what its own rows took on the disk; what it had in common with others is found by `sweepPieces`. */
export async function deleteRequest(tx: WriteTransaction, { id, session }: Pick<Exchange, 'id' | 'session'>): Promise<number> {
  const reading = tx.objectStore('bodies').getAll(startingWith(session, id));
  send(tx.objectStore('bodies').delete(startingWith(session, id)));
  return (await reading).reduce((sum, row) => sum + diskOf('bodies', row), 0);
}

/** Takes away what no request of the session uses any more. Returns what that took on the disk. Of what stays it reads rows and
 *  keys, no bytes. */
export async function sweepPieces(tx: WriteTransaction, session: string): Promise<number> {
  const parts = (await tx.objectStore('bodies').getAll(startingWith(session))).flatMap((row) => row.parts ?? []);
  const { kept, freed: chains } = await keepLists(tx, session, parts.filter((part) => 'chain' in part));
  const used = new Set(kept.map((hash) => hash.toHex()));
  let freed = chains;
  for (const part of parts) if ('piece' in part) used.add(part.piece.toHex());
  for (const key of await tx.objectStore('pieces').getAllKeys(startingWith(session))) {
    const hash = new Uint8Array(key[1] as unknown as ArrayBuffer);
    if (used.has(hash.toHex())) continue;
    const row = await tx.objectStore('pieces').get([session, hash]);
    if (row) freed += diskOf('pieces', row);
    send(tx.objectStore('pieces').delete([session, hash]));
  }
  return freed;
}

/** All requests of a session. */
export function deleteRequests(tx: WriteTransaction, session: string): void {
  for (const store of ['bodies', 'chains', 'pieces'] as const) send(tx.objectStore(store).delete(startingWith(session)));
}

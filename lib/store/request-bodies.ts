/**
 * Request bodies. As a body comes it is cut, and of what earlier requests of the session had in common with it nothing is
 * stored twice: what is kept of it are hashes. Only its last part, not yet known whole, lies as it came. It is put together
 * again byte for byte.
 */
import type { Exchange } from '../model/exchange.ts';
import type { CutRequest } from '../model/request-list.ts';
import { hashesOfList, listOf, putList, type ChainHead } from './chains.ts';
import { newScan, type Scan } from './cut-body.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { growOn } from './grow-body.ts';
import { hashOf, hasPiece, joinedHashes, pieceOf, piecesOf, putPieces, splitHashes, type Hash, type OnPiece, type Piece } from './pieces.ts';
import { beginGrowing, boundRecent, endGrowing, growingOf, recentLists, stopGrowing, type OpenList } from './recent-lists.ts';
import { bytesBetween, stretchOf } from './stretch.ts';
import { usesOf } from './uses.ts';

/** Bytes, or the elements of a list with a comma between them. */
export type BodyPart = { piece: Hash } | ChainHead;

/** The row of offset −1: the first `size` bytes, cut. */
interface CutRow {
  session: string; exchange: string; offset: -1; size: number;
  parts: BodyPart[];
  /** hashes of the elements, a comma behind each, of a list that has not ended */ open?: Uint8Array<ArrayBuffer>;
  /** while more may come */ scan?: Scan;
}
/** Bytes as they came, some of which may be cut by now. */
interface RawRow { session: string; exchange: string; offset: number; size: number; bytes: Uint8Array<ArrayBuffer> }
export type BodyRow = CutRow | RawRow;

const COMMA_BYTE = new Uint8Array([0x2c]);

export const isCut = (row: BodyRow): row is CutRow => row.offset === -1;

type Owner = Pick<Exchange, 'id' | 'session'>;

/** `everyPiece`: also of those that are stored and known. */
interface Told { onPiece?: OnPiece; everyPiece?: boolean }

/** Stores the next bytes of a request, which are not to be changed any more. Returns what that takes on the disk and, with the
 *  last of them, the request, where all of it was seen.
 *  @param whole size of the whole body
 *  @param parts one after the other */
export async function putRequestBytes(tx: WriteTransaction, { id: exchange, session }: Owner, whole: number, offset: number, parts: ReadonlyArray<Uint8Array<ArrayBuffer>>, { onPiece, everyPiece }: Told = {}): Promise<{ disk: number; request?: CutRequest }> {
  const bodies = tx.objectStore('bodies');
  const stored = offset === 0 ? undefined : await bodies.get([session, exchange, -1]);
  const before = stored ? diskOf('bodies', stored) : 0;
  const row: CutRow = stored && isCut(stored) ? stored : { session, exchange, offset: -1, size: 0, parts: [], ...(offset === 0 && { scan: newScan() }) };
  // Behind a gap nobody can say what a byte stands for.
  if (row.scan?.at !== offset) {
    delete row.scan;
    stopGrowing(tx, exchange);
    const bytes = joined(parts).slice();
    return { disk: put(row) + put({ session, exchange, offset, size: bytes.byteLength, bytes }) - before };
  }
  const { scan } = row;
  const growing = offset === 0 ? beginGrowing(tx, session, exchange) : growingOf(tx, exchange);
  const everyOne = everyPiece === true || usesOf(tx, session) !== undefined;
  if (everyOne && growing?.open) growing.open.recent = [];
  const steps = parts.flatMap((part) => growOn(scan, part, growing, () => everyOne ? [] : recentLists(tx, session)));
  const isWhole = scan.at === whole;
  const waiting = offset > row.size && (steps.length > 0 || isWhole) ? await bodies.getAll(rawFrom(session, exchange)) as RawRow[] : [];
  const stretch = stretchOf([...waiting.map(({ bytes }) => bytes), ...parts], waiting[0]?.offset ?? offset);
  const body = (from: number, to: number): Uint8Array<ArrayBuffer> => bytesBetween(stretch, from, to);
  let taken = -before;
  const fresh = new Map<string, Piece>();

  async function keep(part: Uint8Array<ArrayBuffer>, to: number): Promise<Hash> {
    const hash = hashOf(session, part);
    usesOf(tx, session)?.pieces.set(hash.toHex(), exchange);
    const isNew = !fresh.has(hash.toHex()) && !await hasPiece(tx, session, hash);
    if (isNew) fresh.set(hash.toHex(), { hash, bytes: part });
    onPiece?.(hash, part, isNew);
    row.size = to;
    return hash;
  }
  let open = row.open && splitHashes(row.open);
  async function endList(list?: OpenList): Promise<void> {
    const hashes = open ?? [];
    const { head, stored, prefixes } = await putList(tx, { session, exchange }, hashes, list?.prefixes);
    if (list) Object.assign(list, { hashes, prefixes });
    row.parts.push(head);
    taken += stored;
    open = undefined;
  }
  for (const step of steps) {
    const { kind, at } = step;
    if (kind === 'list') {
      row.parts.push({ piece: await keep(body(row.size, at + 1), at + 1) });
      open = [];
      continue;
    }
    if (kind === 'shared') open = [...open ?? [], ...step.hashes];
    else open?.push(await keep(body(row.size, at), at));
    if (kind === 'end') await endList(step.list);
    else row.size = at + 1;
  }
  // A list that does not end: the comma behind its last element belongs to what follows.
  const cutShort = isWhole && open !== undefined && open.length > 0;
  if (isWhole) {
    if (cutShort) await endList();
    const rest = body(row.size, whole);
    if (cutShort || rest.byteLength > 0) row.parts.push({ piece: await keep(cutShort ? joined([COMMA_BYTE, rest]) : rest, whole) });
    open = undefined;
    delete row.scan;
  }
  if (open) row.open = joinedHashes(open);
  else delete row.open;
  taken += putPieces(tx, session, fresh.values());
  for (const raw of waiting) {
    if (raw.offset + raw.size > row.size) continue;
    send(bodies.delete([session, exchange, raw.offset]));
    taken -= diskOf('bodies', raw);
  }
  const left = Math.max(offset, row.size);
  if (left < stretch.end) taken += put({ session, exchange, offset: left, size: stretch.end - left, bytes: body(left, stretch.end).slice() });
  const disk = taken + put(row);
  const request = isWhole && growing ? endGrowing(tx, exchange, growing, scan) : undefined;
  boundRecent(tx);
  return { disk, ...(request && { request }) };

  function put(written: BodyRow): number {
    send(bodies.put(written));
    return diskOf('bodies', written);
  }
}

const rawFrom = (session: string, exchange: string): IDBKeyRange => IDBKeyRange.bound([session, exchange, 0], [session, exchange, []]);

/** What is stored of a request, in order, gaps left out. */
export async function requestBytesOf(tx: ReadTransaction, { id, session }: Owner): Promise<Uint8Array<ArrayBuffer>> {
  const rows = await tx.objectStore('bodies').getAll(startingWith(session, id));
  const cut = rows.find(isCut);
  const parts = cut ? [await rebuilt(tx, cut)] : [];
  for (const row of rows) if (!isCut(row)) parts.push(row.bytes.subarray(Math.max(0, (cut?.size ?? 0) - row.offset)));
  return joined(parts);
}

/** The pieces of a request as far as it is cut. */
export async function hashesOfBody(tx: ReadTransaction, { session, parts, open }: CutRow): Promise<Hash[]> {
  const hashes = await Promise.all(parts.map((part) => 'chain' in part ? hashesOfList(tx, session, part) : [part.piece]));
  return [...hashes.flat(), ...splitHashes(open ?? new Uint8Array())];
}

/** Zeros where a part of it is not stored. */
async function rebuilt(tx: ReadTransaction, { session, size, parts, open }: CutRow): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  const add = (part: Uint8Array | undefined): void => {
    if (!part || at + part.byteLength > size) return;
    bytes.set(part, at);
    at += part.byteLength;
  };
  for (const part of parts) {
    const pieces = 'chain' in part ? await listOf(tx, session, part) : [await pieceOf(tx, session, part.piece)];
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) add(COMMA_BYTE);
      add(piece);
    }
  }
  for (const piece of await piecesOf(tx, session, splitHashes(open ?? new Uint8Array()))) {
    add(piece);
    add(COMMA_BYTE);
  }
  return at === size ? bytes : new Uint8Array(size);
}

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

/** Returns what its own rows took on the disk; what it had in common with others is a matter of `unused.ts`. */
export async function deleteRequest(tx: WriteTransaction, { id, session }: Owner): Promise<number> {
  const reading = tx.objectStore('bodies').getAll(startingWith(session, id));
  send(tx.objectStore('bodies').delete(startingWith(session, id)));
  return (await reading).reduce((sum, row) => sum + diskOf('bodies', row), 0);
}

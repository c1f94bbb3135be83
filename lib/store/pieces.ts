/**
 * Bytes that are stored once a session, under a hash of the session and them: no page can plant content for another session,
 * and what a session repeats costs nothing. A piece is never changed; `unused.ts` knows which are still used.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { knownOf } from './known.ts';
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';

/** First 16 bytes of a SHA-256. Synchronous: WebCrypto's comes after an IndexedDB transaction has closed. */
export type Hash = Uint8Array<ArrayBuffer>;

/** Length of each part before it, so that no two lists of parts are hashed the same. */
export function hashOf(session: string, ...parts: Uint8Array[]): Hash {
  const begin = beginning(session);
  if (parts.reduce((sum, { byteLength }) => sum + byteLength + MOST_DIGITS, begin.byteLength) > scratch.byteLength) {
    return parts.reduce((hash, part) => hash.update(encoder.encode(`${part.byteLength}:`)).update(part), sha256.create().update(begin)).digest().slice(0, HASH_BYTES);
  }
  // Small ones in one go: each further piece of them costs as much as the hash.
  scratch.set(begin);
  let at = begin.byteLength;
  for (const part of parts) {
    for (const digit of `${part.byteLength}:`) scratch[at++] = digit.charCodeAt(0);
    scratch.set(part, at);
    at += part.byteLength;
  }
  return sha256(scratch.subarray(0, at)).slice(0, HASH_BYTES);
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(16 * 1024);

let last = { session: '', bytes: encoder.encode('0:') };

function beginning(session: string): Uint8Array {
  if (last.session !== session) last = { session, bytes: encoder.encode(`${session.length}:${session}`) };
  return last.bytes;
}

const HASH_BYTES = 16;
const MOST_DIGITS = 16;

/** Hashes one after the other. */
export function joinedHashes(hashes: readonly Hash[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [i, hash] of hashes.entries()) all.set(hash, i * HASH_BYTES);
  return all;
}

export const splitHashes = (hashes: Uint8Array): Hash[] => Array.from({ length: hashes.byteLength / HASH_BYTES }, (_, i) => new Uint8Array(hashes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES)));

/** Told of each piece of a request. `isNew`: it was not stored yet. */
export type OnPiece = (hash: Hash, bytes: Uint8Array<ArrayBuffer>, isNew: boolean) => void;

export interface Piece { hash: Hash; bytes: Uint8Array<ArrayBuffer> }

/** The pieces that one request brought, as far as they are small: a row for each would cost three times as much. `more`: names of
 *  all but the first, which is found by its key; `ends`: where each ends in `bytes`, where there are several. */
export interface PieceRow { session: string; hash: Hash; bytes: Uint8Array<ArrayBuffer>; more?: string[]; ends?: number[] }

/** Bytes and pieces of one row: larger ones are read for one small piece in them, or lie in files of their own. */
const ROW_BYTES = 16 * 1024;
const ROW_PIECES = 24;

/** A hash as an index has it: as text it takes a third of the time that bytes take. */
export const nameOf = (hash: Uint8Array): string => String.fromCharCode(...hash);
const hashNamed = (name: string): Hash => Uint8Array.from(name, (character) => character.charCodeAt(0));

/** Is this piece stored? */
export async function hasPiece(tx: ReadTransaction, session: string, hash: Hash): Promise<boolean> {
  const known = knownOf(tx, session);
  return known ? known.pieces.has(hash.toHex()) : await keyOf(tx, session, hash) !== undefined;
}

/** Of the row that holds it. */
async function keyOf(tx: ReadTransaction, session: string, hash: Hash): Promise<[string, Hash] | undefined> {
  const pieces = tx.objectStore('pieces');
  const [first, among] = await Promise.all([pieces.getKey([session, hash]), pieces.index('more').getKey(nameOf(hash))]);
  return first ?? (among?.[0] === session ? among : undefined);
}

/** Stores pieces that are not stored yet. Returns what this takes on the disk. */
export function putPieces(tx: WriteTransaction, session: string, pieces: Iterable<Piece>): number {
  const known = knownOf(tx, session);
  const rows: Piece[][] = [];
  let bytes = Infinity;
  for (const piece of pieces) {
    known?.pieces.add(piece.hash.toHex());
    bytes += piece.bytes.byteLength;
    if (bytes > ROW_BYTES || rows.at(-1)?.length === ROW_PIECES) {
      rows.push([]);
      bytes = piece.bytes.byteLength;
    }
    rows.at(-1)?.push(piece);
  }
  return rows.reduce((sum, row) => sum + putRow(tx, session, row), 0);
}

function putRow(tx: WriteTransaction, session: string, pieces: readonly Piece[]): number {
  const [first, ...others] = pieces;
  if (!first) return 0;
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.bytes.byteLength, 0));
  const ends: number[] = [];
  for (const piece of pieces) {
    bytes.set(piece.bytes, ends.at(-1) ?? 0);
    ends.push((ends.at(-1) ?? 0) + piece.bytes.byteLength);
  }
  const row: PieceRow = { session, hash: first.hash, bytes, ...(others.length > 0 && { more: others.map(({ hash }) => nameOf(hash)), ends }) };
  send(tx.objectStore('pieces').put(row));
  return diskOf('pieces', row);
}

export async function pieceOf(tx: ReadTransaction, session: string, hash: Hash): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = await keyOf(tx, session, hash);
  const row = key && await tx.objectStore('pieces').get(key);
  return row && piecesIn(row).find((piece) => piece.hash.toHex() === hash.toHex())?.bytes;
}

/** The pieces in order, where a row is read once for all that it holds; undefined where one is not stored. */
export async function piecesOf(tx: ReadTransaction, session: string, hashes: readonly Hash[]): Promise<Array<Uint8Array<ArrayBuffer> | undefined>> {
  const keys = await Promise.all(hashes.map((hash) => keyOf(tx, session, hash)));
  const firsts = new Map(keys.flatMap((key) => key ? [[hashIn(key).toHex(), hashIn(key)]] : []));
  const rows = await Promise.all([...firsts.values()].map((first) => tx.objectStore('pieces').get([session, first])));
  const found = new Map(rows.flatMap((row) => row ? piecesIn(row) : []).map(({ hash, bytes }) => [hash.toHex(), bytes]));
  return hashes.map((hash) => found.get(hash.toHex()));
}

/** Keys come back as buffers. */
const hashIn = (key: readonly [string, Hash]): Hash => new Uint8Array(key[1] as unknown as ArrayBuffer);

/** What a row holds. */
export const piecesIn = (row: PieceRow): Piece[] => namedPiecesIn(row).map(({ name, bytes }) => ({ hash: hashNamed(name), bytes }));

/** The same with their names, which cost less. */
export function namedPiecesIn({ hash, bytes, more = [], ends = [bytes.byteLength] }: PieceRow): Array<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  return [nameOf(new Uint8Array(hash)), ...more].map((name, i) => ({ name, bytes: bytes.subarray(ends[i - 1] ?? 0, ends[i]) }));
}

/** Takes away the pieces that are not used, from the rows in this page.
 *  @param used hashes (hex)
 *  @returns what is free on the disk for it */
export function keepUsed(tx: WriteTransaction, rows: readonly PieceRow[], used: Pick<ReadonlySet<string>, 'has'>): number {
  let freed = 0;
  for (const row of rows) {
    const pieces = piecesIn(row);
    const kept = pieces.filter(({ hash }) => used.has(hash.toHex()));
    if (kept.length === pieces.length) continue;
    send(tx.objectStore('pieces').delete([row.session, row.hash]));
    freed += diskOf('pieces', row) - putRow(tx, row.session, kept);
  }
  return freed;
}

/**
 * Bytes that are stored once a session, under a hash of the session and them: no page can plant content for another session,
 * and what a session repeats costs nothing. A piece is never changed; `request-bodies.ts` knows which are still used.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { knownOf } from './known.ts';
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';

/** First 16 bytes of a SHA-256. Synchronous: WebCrypto's comes after an IndexedDB transaction has closed. */
export type Hash = Uint8Array<ArrayBuffer>;

/** Length of each part before it, so that no two lists of parts are hashed the same. */
export function hashOf(session: string, ...parts: Uint8Array[]): Hash {
  const hash = sha256.create().update(encoder.encode(`${session.length}:${session}`));
  for (const part of parts) hash.update(encoder.encode(`${part.byteLength}:`)).update(part);
  return hash.digest().slice(0, HASH_BYTES);
}

const encoder = new TextEncoder();

const HASH_BYTES = 16;

/** Hashes one after the other, and a further one. */
export function joinedHashes(hashes: Uint8Array = new Uint8Array(), ...more: Hash[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(hashes.byteLength + more.length * HASH_BYTES);
  all.set(hashes);
  for (const [i, hash] of more.entries()) all.set(hash, hashes.byteLength + i * HASH_BYTES);
  return all;
}

export const splitHashes = (hashes: Uint8Array): Hash[] => Array.from({ length: hashes.byteLength / HASH_BYTES }, (_, i) => new Uint8Array(hashes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES)));

/** Told of each piece that was not stored yet. */
export type NewPiece = (hash: Hash, bytes: Uint8Array<ArrayBuffer>) => void;

/** Stores what is not stored yet. Returns what this takes on the disk: nothing for a repetition. */
export async function putPiece(tx: WriteTransaction, session: string, hash: Hash, bytes: Uint8Array<ArrayBuffer>, onNew?: NewPiece): Promise<number> {
  const pieces = tx.objectStore('pieces');
  const known = knownOf(tx, session);
  if (known ? known.pieces.has(hash.toHex()) : await pieces.getKey([session, hash]) !== undefined) return 0;
  known?.pieces.add(hash.toHex());
  // A view would be stored with all of the buffer behind it.
  const row = { session, hash, bytes: bytes.slice() };
  send(pieces.put(row));
  onNew?.(hash, bytes);
  return diskOf('pieces', row);
}

export async function pieceOf(tx: ReadTransaction, session: string, hash: Hash): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return (await tx.objectStore('pieces').get([session, hash]))?.bytes;
}

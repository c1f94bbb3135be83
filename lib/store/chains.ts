/**
 * Lists that grow, as logs: a chain is a row for each time something was added, and who wants the list as it was keeps the
 * chain and the number of its last row. So a call with two hundred messages of which two are new adds one row and two
 * pieces. A list that goes on otherwise (an edited message) forks: its first row names where it left the other.
 */
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { knownOf } from './known.ts';
import { hashOf, joinedHashes, piecesOf, splitHashes, type Hash } from './pieces.ts';
import { usesOf } from './uses.ts';

/** A list: what `chain` held when row `n` was its last. */
export interface ChainHead { chain: Hash; n: number }

/** `prefix`: hash of the whole list up to this row's end, by which a longer one finds it. `pieces`: their hashes, one after
 *  the other. */
export interface ChainRow extends ChainHead { session: string; prefix: Hash; pieces: Uint8Array<ArrayBuffer>; from?: ChainHead }

/** Look-ups at once, from the end of the list backwards: nearly always the list of the last call ends a few before it. */
const AT_ONCE = 16;

/** Stores a list of at least one element, whose pieces are stored, as far as it is new. Returns its head, what that took on
 *  the disk, and the hash of the list up to each element.
 *  @param begun of those hashes the first ones, where they are known */
export async function putList(tx: WriteTransaction, { session, exchange }: { session: string; exchange: string }, hashes: readonly Hash[], begun: readonly Hash[] = []): Promise<{ head: ChainHead; stored: number; prefixes: Hash[] }> {
  const prefixes = [...begun];
  for (const hash of hashes.slice(begun.length)) prefixes.push(hashOf(session, prefixes.at(-1) ?? new Uint8Array(), hash));
  const known = await longestKnown(tx, session, prefixes);
  if (known) usesOf(tx, session)?.lists.push({ ...known.head, exchange });
  if (known?.length === hashes.length) return { head: known.head, stored: 0, prefixes };
  const pieces = joinedHashes(hashes.slice(known?.length ?? 0));
  const prefix = prefixes.at(-1) as Hash;
  const next = known && { chain: known.head.chain, n: known.head.n + 1 };
  const memory = knownOf(tx, session);
  const goesOn = next && (memory ? memory.tips.get(next.chain.toHex()) === known.head.n : await tx.objectStore('chains').getKey([session, next.chain, next.n]) === undefined);
  const head = goesOn ? next : { chain: prefix, n: 0 };
  memory?.lists.set(prefix.toHex(), head);
  memory?.tips.set(head.chain.toHex(), head.n);
  const row: ChainRow = { session, ...head, prefix, pieces, ...(known && !goesOn && { from: known.head }) };
  send(tx.objectStore('chains').put(row));
  return { head, stored: diskOf('chains', row), prefixes };
}

/** The longest beginning of the list at which some earlier one ended. */
async function longestKnown(tx: ReadTransaction, session: string, prefixes: readonly Hash[]): Promise<{ head: ChainHead; length: number } | undefined> {
  const memory = knownOf(tx, session);
  if (memory) {
    const at = prefixes.findLastIndex((prefix) => memory.lists.has(prefix.toHex()));
    const head = memory.lists.get(prefixes[at]?.toHex() ?? '');
    return head && { head, length: at + 1 };
  }
  const byPrefix = tx.objectStore('chains').index('prefix');
  for (let end = prefixes.length; end > 0; end -= AT_ONCE) {
    const asked = prefixes.slice(Math.max(0, end - AT_ONCE), end).toReversed();
    const keys = await Promise.all(asked.map((prefix) => byPrefix.getKey([session, prefix])));
    const at = keys.findIndex((key) => key !== undefined);
    const key = keys[at];
    if (key) return { head: { chain: new Uint8Array(key[1] as unknown as ArrayBuffer), n: key[2] }, length: end - at };
  }
  return undefined;
}

/** Of the elements in order. */
export async function hashesOfList(tx: ReadTransaction, session: string, head: ChainHead): Promise<Hash[]> {
  const rows: ChainRow[] = [];
  for (let to: ChainHead | undefined = head; to;) {
    const part = await tx.objectStore('chains').getAll(IDBKeyRange.bound([session, to.chain, 0], [session, to.chain, to.n]));
    rows.unshift(...part);
    to = part[0]?.from;
  }
  return rows.flatMap(({ pieces }) => splitHashes(pieces));
}

/** The elements in order; undefined where one is not stored. */
export async function listOf(tx: ReadTransaction, session: string, head: ChainHead): Promise<Array<Uint8Array<ArrayBuffer> | undefined>> {
  return piecesOf(tx, session, await hashesOfList(tx, session, head));
}

/**
 * What no request of a session uses any more, once some are deleted: rows of lists and pieces. It is found by reading all that
 * others use, in short transactions between which requests come; what those use was noted (uses.ts) and stays.
 */
import type { ChainHead, ChainRow } from './chains.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { forgetSession } from './known.ts';
import { pagesOf } from './pages.ts';
import { keepUsed, piecesIn, splitHashes, type Hash } from './pieces.ts';
import { isCut } from './request-bodies.ts';
import { unwatchUses, usesOf, watchUses, type Uses } from './uses.ts';

/** Runs work in a transaction of its own. */
type Look = <T>(work: (tx: ReadTransaction) => Promise<T>) => Promise<T>;

/** Rows of one transaction. */
const PAGE = 500;

export interface InUse {
  /** Uses that came since are counted. Throws where some may not have been seen. */
  recount(tx: WriteTransaction): void;
  /** an exchange that uses the piece (hex) */ holder(hash: string): string | undefined;
  usesRow(row: ChainRow): boolean;
  /** rows of lists that none used when it was looked for */ readonly unusedRows: readonly ChainRow[];
}

/** Begins to note what is put to use. Nothing may be written just now. */
export function beginToLook(tx: { readonly db: object }, session: string): Uses {
  // What it knows may soon be deleted.
  forgetSession(tx, session);
  return watchUses(tx, session);
}

export const endLooking = unwatchUses;

/** All that requests of the session use. */
export async function findInUse(look: Look, session: string, uses: Uses): Promise<InUse> {
  /** by piece (hex): an exchange that uses it */
  const holders = new Map<string, string>();
  /** of each chain (hex) its rows in order, and how many of them are used */
  const chains = new Map<string, ChainRow[]>();
  const used = new Map<string, number>();
  for await (const rows of pagesOf(look, 'chains', startingWith(session), PAGE)) {
    for (const row of rows) {
      const name = row.chain.toHex();
      const known = chains.get(name);
      if (known) known.push(row);
      else chains.set(name, [row]);
    }
  }
  for await (const rows of pagesOf(look, 'bodies', startingWith(session), PAGE)) {
    for (const row of rows) {
      if (!isCut(row)) continue;
      for (const part of row.parts) {
        if ('chain' in part) useList(part, row.exchange);
        else use(part.piece, row.exchange);
      }
      for (const hash of splitHashes(row.open ?? new Uint8Array())) use(hash, row.exchange);
    }
  }

  function use(hash: Uint8Array, exchange: string): void {
    const name = hash.toHex();
    if (!holders.has(name)) holders.set(name, exchange);
  }

  /** A list goes on from another where it left that: rows of both are used. */
  function useList(head: ChainHead, exchange: string): void {
    for (let to: ChainHead | undefined = head; to;) {
      const name: string = to.chain.toHex();
      const rows: ChainRow[] = chains.get(name) ?? [];
      const before: number = used.get(name) ?? 0;
      const now = Math.max(before, to.n + 1);
      for (const row of rows) if (row.n >= before && row.n < now) for (const hash of splitHashes(row.pieces)) use(hash, exchange);
      used.set(name, now);
      to = before === 0 ? rows[0]?.from : undefined;
    }
  }

  const usesRow = ({ chain, n }: ChainRow): boolean => n < (used.get(chain.toHex()) ?? 0);

  return {
    recount(tx) {
      if (usesOf(tx, session) !== uses) throw new Error('The database was opened anew meanwhile.');
      for (const head of uses.lists.splice(0)) useList(head, head.exchange);
      for (const [hash, exchange] of uses.pieces) if (!holders.has(hash)) holders.set(hash, exchange);
      uses.pieces.clear();
    },
    holder: (hash) => holders.get(hash), usesRow,
    unusedRows: [...chains.values()].flat().filter((row) => !usesRow(row)),
  };
}

/** Deletes rows of lists, but those that came to use. Returns what they took on the disk. */
export function deleteRows(tx: WriteTransaction, rows: readonly ChainRow[], inUse: InUse): number {
  inUse.recount(tx);
  let freed = 0;
  for (const row of rows) {
    if (inUse.usesRow(row)) continue;
    send(tx.objectStore('chains').delete([row.session, row.chain, row.n]));
    freed += diskOf('chains', row);
  }
  return freed;
}

/** Rows of one answer: a row may have 16 KB, or one piece of any size. */
const PIECES = 50;

/** Keys of the rows that hold a piece nobody used, some a time. */
export async function* unusedPieces(look: Look, session: string, inUse: InUse): AsyncGenerator<Hash[]> {
  for await (const rows of pagesOf(look, 'pieces', startingWith(session), PIECES)) {
    const found = rows.filter((row) => piecesIn(row).some(({ hash }) => inUse.holder(hash.toHex()) === undefined));
    if (found.length > 0) yield found.map(({ hash }) => hash);
  }
}

/** Takes the unused pieces out of these rows. Returns what they took on the disk. */
export async function deletePieces(tx: WriteTransaction, session: string, keys: readonly Hash[], inUse: InUse): Promise<number> {
  inUse.recount(tx);
  const rows = await Promise.all(keys.map((hash) => tx.objectStore('pieces').get([session, hash])));
  return keepUsed(tx, rows.filter((row) => row !== undefined), { has: (hash) => inUse.holder(hash) !== undefined });
}

/** Texts of calls that are deleted: gone with them, but for pieces that other requests hold too. Those are found through one of
 *  the others from then on. */
import { startingWith, type ReadTransaction, type WriteTransaction } from '../database.ts';
import type { ChainHead } from '../chains.ts';
import { hasPiece, splitHashes } from '../pieces.ts';
import { isCut } from '../request-bodies.ts';
import { changeSignatures, piecesOf, spanIdIn } from './signatures.ts';
import { deleteAnswer } from './texts.ts';

interface Owner { exchange: string; startMs: number }

/** @returns what is free on the disk for it
 *  @param gone exchanges whose rows are deleted already, as are pieces that nobody uses; `spans`: imported ones */
export async function forgetTexts(tx: WriteTransaction, session: string, rev: number, gone: ReadonlySet<string>, spans: ReadonlySet<string>): Promise<number> {
  const brought = await piecesOf(tx, session, gone);
  const stays = await Promise.all(brought.map((hash) => hasPiece(tx, session, hash)));
  const holders = await holdersOf(tx, session, brought.filter((_, i) => stays[i]));
  let freed = await changeSignatures(tx, session, rev, (text) => {
    if (text.kind === 'span') return spans.has(spanIdIn(text.ref)) ? undefined : text;
    if (!gone.has(text.exchange)) return text;
    const holder = text.kind === 'piece' ? holders.get(text.ref.toHex()) : undefined;
    return holder && { ...text, ...holder };
  });
  for (const exchange of gone) freed += await deleteAnswer(tx, session, exchange);
  return freed;
}

/** By hash: an exchange whose request holds the piece. */
async function holdersOf(tx: ReadTransaction, session: string, pieces: ReadonlyArray<Uint8Array<ArrayBuffer>>): Promise<Map<string, Owner>> {
  const sought = new Set(pieces.map((hash) => hash.toHex()));
  const holders = new Map<string, Owner>();
  if (sought.size === 0) return holders;
  const chains = Map.groupBy(await tx.objectStore('chains').getAll(startingWith(session)), ({ chain }) => chain.toHex());
  /** rows of each chain that were gone through, from its first */
  const passed = new Map<string, number>();

  for (const row of await tx.objectStore('bodies').getAll(startingWith(session))) {
    if (!isCut(row)) continue;
    const { exchange, parts, open = new Uint8Array() } = row;
    const hold = (hash: Uint8Array): void => {
      if (sought.delete(hash.toHex())) holders.set(hash.toHex(), { exchange, startMs: 0 });
    };
    for (const part of parts) {
      if ('piece' in part) hold(part.piece);
      else for (let to: ChainHead | undefined = part; to;) to = passRows(to, hold);
    }
    for (const hash of splitHashes(open)) hold(hash);
  }
  const owners = [...holders.values()];
  const rows = await Promise.all(owners.map(({ exchange }) => tx.objectStore('exchanges').get(exchange)));
  for (const [i, owner] of owners.entries()) owner.startMs = rows[i]?.startMs ?? 0;
  return holders;

  /** Where the list goes on: in the chain that this one left. */
  function passRows({ chain, n }: ChainHead, hold: (hash: Uint8Array) => void): ChainHead | undefined {
    const name = chain.toHex();
    const before = passed.get(name) ?? 0;
    const rows = chains.get(name) ?? [];
    for (const row of rows.slice(before, n + 1)) for (const hash of splitHashes(row.pieces)) hold(hash);
    passed.set(name, Math.max(before, n + 1));
    return before === 0 ? rows[0]?.from : undefined;
  }
}

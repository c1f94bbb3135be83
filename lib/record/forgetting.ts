/**
 * What only deleted calls had: pieces of requests, rows of lists, texts of the search. Nobody is shown it, so it goes afterwards:
 * all that the others use is read, some rows a transaction, and what is left over is deleted in steps, each a turn in the
 * writer's queue. `unswept` in the session's row says that there is something, until a whole round has passed after it.
 */
import { limits } from '../model/limits.ts';
import type { TabSession } from '../model/session.ts';
import { read, startingWith, type ReadTransaction, type WriteTransaction } from '../store/database.ts';
import { forgetTexts, rowsWithDead } from '../store/search/forget-texts.ts';
import { beginToLook, deletePieces, deleteRows, endLooking, findInUse, unusedPieces, type InUse } from '../store/unused.ts';
import { changeStored, storedSession } from './tab-session.ts';
import type { Desk, Turn } from './work.ts';

/** Keys of one answer. */
const KEYS = 2_000;

const READ = ['bodies', 'chains', 'pieces', 'signatures', 'documents', 'exchanges', 'spans'] as const;

/** @returns the bytes that it freed */
export async function forgetUnused(desk: Desk, turn: Turn, id: string): Promise<number> {
  const begun = await turn(() => read(desk.database, ['sessions'], async (tx) => {
    const session = await storedSession(tx, id);
    return session?.unswept === undefined ? undefined : { session, db: tx.db, uses: beginToLook(tx, id) };
  }));
  if (!begun) return 0;
  const look = <T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> => read(desk.database, READ, work);
  let freed = 0;
  const step = async (work: (tx: WriteTransaction, rev: number) => number | Promise<number>): Promise<void> => {
    freed += await turn(() => change(desk, id, work));
  };
  try {
    const inUse = await findInUse(look, id, begun.uses);
    const alive = await ownersIn(look, begun.session);
    await forget(look, step, id, inUse, alive);
    await turn(() => changeStored(desk.database, id, (_tx, session) => {
      // Else more was deleted meanwhile: the next round is about that.
      if (session.unswept !== begun.session.unswept) return false;
      delete session.unswept;
      return true;
    }));
  } finally {
    endLooking(begun, id);
  }
  return freed;
}

type Step = (work: (tx: WriteTransaction, rev: number) => number | Promise<number>) => Promise<void>;

async function forget(look: <T>(work: (tx: ReadTransaction) => Promise<T>) => Promise<T>, step: Step, id: string, inUse: InUse, alive: ReadonlySet<string>): Promise<void> {
  for (let first = 0; first < inUse.unusedRows.length; first += limits.sweepRows) {
    await step((tx) => deleteRows(tx, inUse.unusedRows.slice(first, first + limits.sweepRows), inUse));
  }
  for await (const keys of unusedPieces(look, id, inUse)) await step((tx) => deletePieces(tx, id, keys, inUse));
  for await (const rows of rowsWithDead(look, id, alive)) await step((tx, rev) => forgetTexts(tx, id, rev, rows, alive, inUse));
}

/** Ids of all exchanges of a session, or of all spans of an import. */
async function ownersIn(look: <T>(work: (tx: ReadTransaction) => Promise<T>) => Promise<T>, { id, imported }: TabSession): Promise<Set<string>> {
  const owners = new Set<string>();
  if (imported) {
    for (let from = startingWith(id); ;) {
      const keys = await look((tx) => tx.objectStore('spans').getAllKeys(from, KEYS));
      for (const [, spanId] of keys) owners.add(spanId);
      if (keys.length < KEYS) return owners;
      from = IDBKeyRange.bound(keys.at(-1), from.upper, true);
    }
  }
  for (const document of await look((tx) => tx.objectStore('documents').index('session').getAllKeys(id))) {
    const to = `${document}0`;
    for (let after = `${document}/`; ;) {
      const keys = await look((tx) => tx.objectStore('exchanges').getAllKeys(IDBKeyRange.bound(after, to, true), KEYS));
      for (const key of keys) owners.add(key);
      if (keys.length < KEYS) break;
      after = keys.at(-1) ?? to;
    }
  }
  return owners;
}

/** Returns the bytes that it freed. */
async function change({ database, announce }: Desk, id: string, work: (tx: WriteTransaction, rev: number) => number | Promise<number>): Promise<number> {
  let freed = 0;
  const done = await changeStored(database, id, async (tx, session) => {
    freed = await work(tx, session.rev + 1);
    if (freed === 0) return false;
    session.rev += 1;
    session.diskBytes -= freed;
    if (session.clearing) session.clearing.disk -= freed;
    return true;
  });
  if (done) announce({ session: id, rev: done.rev });
  return freed;
}

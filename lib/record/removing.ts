/**
 * A session goes in two parts. It is marked, in one small write, and from then on nobody is shown it; its rows are then deleted
 * a few hundred at a time, and other work has its turn between. Whoever starts after a death in the middle finds the mark.
 */
import { limits } from '../model/limits.ts';
import type { TabSession } from '../model/session.ts';
import { send, startingWith, write, type WriteTransaction } from '../store/database.ts';
import { storeNames, stores, type StoreName } from '../store/schema.ts';
import { forgetAll, forgetSession } from '../store/known.ts';
import { putSetting, settingOf } from '../store/settings.ts';
import { clearSession } from './clearing.ts';
import type { Desk, Work } from './work.ts';

const keyedBy = (part: 'session' | 'exchange'): StoreName[] => storeNames.filter((name) => stores[name].of === part);

/** The session as it was before, of which nothing is shown any more. */
export function markRemoved(tx: WriteTransaction, session: TabSession, now: number): TabSession {
  const marked = { ...session, removing: now, rev: session.rev + 1 };
  send(tx.objectStore('sessions').put(marked));
  return marked;
}

/** Deletes some rows of a session that was marked. Returns whether it is gone. */
export async function removeSome(desk: Desk, id: string): Promise<boolean> {
  return write(desk.database, async (tx) => {
    const session = await tx.objectStore('sessions').get(id);
    if (session?.removing === undefined) return true;
    forgetSession(tx, id);
    let left: number = limits.sweepRows;
    const take = async (store: StoreName, range: IDBKeyRange): Promise<IDBValidKey[]> => {
      const keys = left > 0 ? await tx.objectStore(store).getAllKeys(range, left) as IDBValidKey[] : [];
      if (keys.length > 0) send(tx.objectStore(store).delete(IDBKeyRange.bound(keys[0], keys.at(-1))));
      left -= keys.length;
      return keys;
    };
    // First what a list would show.
    for (const store of keyedBy('session')) await take(store, startingWith(id));
    while (left > 0) {
      const [document] = await tx.objectStore('documents').index('session').getAllKeys(id, 1);
      if (document === undefined) break;
      // Ids of exchanges begin with the document's: `/` to the character after it.
      for (const store of keyedBy('exchange')) await take(store, IDBKeyRange.bound([`${document}/`], [`${document}0`]));
      for (const exchange of await take('exchanges', IDBKeyRange.bound(`${document}/`, `${document}0`))) desk.folds.forget(exchange as string);
      if (left <= 0) break;
      send(tx.objectStore('documents').delete(document));
      left--;
    }
    if (left <= 0) return false;
    send(tx.objectStore('unindexed').delete(id));
    const forgotten = await settingOf(tx, 'forgotten');
    putSetting(tx, { name: 'forgotten', emptiedMs: 0, ...forgotten, rev: Math.max(session.rev, forgotten?.rev ?? 0) });
    send(tx.objectStore('sessions').delete(id));
    return true;
  });
}

/** A tab came again while its session was being removed: what is left of it goes on going, and it is recorded from here on. */
export async function startAnew(work: Work): Promise<void> {
  const { session } = work;
  await clearSession(work, session.removing ?? 0);
  if (session.clearing) session.clearing.partly = true;
  delete session.removing;
  delete session.name;
}

/** All sessions are removed. What is recorded from now on begins at zero. */
export async function markAllRemoved(desk: Desk): Promise<void> {
  await write(desk.database, async (tx) => {
    forgetAll(tx);
    const sessions = (await tx.objectStore('sessions').getAll()).map((session) => session.removing === undefined ? markRemoved(tx, session, desk.now()) : session);
    const forgotten = await settingOf(tx, 'forgotten');
    send(tx.objectStore('settings').delete('removed'));
    putSetting(tx, { name: 'forgotten', rev: Math.max(0, ...sessions.map(({ rev }) => rev), forgotten?.rev ?? 0), emptiedMs: desk.now() });
  });
  desk.folds.forgetAll();
}

/** Whatever belonged to no session goes too, unless something is recorded again. */
export async function emptyRest({ database }: Desk): Promise<void> {
  await write(database, async (tx) => {
    if (await tx.objectStore('sessions').count() > 0) return;
    for (const store of storeNames) if (store !== 'settings') send(tx.objectStore(store).clear());
  });
}

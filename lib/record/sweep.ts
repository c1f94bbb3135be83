/**
 * Keeps what is stored within what the user gave it, in days and bytes. It looks when the worker starts and after some
 * megabytes were written, never by a timer: while nothing is recorded nothing grows. The oldest sessions that are not pinned
 * go first; those of living tabs stay, and lose their oldest traces where they alone are too much (trimming.ts). It works in
 * small steps, each a turn in the writer's queue.
 */
import { limits } from '../model/limits.ts';
import { NO_SESSION, type TabSession } from '../model/session.ts';
import type { Budget, RemovalCause } from '../model/settings.ts';
import { read, write, type ReadTransaction, type WriteTransaction } from '../store/database.ts';
import { storageSettings } from '../store/settings.ts';
import { deleteCleared } from './clearing.ts';
import { deleteDropped } from './dropping.ts';
import { forgetUnused } from './forgetting.ts';
import { addRemoval } from './removals.ts';
import { markRemoved, removeSome } from './removing.ts';
import { trim } from './trimming.ts';
import type { Desk, Turn } from './work.ts';

const DAY_MS = 86_400_000;

const LOOKED_AT = ['settings', 'sessions', 'documents'] as const;

export interface Sweep {
  /** Something may have to go. Resolves once nothing has. */
  look(): Promise<void>;
  /** So many bytes more are on the disk. */
  grew(bytes: number): void;
}

/** @param turn runs a job in the writer's queue */
export function createSweep(desk: Desk, turn: Turn): Sweep {
  let grown = 0;
  let running: Promise<void> | undefined;
  let again = false;

  async function sweep(): Promise<void> {
    const failures: unknown[] = [];
    /** A session that cannot be swept does not keep the others. */
    const attempt = (job: () => Promise<void>): Promise<unknown> => job().catch((error: unknown) => failures.push(error));
    for (const id of await turn(() => markWhatGoes(desk))) await attempt(async () => {
      for (let gone = false; !gone;) gone = await turn(() => removeSome(desk, id));
    });
    for (const { id, clearing, dropping, unswept } of await turn(() => read(desk.database, ['sessions'], (tx) => tx.objectStore('sessions').getAll()))) await attempt(async () => {
      if (clearing) await deleteCleared(desk, turn, id);
      if (dropping) await deleteDropped(desk, turn, id);
      if (unswept !== undefined) await forgetUnused(desk, turn, id);
    });
    const { budget, living } = await turn(() => read(desk.database, LOOKED_AT, async (tx) => ({ budget: (await storageSettings(tx)).budget, ...await stockOf(tx) })));
    const bytes = living.reduce((sum, session) => sum + takes(session), 0);
    // Some more than needed: what follows fits for a while.
    let excess = bytes > budget.bytes ? bytes - limits.sweepDownTo * budget.bytes : 0;
    for (const session of living) await attempt(async () => {
      const trimmed = await trim(desk, turn, session, { olderThan: tooOld(budget, desk.now()), excess, budget });
      await deleteDropped(desk, turn, session.id);
      const freed = trimmed + await forgetUnused(desk, turn, session.id);
      excess -= freed;
      // What a trace frees is known only afterwards, and much may have been recorded meanwhile.
      again ||= freed > 0;
    });
    if (failures.length > 0) throw failures[0];
  }

  async function sweepAll(): Promise<void> {
    try {
      while (again) {
        again = false;
        await sweep();
      }
    } finally {
      running = undefined;
    }
  }

  function look(): Promise<void> {
    again = true;
    return running ??= sweepAll();
  }

  return {
    look,
    grew(bytes) {
      grown += bytes;
      if (grown < limits.sweepLook) return;
      grown = 0;
      look().catch(reportError);
    },
  };
}

/** What was used last before this moment is. */
const tooOld = ({ days }: Budget, now: number): number => days === undefined ? -Infinity : now - days * DAY_MS;

/** What was cleared goes anyway. */
const takes = ({ diskBytes, clearing }: TabSession): number => diskBytes - (clearing?.disk ?? 0);

/** `removable`: what may go as a whole, the one not used for longest first. `living`: what an open page goes on with. */
interface Stock { removable: TabSession[]; living: TabSession[]; bytes: number }

async function stockOf(tx: ReadTransaction): Promise<Stock> {
  const sessions = (await tx.objectStore('sessions').getAll()).filter(({ removing }) => removing === undefined);
  const alive = new Set((await tx.objectStore('documents').index('here').getAll()).map(({ session }) => session));
  const free = sessions.filter(({ pinned }) => !pinned).toSorted((a, b) => a.lastMs - b.lastMs);
  return { removable: free.filter(({ id }) => !alive.has(id)), living: free.filter(({ id }) => alive.has(id)), bytes: sessions.reduce((sum, session) => sum + takes(session), 0) };
}

async function choose(tx: ReadTransaction, now: number): Promise<{ budget: Budget; going: Array<{ session: TabSession; cause: RemovalCause }> }> {
  const { budget } = await storageSettings(tx);
  const { removable, bytes } = await stockOf(tx);
  let left = bytes;
  const going = removable.flatMap((session) => {
    const cause: RemovalCause | undefined = session.lastMs < tooOld(budget, now) ? 'age' : left > budget.bytes ? 'room' : undefined;
    if (!cause) return [];
    left -= takes(session);
    return [{ session, cause }];
  });
  return { budget, going };
}

/** Marks what is too old or too much. Returns all that is marked, also by a sweep that was broken off, or by the user. */
async function markWhatGoes(desk: Desk): Promise<string[]> {
  const now = desk.now();
  if ((await read(desk.database, LOOKED_AT, (tx) => choose(tx, now))).going.length > 0) {
    const marked = await write(desk.database, async (tx) => {
      const { budget, going } = await choose(tx, now);
      for (const cause of ['age', 'room'] as const) await tell(tx, cause, going.filter((each) => each.cause === cause).map(({ session }) => session), budget, now);
      return going.map(({ session }) => markRemoved(tx, session, now));
    });
    for (const { id, rev } of marked) desk.announce({ session: id, rev });
    desk.announce({ session: NO_SESSION, rev: 0 });
  }
  const sessions = await read(desk.database, ['sessions'], (tx) => tx.objectStore('sessions').getAll());
  return sessions.filter(({ removing }) => removing !== undefined).map(({ id }) => id);
}

/** A tab without a call is no loss. */
async function tell(tx: WriteTransaction, cause: RemovalCause, sessions: TabSession[], budget: Budget, now: number): Promise<void> {
  const held = sessions.filter(({ exchanges, imported }) => exchanges > 0 || imported);
  if (held.length === 0) return;
  await addRemoval(tx, cause, { sessions: held.length, traces: 0, bytes: held.reduce((sum, { diskBytes }) => sum + diskBytes, 0) }, budget, now);
}

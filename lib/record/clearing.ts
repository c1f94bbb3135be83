/**
 * Forgetting everything of a session. What still arrives of it later finds no row and is dropped. A session is cleared in two
 * parts: a mark, in one small write, from which on nothing written before is shown or goes on; then its rows go,
 * some at a time, and other work has its turn between. Whoever starts after a death in the middle finds the mark.
 */
import { limits } from '../model/limits.ts';
import { isForgotten, type TabSession } from '../model/session.ts';
import { read, send, startingWith, type ReadTransaction, type WriteTransaction } from '../store/database.ts';
import { diskOf } from '../store/disk.ts';
import { deleteEvidence } from '../store/evidence.ts';
import { forgetSession } from '../store/known.ts';
import { pagesOf } from '../store/pages.ts';
import { deleteRequest } from '../store/request-bodies.ts';
import { deleteAnswer } from '../store/search/texts.ts';
import { deleteResponse } from '../store/segments.ts';
import { deleteSpans } from '../store/spans.ts';
import type { ExchangeRow } from '../store/schema.ts';
import { deleteTraceRows } from '../store/traces.ts';
import type { Folds } from './folds.ts';
import { forgetUnused } from './forgetting.ts';
import { changeStored, storedSession } from './tab-session.ts';
import type { Desk, Turn, Work } from './work.ts';

/** @param now epoch ms: calls that started until then do not come back */
export async function clearSession(work: Work, now: number): Promise<void> {
  const { tx, session, rev } = work;
  // The living go on from their `nextSeq`; those that were left have nothing more to tell.
  for (const document of await tx.objectStore('documents').index('session').getAll(session.id)) {
    if (document.leftMs === undefined) work.putDocument({ ...document, bytes: 0, exchanges: 0 });
  }
  forgetSession(tx, session.id);
  session.clearing = { rev: session.rev, disk: session.diskBytes };
  delete session.totals;
  delete session.dropping;
  session.bytes = session.exchanges = session.unrecorded = 0;
  session.clearedMs = now;
  session.removedRev = session.unswept = rev;
  work.touch();
}

const READ = ['documents', 'exchanges', 'spans', 'traces'] as const;

/** Deletes what a session had before it was cleared. */
export async function deleteCleared(desk: Desk, turn: Turn, id: string): Promise<void> {
  const session = await read(desk.database, ['sessions'], (tx) => storedSession(tx, id));
  if (!session?.clearing) return;
  const look = <T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> => read(desk.database, READ, work);
  const old = <Row extends { rev: number }>(rows: Row[]): Row[] => rows.filter((row) => isForgotten(session, row));
  const step = (work: (tx: WriteTransaction) => Promise<number> | number): Promise<unknown> => turn(() => change(desk, id, work));

  for (const { documentId } of await look((tx) => tx.objectStore('documents').index('session').getAll(id))) {
    // Ids of exchanges begin with the document's: `/` to the character after it.
    for await (const rows of pagesOf(look, 'exchanges', IDBKeyRange.bound(`${documentId}/`, `${documentId}0`), limits.sweepRows)) {
      const going = old(rows);
      for (let first = 0; first < going.length; first += limits.sweepCalls) {
        await step((tx) => deleteCalls(tx, desk.folds, going.slice(first, first + limits.sweepCalls)));
      }
    }
    await step(async (tx) => {
      const document = await tx.objectStore('documents').get(documentId);
      if (document?.leftMs !== undefined && isForgotten(session, document)) send(tx.objectStore('documents').delete(documentId));
      return 0;
    });
  }
  for await (const rows of pagesOf(look, 'spans', startingWith(id), limits.sweepRows)) {
    await step((tx) => old(rows).reduce((freed, row) => freed + deleteSpans(tx, row), 0));
  }
  for await (const rows of pagesOf(look, 'traces', startingWith(id), limits.sweepRows)) await step((tx) => deleteTraceRows(tx, old(rows)));
  await forgetUnused(desk, turn, id);
  const done = await turn(() => change(desk, id, (_tx, now) => {
    if (now.clearing?.rev !== session.clearing?.rev) return 0;
    // Of what went without being counted; what has come to use again was never taken off.
    if (now.exchanges === 0) now.diskBytes = 0;
    else if (now.clearing?.partly) now.diskBytes -= Math.max(0, now.clearing.disk);
    delete now.clearing;
    now.rev += 1;
    return 0;
  }));
  if (done) desk.announce({ session: id, rev: done.rev });
}

/** While it is being cleared. @param work returns the bytes that it freed */
async function change({ database }: Desk, id: string, work: (tx: WriteTransaction, session: TabSession) => Promise<number> | number): Promise<TabSession | undefined> {
  return changeStored(database, id, async (tx, session) => {
    if (!session.clearing) return false;
    const freed = await work(tx, session);
    session.diskBytes -= freed;
    if (session.clearing) session.clearing.disk -= freed;
    return true;
  });
}

/** Returns what they took on the disk, but for what others may use. */
export async function deleteCalls(tx: WriteTransaction, folds: Folds, rows: readonly ExchangeRow[]): Promise<number> {
  return (await Promise.all(rows.map((row) => deleteCall(tx, folds, row)))).reduce((sum, disk) => sum + disk, 0);
}

async function deleteCall(tx: WriteTransaction, folds: Folds, exchange: ExchangeRow): Promise<number> {
  const { id, session, startMs } = exchange;
  folds.forget(id);
  deleteResponse(tx, id);
  send(tx.objectStore('live').delete(startingWith(id)));
  send(tx.objectStore('exchanges').delete(id));
  const others = await Promise.all([deleteRequest(tx, exchange), deleteEvidence(tx, { session, startMs, exchange: id }), deleteAnswer(tx, session, id)]);
  return others.reduce((sum, disk) => sum + disk, (exchange.disk ?? exchange.response.stored) + diskOf('exchanges', exchange));
}

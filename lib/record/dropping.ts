/**
 * Forgetting one trace. What still arrives of it later finds no row and is dropped. A small one goes at once; a large one is taken
 * off the list at once (`dropping`, in the session's row), and its rows go some at a time, after a death too.
 */
import { limits } from '../model/limits.ts';
import { isForgotten, type TabSession } from '../model/session.ts';
import { deleteContent } from '../store/contents.ts';
import { read, send, type WriteTransaction } from '../store/database.ts';
import { deleteSpans, storedRows, type SpansRow } from '../store/spans.ts';
import { deleteTraceRow } from '../store/traces.ts';
import { deleteCalls } from './clearing.ts';
import type { Folds } from './folds.ts';
import { changeStored, storedSession } from './tab-session.ts';
import type { Desk, Turn, Work } from './work.ts';

/** Rows of spans of one step. */
const SPANS = 2 * limits.sweepCalls;

/** What only its requests had goes later (forgetting.ts). Returns false where there is no such trace. */
export async function deleteTrace(work: Work, folds: Folds, traceId: string): Promise<boolean> {
  const { tx, session, rev } = work;
  const row = await tx.objectStore('traces').get([session.id, traceId]);
  if (!row || isForgotten(session, row)) return false;
  await deleteTraceRow(tx, session, traceId);
  if (row.spans > SPANS) session.dropping = [...session.dropping ?? [], { traceId, rev: session.rev }];
  else await deleteRows(tx, session, folds, await storedRows(tx, session.id, traceId));
  session.removedRev = session.unswept = rev;
  work.touch();
  return true;
}

/** Deletes the rows of large traces that went. */
export async function deleteDropped(desk: Desk, turn: Turn, id: string): Promise<void> {
  const session = await read(desk.database, ['sessions'], (tx) => storedSession(tx, id));
  for (const dropped of session?.dropping ?? []) {
    /** rows that stay: more of the trace came, with an import that went on */
    let staying = 0;
    for (;;) {
      const most = staying + SPANS;
      const rows = await read(desk.database, ['spans'], (tx) => storedRows(tx, id, dropped.traceId, most));
      const going = rows.filter(({ rev }) => rev <= dropped.rev);
      if (going.length > 0) await turn(() => change(desk, id, (tx, session) => deleteRows(tx, session, desk.folds, going)));
      staying = rows.length - going.length;
      if (rows.length < most) break;
    }
    const done = await turn(() => change(desk, id, (_tx, session) => {
      session.dropping = session.dropping?.filter(({ traceId, rev }) => traceId !== dropped.traceId || rev !== dropped.rev);
      if (session.dropping?.length === 0) delete session.dropping;
      session.rev += 1;
    }));
    if (done) desk.announce({ session: id, rev: done.rev });
  }
}

async function deleteRows(tx: WriteTransaction, session: TabSession, folds: Folds, rows: readonly SpansRow[]): Promise<void> {
  for (const row of rows) session.diskBytes -= deleteSpans(tx, row);
  if (session.imported) {
    for (const { size, disk } of await Promise.all(rows.map(({ spanId }) => deleteContent(tx, session.id, spanId)))) {
      session.bytes -= size;
      session.diskBytes -= disk;
    }
    return;
  }
  const ids = [...new Set(rows.map(({ exchange }) => exchange))];
  const calls = (await Promise.all(ids.map((id) => tx.objectStore('exchanges').get(id)))).filter((row) => row?.session === session.id).filter((row) => row !== undefined);
  session.diskBytes -= await deleteCalls(tx, folds, calls);
  session.exchanges -= calls.length;
  for (const [documentId, own] of Map.groupBy(calls, (row) => row.documentId)) {
    const bytes = own.reduce((sum, { request, response }) => sum + request.stored + response.stored, 0);
    session.bytes -= bytes;
    const document = await tx.objectStore('documents').get(documentId);
    if (document) send(tx.objectStore('documents').put({ ...document, bytes: document.bytes - bytes, exchanges: document.exchanges - own.length }));
  }
}

/** While traces of it are being dropped. */
async function change({ database }: Desk, id: string, work: (tx: WriteTransaction, session: TabSession) => Promise<void> | void): Promise<TabSession | undefined> {
  return changeStored(database, id, async (tx, session) => {
    // Cleared meanwhile: then that takes it away.
    if (!session.dropping) return false;
    await work(tx, session);
    return true;
  });
}

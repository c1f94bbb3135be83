/** Forgetting: everything of a session, or one trace. What still arrives of it later finds no row and is dropped. */
import { deleteContent, deleteContents } from '../store/contents.ts';
import { send, startingWith } from '../store/database.ts';
import { diskOf } from '../store/disk.ts';
import { deleteAllEvidence, deleteEvidence } from '../store/evidence.ts';
import { deleteRequest, deleteRequests } from '../store/request-bodies.ts';
import { deleteAnswer, deleteSearch } from '../store/search/texts.ts';
import { deleteResponse } from '../store/segments.ts';
import type { ExchangeRow } from '../store/schema.ts';
import { deleteTraceRow, deleteTraceRows } from '../store/traces.ts';
import type { Folds } from './folds.ts';
import type { Work } from './work.ts';

/** @param now epoch ms: calls that started until then do not come back */
export async function clearSession(work: Work, folds: Folds, now: number): Promise<void> {
  const { tx, session, rev } = work;
  for (const document of await tx.objectStore('documents').index('session').getAll(session.id)) {
    // Ids of exchanges begin with the document's: `/` to the character after it.
    const [from, to] = [`${document.documentId}/`, `${document.documentId}0`];
    for (const id of await tx.objectStore('exchanges').getAllKeys(IDBKeyRange.bound(from, to))) folds.forget(id);
    send(tx.objectStore('exchanges').delete(IDBKeyRange.bound(from, to)));
    for (const store of ['segments', 'live'] as const) send(tx.objectStore(store).delete(IDBKeyRange.bound([from], [to])));
    // The living go on from their `nextSeq`; those that were left have nothing more to tell.
    if (document.leftMs === undefined) work.putDocument({ ...document, bytes: 0, exchanges: 0 });
    else send(tx.objectStore('documents').delete(document.documentId));
  }
  deleteRequests(tx, session.id);
  deleteContents(tx, session.id);
  deleteTraceRows(tx, session.id);
  delete session.totals;
  deleteAllEvidence(tx, session.id);
  deleteSearch(tx, session.id);
  send(tx.objectStore('spans').delete(startingWith(session.id)));
  session.bytes = session.diskBytes = session.exchanges = session.unrecorded = 0;
  session.clearedMs = now;
  session.removedRev = rev;
  work.touch();
}

/** What only its requests had goes later (forgetting.ts). */
export async function deleteTrace(work: Work, folds: Folds, traceId: string): Promise<void> {
  const { tx, session, rev } = work;
  const spans = await tx.objectStore('spans').index('trace').getAll(startingWith(session.id, traceId));
  for (const span of spans) {
    send(tx.objectStore('spans').delete([session.id, span.spanId]));
    session.diskBytes -= diskOf('spans', span);
    if (!session.imported) continue;
    const { size, disk } = await deleteContent(tx, session.id, span.spanId);
    session.bytes -= size;
    session.diskBytes -= disk;
  }
  const gone = new Set<string>();
  for (const id of new Set(spans.map(({ exchange }) => exchange))) {
    const exchange = await tx.objectStore('exchanges').get(id);
    if (exchange?.session !== session.id) continue;
    await deleteExchange(work, folds, exchange);
    gone.add(id);
  }
  await deleteTraceRow(tx, session, traceId);
  for (const id of gone) session.diskBytes -= await deleteAnswer(tx, session.id, id);
  session.removedRev = session.unswept = rev;
  work.touch();
}

async function deleteExchange(work: Work, folds: Folds, exchange: ExchangeRow): Promise<void> {
  const { tx, session } = work;
  const { id, documentId, startMs } = exchange;
  folds.forget(id);
  session.diskBytes -= await deleteRequest(tx, exchange) + (exchange.disk ?? exchange.response.stored) + diskOf('exchanges', exchange);
  deleteResponse(tx, id);
  send(tx.objectStore('live').delete(startingWith(id)));
  session.diskBytes -= await deleteEvidence(tx, { session: session.id, startMs, exchange: id });
  send(tx.objectStore('exchanges').delete(id));
  const bytes = exchange.request.stored + exchange.response.stored;
  session.bytes -= bytes;
  session.exchanges--;
  const document = await tx.objectStore('documents').get(documentId);
  if (document) send(tx.objectStore('documents').put({ ...document, bytes: document.bytes - bytes, exchanges: document.exchanges - 1 }));
}

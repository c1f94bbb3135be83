/** A document is gone: its running calls ended with it. */
import { read } from '../store/database.ts';
import type { DocumentRow } from '../store/schema.ts';
import { lastReadMs } from '../store/segments.ts';
import { endSilently, type ExchangeChange } from './exchange-rows.ts';
import { sessionIdOf, storedSession } from './tab-session.ts';
import { inSession, type Desk, type Work } from './work.ts';

/** Running calls of a document, as they are in this transaction. */
async function openExchangesOf(work: Work, documentId: string): Promise<ExchangeChange[]> {
  const ids = await work.tx.objectStore('exchanges').index('open').getAllKeys(documentId);
  for (const id of ids) await work.exchange(id);
  return [...work.exchanges.values()].filter(({ row }) => row.open === documentId);
}

/** @param atMs when the call ended, ms from its start */
export async function leaveDocument(work: Work, document: DocumentRow, how: 'page_left' | 'recorder_gone', leftMs: number, atMs: (change: ExchangeChange) => number | Promise<number>): Promise<void> {
  // A document whose recorder is gone is still there: the panel asks to reload it.
  if (how === 'page_left') {
    document.leftMs = leftMs;
    delete document.here;
  }
  for (const change of await openExchangesOf(work, document.documentId)) endSilently(change, how, await atMs(change));
}

/** `but`: a document just heard of. */
export type Living = { tabId: number; but?: string } | 'running' | 'all';

/** Documents that are not left: of one tab, with a running call, or all. */
export function livingDocuments(desk: Desk, which: Living): Promise<DocumentRow[]> {
  return read(desk.database, ['documents', 'exchanges'], async (tx) => {
    const documents = tx.objectStore('documents');
    if (which === 'all') return documents.index('here').getAll();
    if (which !== 'running') return (await documents.index('here').getAll(which.tabId)).filter(({ documentId }) => documentId !== which.but);
    const ids = new Set((await tx.objectStore('exchanges').index('open').getAll()).map(({ documentId }) => documentId));
    return (await Promise.all([...ids].map((id) => documents.get(id)))).filter((row) => row !== undefined);
  });
}

/** The document was seen (as `seen`) and nobody answers there any more. Where it told something since, nothing is done and it
 *  is returned as it is now. */
export async function endSilent(desk: Desk, seen: DocumentRow, how: 'page_left' | 'recorder_gone', when?: { nowMs: number }): Promise<DocumentRow | undefined> {
  return inSession(desk, (tx) => storedSession(tx, seen.session), async (work) => {
    const row = await work.tx.objectStore('documents').get(seen.documentId);
    if (!row) return undefined;
    if (row.nextSeq !== seen.nextSeq) return row;
    if (!when) work.unused();
    // Without a witness the last thing that happened is the best guess: the worker may have slept for hours.
    const lastMs = async ({ row: { id, head } }: ExchangeChange): Promise<number> => await lastReadMs(work.tx, id) ?? head?.atMs ?? 0;
    await leaveDocument(work, row, how, when?.nowMs ?? desk.now(), when ? ({ row }) => when.nowMs - row.startMs : lastMs);
    work.putDocument(row);
    return undefined;
  });
}

/** The tab was closed, just now or while nobody listened, and all its documents with it. */
export async function closeTab(desk: Desk, tabId: number, when: 'now' | 'unseen'): Promise<void> {
  const nowMs = desk.now();
  for (const document of await livingDocuments(desk, { tabId })) await endSilent(desk, document, 'page_left', when === 'now' ? { nowMs } : undefined);
  await inSession(desk, (tx) => storedSession(tx, sessionIdOf(desk.run, tabId)), async (work) => {
    work.session.closedMs = nowMs;
    work.touch();
    if (when === 'unseen') work.unused();
  });
}

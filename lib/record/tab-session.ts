/** Tab sessions and documents: found or made within the transaction that first needs them. */
import { limits } from '../model/limits.ts';
import type { TabSession } from '../model/session.ts';
import { send, write, type Database, type ReadTransaction, type WriteTransaction } from '../store/database.ts';
import { beginSession } from '../store/known.ts';
import type { DocumentRow } from '../store/schema.ts';
import { settingOf } from '../store/settings.ts';
import { keyHash } from '../trace/ids.ts';

/** Tab ids repeat after a restart, so the id is made of the browser's run too. */
export const sessionIdOf = (run: string, tabId: number): string => keyHash('session', run, String(tabId));

/** The tab's session as stored, or a new one that is not stored yet. */
export async function sessionOf(tx: WriteTransaction, run: string, tabId: number, now: number): Promise<TabSession> {
  const id = sessionIdOf(run, tabId);
  const stored = await tx.objectStore('sessions').get(id);
  if (stored) return stored;
  beginSession(tx, id);
  const { rev = 0, emptiedMs: clearedMs = 0 } = await settingOf(tx, 'forgotten') ?? {};
  return { id, tabId, run, startedMs: now, lastMs: now, url: '', paused: false, rev, removedRev: rev, clearedMs, bytes: 0, diskBytes: 0, exchanges: 0, unrecorded: 0 };
}

/** As stored, but for one that is being removed. */
export async function storedSession(tx: ReadTransaction, id: string): Promise<TabSession | undefined> {
  const session = await tx.objectStore('sessions').get(id);
  return session?.removing === undefined ? session : undefined;
}

/** Changes the row of a session, and what goes with it, in one transaction. That is no use of the session: `lastMs` stays.
 *  @param work false: nothing is to be changed
 *  @returns the row as it is now; undefined where there is none, or nothing was changed */
export async function changeStored(database: Database, id: string, work: (tx: WriteTransaction, session: TabSession) => Promise<boolean> | boolean): Promise<TabSession | undefined> {
  return write(database, async (tx) => {
    const session = await storedSession(tx, id);
    if (!session || !await work(tx, session)) return undefined;
    send(tx.objectStore('sessions').put(session));
    return session;
  });
}

/** Who sends, as the browser says (never the message). `framed`: the document lies in another, whatever it says itself. */
export interface Sender { documentId: string; tabId: number; frameId: number; framed?: boolean; /** address of the page, without query and fragment */ url?: string }

const lostId = (relay: string): string => `lost-${relay}`;

/** A document that was rescued without ever having been heard of: its tab is not known. */
export const lostSender = (relay: string): Sender => ({ documentId: lostId(relay), tabId: -1, frameId: -1 });

/**
 * The document whose records this relay numbers. A name of a relay opens no other document's rows: the row must carry the
 * sender's id too, or be one nobody was found for. A second relay in one document counts anew, so it gets a row of its own.
 */
export async function documentOf(tx: WriteTransaction, sender: Sender, relay: string): Promise<DocumentRow | { newId: string }> {
  const second = `${sender.documentId}~${relay}`;
  const ids = [sender.documentId, second, lostId(relay)];
  const known = await tx.objectStore('documents').index('relay').getAll(relay);
  const found = known.find(({ documentId }) => ids.includes(documentId));
  if (found) return found;
  return { newId: await tx.objectStore('documents').get(sender.documentId) ? second : sender.documentId };
}

/** May the tab have one more document? Where it has its fill, those make room that were left without a call. */
export async function admitsDocument(tx: WriteTransaction, { id: session, clearing }: TabSession): Promise<boolean> {
  const documents = tx.objectStore('documents').index('session');
  // What was cleared is found through its documents.
  if (clearing || await documents.count(session) < limits.sessionDocuments) return true;
  const idle = (await documents.getAll(session)).filter(({ leftMs, exchanges }) => leftMs !== undefined && exchanges === 0);
  for (const { documentId } of idle) send(tx.objectStore('documents').delete(documentId));
  return idle.length > 0;
}

export function newDocument(documentId: string, relay: string, session: TabSession, sender: Sender, now: number): DocumentRow {
  return {
    documentId, relay, session: session.id, tabId: sender.tabId, frameId: sender.frameId, top: sender.frameId === 0, url: sender.url ?? '', openedMs: now,
    here: sender.tabId, nextSeq: 0, bytes: 0, exchanges: 0, rev: 0,
  };
}

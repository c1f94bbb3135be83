/** What the panel asks for. */
import { isImport, type Command, type ImportPart, type TabStatus } from '../model/command.ts';
import type { TabSession } from '../model/session.ts';
import { read, type WriteTransaction } from '../store/database.ts';
import { clearSession, deleteTrace } from './clearing.ts';
import { importSpans, removeImport } from './imports.ts';
import { livingDocuments } from './page-left.ts';
import { sessionIdOf, sessionOf } from './tab-session.ts';
import { inSession, type Desk } from './work.ts';

/** A command, or undefined when the message is none. */
export function parseCommand(message: unknown): Command | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, tabId, on, session, traceId } = message as Record<string, unknown>;
  if (type === 'status' && typeof tabId === 'number') return { type, tabId };
  if (type === 'record' && typeof tabId === 'number' && typeof on === 'boolean') return { type, tabId, on };
  if (type === 'clear' && typeof session === 'string') return { type, session };
  if (type === 'delete_trace' && typeof session === 'string' && typeof traceId === 'string') return { type, session, traceId };
  if (type === 'import') return partOf((message as { part?: unknown }).part);
  return undefined;
}

function partOf(part: unknown): Command | undefined {
  const { session, spans } = (part ?? {}) as Partial<ImportPart>;
  return typeof session === 'string' && isImport(session) && Array.isArray(spans) ? { type: 'import', part: part as ImportPart } : undefined;
}

/** @param watching a relay of this version answers in the tab's top document */
export async function statusOf(desk: Desk, tabId: number, watching: boolean): Promise<TabStatus> {
  const id = sessionIdOf(desk.run, tabId);
  const session = await read(desk.database, ['sessions'], (tx) => tx.objectStore('sessions').get(id));
  const recorded = (await livingDocuments(desk, { tabId })).some(({ top }) => top);
  return { session: id, paused: session?.paused ?? false, watching, orphaned: recorded && !watching };
}

/** Everything but `status`, which writes nothing. Throws with a message for people. */
export async function obey(desk: Desk, command: Exclude<Command, { type: 'status' }>): Promise<void> {
  if (command.type === 'record') {
    await inSession(desk, (tx) => sessionOf(tx, desk.run, command.tabId, desk.now()), async (work) => {
      work.session.paused = !command.on;
      work.touch();
    });
    return;
  }
  if (command.type === 'import') return importSpans(desk, command.part);
  if (command.type === 'clear' && isImport(command.session)) return removeImport(desk, command.session);
  const find = async (tx: WriteTransaction): Promise<TabSession> => {
    const session = await tx.objectStore('sessions').get(command.session);
    if (!session) throw new Error('This session is no longer stored.');
    return session;
  };
  await inSession(desk, find, (work) => command.type === 'clear' ? clearSession(work, desk.folds, desk.now()) : deleteTrace(work, desk.folds, command.traceId));
}

/** What the panel asks for. */
import { isImport, type Command, type ImportPart, type TabStatus } from '../model/command.ts';
import { limits } from '../model/limits.ts';
import { NO_SESSION, type TabSession } from '../model/session.ts';
import type { Budget } from '../model/settings.ts';
import { read, send, write, type WriteTransaction } from '../store/database.ts';
import { putSetting } from '../store/settings.ts';
import { clearSession } from './clearing.ts';
import { deleteTrace } from './dropping.ts';
import { importSpans } from './imports.ts';
import { livingDocuments } from './page-left.ts';
import { markAllRemoved } from './removing.ts';
import { sessionIdOf, sessionOf, storedSession } from './tab-session.ts';
import { inSession, type Desk } from './work.ts';

/** A command, or undefined when the message is none. */
export function parseCommand(message: unknown): Command | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, tabId, on, session, traceId, name, budget } = message as Record<string, unknown>;
  if (type === 'status' && typeof tabId === 'number') return { type, tabId };
  if (type === 'record' && typeof tabId === 'number' && typeof on === 'boolean') return { type, tabId, on };
  if (type === 'clear' && typeof session === 'string') return { type, session };
  if (type === 'delete_trace' && typeof session === 'string' && typeof traceId === 'string') return { type, session, traceId };
  if (type === 'delete_session' && typeof session === 'string') return { type, session };
  if (type === 'delete_everything') return { type };
  if (type === 'rename' && typeof session === 'string' && typeof name === 'string') return { type, session, name };
  if (type === 'pin' && typeof session === 'string' && typeof on === 'boolean') return { type, session, on };
  if (type === 'budget') return budgetOf(budget);
  if (type === 'import') return partOf((message as { part?: unknown }).part);
  return undefined;
}

function partOf(part: unknown): Command | undefined {
  const { session, spans } = (part ?? {}) as Partial<ImportPart>;
  return typeof session === 'string' && isImport(session) && Array.isArray(spans) ? { type: 'import', part: part as ImportPart } : undefined;
}

const within = (n: unknown, least: number, most: number): n is number => Number.isInteger(n) && Number(n) >= least && Number(n) <= most;

/** Whole numbers within the bounds; `days` may be absent. */
function budgetOf(value: unknown): Command | undefined {
  const { bytes, days } = (value ?? {}) as Record<string, unknown>;
  if (!within(bytes, limits.budgetLeast, limits.budgetMost) || (days !== undefined && !within(days, 1, limits.budgetDays))) return undefined;
  return { type: 'budget', budget: { bytes, ...(days !== undefined && { days }) } };
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
  if (command.type === 'budget') return putBudget(desk, command.budget);
  if (command.type === 'delete_everything') {
    await markAllRemoved(desk);
    return desk.announce({ session: NO_SESSION, rev: 0 });
  }
  const find = async (tx: WriteTransaction): Promise<TabSession> => {
    const session = await storedSession(tx, command.session);
    if (!session) throw new Error('This session is no longer stored.');
    return session;
  };
  if (command.type === 'rename') return changeSession(desk, find, (session) => {
    const name = command.name.trim().slice(0, limits.nameLength);
    if (name === '') delete session.name;
    else session.name = name;
  });
  if (command.type === 'pin') return changeSession(desk, find, (session) => {
    if (command.on) session.pinned = true;
    else delete session.pinned;
  });
  // No tab brings more of an import, nor of one that was closed.
  const goes = command.type === 'delete_session' || (command.type === 'clear' && isImport(command.session));
  if (goes && !await isAlive(desk, command.session)) return changeSession(desk, find, (session) => { session.removing = desk.now(); });
  await inSession<unknown>(desk, find, (work) => command.type === 'delete_trace' ? deleteTrace(work, desk.folds, command.traceId) : clearSession(work, desk.now()));
}

/** A document of it is open. */
async function isAlive(desk: Desk, session: string): Promise<boolean> {
  return (await livingDocuments(desk, 'all')).some((document) => document.session === session);
}

/** Changes the session's row alone; that is no use of it, so `lastMs` stays. */
async function changeSession(desk: Desk, find: (tx: WriteTransaction) => Promise<TabSession>, change: (session: TabSession) => void): Promise<void> {
  const { id, rev } = await write(desk.database, async (tx) => {
    const session = await find(tx);
    change(session);
    session.rev += 1;
    send(tx.objectStore('sessions').put(session));
    return session;
  });
  desk.announce({ session: id, rev });
}

async function putBudget(desk: Desk, budget: Budget): Promise<void> {
  await write(desk.database, async (tx) => putSetting(tx, { name: 'budget', ...budget }));
  desk.announce({ session: NO_SESSION, rev: 0 });
}

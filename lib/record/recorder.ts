/** The only writer: everything that changes the database goes through one queue here, that of a tab in the order it came,
 *  tab by tab in turn. */
import type { Answer, Command } from '../model/command.ts';
import { limits } from '../model/limits.ts';
import type { Ack } from '../model/record.ts';
import type { ChangeNote } from '../model/session.ts';
import type { Database } from '../store/database.ts';
import type { DocumentRow } from '../store/schema.ts';
import { obey, parseCommand, statusOf } from './commands.ts';
import { createDiskRoom } from './disk-room.ts';
import { createFolds } from './folds.ts';
import { createOldIndexer } from './index-old.ts';
import { takeBatch } from './ingest.ts';
import { createNotes } from './notes.ts';
import { closeTab, endSilent, livingDocuments, type Living } from './page-left.ts';
import { drainRescues, type Draining, type RescueShelf } from './rescues.ts';
import { emptyRest } from './removing.ts';
import { createSerial } from './serial.ts';
import { createSweep } from './sweep.ts';
import { sessionIdOf, type Sender } from './tab-session.ts';
import type { Desk } from './work.ts';

/** What the recorder needs of the world. */
export interface RecorderEdge {
  database: Database;
  /** random id of this run of the browser */ run: string;
  /** epoch ms */ now(): number;
  announce(note: ChangeNote): void;
  /** bytes the browser would still let us store */ free(): Promise<number>;
  /** Does a relay of this version answer in the document? */
  ping(document: Pick<DocumentRow, 'tabId' | 'documentId'>): Promise<boolean>;
  /** Does one answer in the tab's top document? */
  pingTop(tabId: number): Promise<boolean>;
  tabOpen(tabId: number): Promise<boolean>;
  shelf: RescueShelf;
}

export interface Recorder {
  /** A message of a relay. Rejects when the database failed: the relay sends it again. */
  take(message: unknown, sender: Sender): Promise<Ack>;
  /** A message of an extension page. */
  command(message: unknown): Promise<Answer<unknown>>;
  /** Something may lie on the shelf. */
  rescued(): Promise<void>;
  tabClosed(tabId: number): Promise<void>;
  /** The worker started. What it was told of when it was killed nobody tells again, so it asks who is left of those it knew. */
  woke(): Promise<void>;
  /** Asks documents with running calls whether they live; calls of those that do not answer end.
   *  @param how absent: as it looks */
  settle(how?: 'recorder_gone'): Promise<void>;
  /** Makes findable what an earlier version stored. */
  indexOld(): Promise<void>;
}

const forgets: ReadonlySet<Command['type']> = new Set(['delete_trace', 'clear', 'delete_session', 'delete_everything']);

/** Begins with what leaving pages left behind, before any message is taken. */
export function createRecorder(edge: RecorderEdge): Recorder {
  const desk: Desk = { database: edge.database, run: edge.run, now: edge.now, folds: createFolds(), hasRoom: createDiskRoom(edge.free), announce: createNotes(edge.announce), grew: (bytes) => sweep.grew(bytes), toSweep: () => void sweep.look().catch(reportError) };
  const serial = createSerial();
  const sweep = createSweep(desk, (job) => serial(job, 'sweep'));
  /** another look at the shelf comes by itself */
  let waiting = false;
  /** one is asked for and has not begun */
  let asked = false;

  async function drain(how: Draining = {}): Promise<void> {
    const stayed = await serial(() => {
      asked = false;
      return drainRescues(desk, edge.shelf, how);
    });
    if (!stayed || waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      drain({ lost: true }).catch(reportError);
    }, limits.rescueWaitMs);
  }

  async function settle(suspects: Living, how?: 'page_left' | 'recorder_gone'): Promise<void> {
    const seen = await serial(() => livingDocuments(desk, suspects));
    // Of a run before this one: the extension was updated or loaded anew under it.
    await Promise.all(seen.map((document) => settleOne(document, how ?? (document.session === sessionIdOf(desk.run, document.tabId) ? 'page_left' : 'recorder_gone'))));
  }

  async function closeClosed(): Promise<void> {
    const tabs = new Set((await serial(() => livingDocuments(desk, 'all'))).map(({ tabId }) => tabId));
    await Promise.all([...tabs].map(async (tabId) => {
      if (!await edge.tabOpen(tabId)) await serial(() => closeTab(desk, tabId, 'unseen'), tabId);
    }));
  }

  async function settleOne(document: DocumentRow, how: 'page_left' | 'recorder_gone'): Promise<void> {
    if (await edge.ping(document)) return;
    // The browser, not the extension alone, is a new one (it crashed, and may have been updated with it): tab ids too.
    const cause = how === 'recorder_gone' && !await edge.tabOpen(document.tabId) ? 'page_left' : how;
    const later = await serial(() => endSilent(desk, document, cause), document.tabId);
    // It told something meanwhile, so it is asked again: the worker of an extension that was replaced just now may have stored
    // its last batch after we looked.
    if (later && later.leftMs === undefined) await settleOne(later, how);
  }

  drain().catch(reportError);

  return {
    async take(message, sender) {
      const { opened, ...ack } = await serial(() => takeBatch(desk, message, sender), sender.tabId);
      // A new page in this tab: the one before it is gone, unless it only waits behind (prerender) and answers.
      if (opened && sender.frameId === 0) settle({ tabId: sender.tabId, but: ack.documentId }, 'page_left').catch(reportError);
      return ack;
    },
    async command(message) {
      const command = parseCommand(message);
      if (!command) return { ok: false, error: 'Not a command.' };
      try {
        if (command.type === 'status') {
          // Of a page that crashed nobody tells.
          settle('running').catch(reportError);
          return { ok: true, value: await statusOf(desk, command.tabId, await edge.pingTop(command.tabId)) };
        }
        // What a page left behind belongs to what is forgotten now.
        if (command.type === 'clear' || command.type === 'delete_session') await drain({ young: true });
        await serial(async () => {
          if (command.type === 'delete_everything') for (const key of Object.keys(await edge.shelf.all())) await edge.shelf.remove(key);
          await obey(desk, command);
        });
        if (command.type === 'budget' || (command.type === 'pin' && !command.on)) desk.toSweep();
        // It is gone from what is shown; the answer comes when it is gone altogether.
        if (forgets.has(command.type)) await sweep.look().catch(reportError);
        if (command.type === 'delete_everything') await serial(() => emptyRest(desk));
        return { ok: true, value: undefined };
      } catch (error) {
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      }
    },
    async rescued() {
      // A page of many frames leaves many at once: one look takes them all.
      if (asked) return;
      asked = true;
      await drain();
    },
    async tabClosed(tabId) {
      await drain();
      await serial(() => closeTab(desk, tabId, 'now'), tabId);
    },
    async woke() {
      await closeClosed();
      await settle('running');
      // Days may have passed.
      sweep.look().catch(reportError);
    },
    settle: (how) => settle('running', how),
    async indexOld() {
      const step = createOldIndexer(desk);
      // Whatever else is to be written comes between the steps.
      while (await serial(step)) await new Promise((resolve) => { setTimeout(resolve, limits.indexPauseMs); });
    },
  };
}

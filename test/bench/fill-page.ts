/**
 * Fills the extension's own database, from a page of its origin: one tab's session is recorded by the product's code, and its
 * rows are then written again under the names of others.
 */

import { read, send, write, type Database } from '../../lib/store/database.ts';
import { storeNames, type StoreName } from '../../lib/store/schema.ts';
import { leave, opened, pageOf } from '../record/page.ts';
import { RUN_SPANS, agentRuns, batched } from './agent-runs.ts';
import { countSpans, makeRecorder } from './made.ts';

const SESSION_SPANS = 1_000;
/** Rows of one transaction. */
const AT_ONCE = 5_000;
const SHARED: readonly StoreName[] = ['settings', 'unindexed'];

/** What names the session in its rows: its own id, and its document's. */
interface Names { session: string; document: string }

function renamed(value: unknown, from: Names, to: Names): unknown {
  if (typeof value === 'string') return value.replaceAll(from.session, to.session).replaceAll(from.document, to.document);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, from, to)]));
}

async function recordOne(): Promise<{ database: Database; close(): Promise<void> }> {
  const { database, recorder } = makeRecorder(Date.now, 'spanlight');
  const page = { ...pageOf(1), sender: { documentId: 'document-000-of-bench', tabId: 1, frameId: 0 } };
  for (const batch of batched(page, [opened(), ...agentRuns(Math.ceil(SESSION_SPANS / RUN_SPANS)), leave()])) await recorder.take(batch, page.sender);
  return { database, close: () => database.close() };
}

export const fillJobs = {
  /** Returns how many spans there are. */
  async fill(sessions: number): Promise<number> {
    const { database, close } = await recordOne();
    const [document] = await read(database, ['documents'], (tx) => tx.objectStore('documents').getAll());
    if (!document) throw new Error('nothing was recorded');
    const from: Names = { session: document.session, document: document.documentId };
    const rows = (await Promise.all(storeNames.filter((name) => !SHARED.includes(name)).map(async (name) => (await read(database, [name], (tx) => tx.objectStore(name).getAll())).map((row) => ({ name, row }))))).flat();
    for (let n = 1; n < sessions; n++) {
      const mark = String(n).padStart(3, '0');
      const to: Names = { session: mark + from.session.slice(3), document: from.document.replace('000', mark) };
      for (let first = 0; first < rows.length; first += AT_ONCE) {
        await write(database, async (tx) => {
          for (const { name, row } of rows.slice(first, first + AT_ONCE)) send(tx.objectStore(name).put(renamed(row, from, to) as never));
        });
      }
    }
    const spans = await countSpans(database);
    await close();
    return spans;
  },
};

declare global { interface Window { fillJobs: typeof fillJobs } }
window.fillJobs = fillJobs;

/** A recorder over a database of its own, and a way to look at all that is stored. */
import { deleteDB } from 'idb';
import { onTestFinished } from 'vitest';
import type { Ack } from '../../lib/model/record.ts';
import type { ChangeNote } from '../../lib/model/session.ts';
import { createRecorder, type Recorder } from '../../lib/record/recorder.ts';
import { sessionIdOf } from '../../lib/record/tab-session.ts';
import { openDatabase, read, type Database } from '../../lib/store/database.ts';
import { createReader, type StoreReader } from '../../lib/store/reader.ts';
import { storeNames, type Schema, type StoreName } from '../../lib/store/schema.ts';
import { unpacked } from '../../lib/store/search/signatures.ts';
import { spansIn } from '../../lib/store/spans.ts';
import { plainSpans } from '../store/plain-spans.ts';

export interface Recording {
  database: Database;
  reader: StoreReader;
  recorder: Recorder;
  notes: ChangeNote[];
  shelf: Map<string, unknown>;
  /** documents whose relay answers a ping */ alive: Set<string>;
  closedTabs: Set<number>;
  clock: { now: number };
  session(tabId?: number): string;
  /** The worker dies and wakes: everything in memory is gone. `run`: of a new run of the browser or the extension. */
  restart(run?: string): void;
}

let databases = 0;
const RUN = 'run-1';

/** @param free bytes the disk still has */
export function startRecording(free: () => Promise<number> = async () => 1e12): Recording {
  const database = openDatabase(`test-${databases++}`);
  const notes: ChangeNote[] = [];
  const shelf = new Map<string, unknown>();
  const alive = new Set<string>();
  const closedTabs = new Set<number>();
  const clock = { now: 100_000 };
  const wake = (run = RUN): Recorder => createRecorder({
    database, run, now: () => clock.now, announce: (note) => void notes.push(note), free,
    ping: async ({ documentId }) => alive.has(documentId),
    pingTop: async () => alive.size > 0,
    tabOpen: async (tabId) => !closedTabs.has(tabId),
    shelf: { all: async () => Object.fromEntries(shelf), get: async (key) => shelf.get(key), remove: async (key) => void shelf.delete(key) },
  });
  const recording: Recording = {
    database, reader: createReader(database), recorder: wake(), notes, shelf, alive, closedTabs, clock,
    session: (tabId = 1) => sessionIdOf(RUN, tabId),
    restart(run) { recording.recorder = wake(run); },
  };
  onTestFinished(async () => {
    await database.close();
    await deleteDB(database.name);
  });
  return recording;
}

type Everything = { [Name in StoreName]: Array<Schema[Name]['value']> };

/** All rows of all stores. */
export async function everything(database: Database): Promise<Everything> {
  return read(database, storeNames, async (tx) => {
    const rows = await Promise.all(storeNames.map(async (name) => [name, await tx.objectStore(name).getAll()] as const));
    return Object.fromEntries(rows) as unknown as Everything;
  });
}

/** Like `everything`, but without what may differ between two ways of delivery of the same records: revs, and where the
 *  segments and live pieces were cut (and what they take on the disk for it). */
export async function meaning({ database, reader }: Recording): Promise<unknown> {
  const { sessions, documents, exchanges, spans, traces, outlines, evidence, live } = await everything(database);
  const bodies = await Promise.all(exchanges.map(async ({ id }) => [await reader.body(id, 'request'), await reader.body(id, 'response')]));
  const texts = Map.groupBy(live, ({ exchange }) => exchange);
  return {
    sessions: sessions.map((row) => ({ ...row, rev: 0, removedRev: 0, diskBytes: 0 })), documents: documents.map(withoutRev),
    exchanges: exchanges.map((row) => ({ ...row, rev: 0, pieces: 0, disk: 0, requestDisk: 0, answerDisk: 0 })), spans: spans.flatMap(spansIn).map(withoutRev).toSorted((a, b) => a.spanId < b.spanId ? -1 : 1), bodies,
    traces: traces.map(withoutRev), outlines: outlines.map(({ spans, ...row }) => ({ ...row, rev: 0, spans: plainSpans(spans).map(withoutRev) })),
    evidence: evidence.map((row) => ({ ...row, gives: row.gives.toSorted(), seeks: row.seeks.toSorted() })),
    live: [...texts].map(([exchange, pieces]) => [exchange, pieces.map(({ text }) => text).join('')]),
  };
}

/** What the search has of each text, however often it was told: its signature. Of two calls in one transaction either may be the
 *  one that brought a piece. */
export async function indexed({ database }: Recording): Promise<unknown> {
  const { signatures, texts } = await everything(database);
  const latest = new Map(signatures.flatMap((row) => unpacked(row).map(({ kind, exchange, ref, signature }) => [`${row.session} ${kind} ${kind === 'piece' ? ref.toHex() : exchange}`, [...signature]] as const)));
  return { texts, signatures: [...latest].toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

const withoutRev = <Row extends { rev: number }>(row: Row): Row => ({ ...row, rev: 0 });

/** The sender's side: repeats what is not acknowledged from where the recorder asks. */
export async function deliver(take: (first: number) => Promise<Ack>, count: number): Promise<void> {
  for (let next = 0; next < count;) next = (await take(next)).next;
}

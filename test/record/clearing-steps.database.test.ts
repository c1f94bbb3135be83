/** A session is cleared, and everything deleted, at once for who looks, and in steps on the disk: recording goes on between them,
 *  and a death in the middle leaves nothing behind. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { clearSession } from '../../lib/record/clearing.ts';
import { createFolds } from '../../lib/record/folds.ts';
import { markAllRemoved } from '../../lib/record/removing.ts';
import { storedSession } from '../../lib/record/tab-session.ts';
import { inSession, type Desk } from '../../lib/record/work.ts';
import { diskOf } from '../../lib/store/disk.ts';
import { piecesIn } from '../../lib/store/pieces.ts';
import { storeNames } from '../../lib/store/schema.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { asked, batchOf, bytesOf, call, chunk, end, head, leave, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, indexed, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const gone = pageOf(5);
const shared = { role: 'system', content: 'Answer as a harbour master would, with the tide in mind.' };
const asking = (n: number, at?: number): PageRecord[] => call(n, { request: asked(shared, user(`question number ${n}`)), pieces: streamed([`answer ${n}`]) }).map((record) => record.kind === 'start' && at !== undefined ? { ...record, at } : record);

/** Calls of a page that stays (one of them runs), and of one that was left. */
async function record(recording: Recording, calls: number): Promise<number> {
  recording.alive.add('document-1');
  const records = [opened(), ...Array.from({ length: calls }, (_, i) => asking(i + 1)).flat(), start(900), head(900), chunk(900, 0, bytesOf('half '))];
  for (let first = 0; first < records.length; first += 100) await recording.recorder.take(batchOf(page, first, records.slice(first, first + 100)), page.sender);
  await recording.recorder.take(batchOf(gone, 0, [opened(), ...asking(1), leave()]), gone.sender);
  return records.length;
}

const deskOf = ({ database, clock }: Recording): Desk => ({ database, run: 'run-1', now: () => clock.now, folds: createFolds(), hasRoom: async () => true, announce() {}, grew() {}, toSweep() {} });

async function found({ database }: Recording): Promise<string[]> {
  const exchanges = new Set<string>();
  for await (const hits of createSearch(database).hits('harbour master')) for (const { exchange } of hits) exchanges.add(exchange);
  return [...exchanges];
}

type All = Awaited<ReturnType<typeof everything>>;
const namesOf = ({ pieces }: All): string[] => pieces.flatMap(piecesIn).map(({ hash }) => hash.toHex()).toSorted();
const sharedDisk = ({ pieces, signatures }: All): number => [...pieces.map((row) => diskOf('pieces', row)), ...signatures.map((row) => diskOf('signatures', row))].reduce((sum, disk) => sum + disk, 0);

const late = [chunk(900, 5, bytesOf('late')), end(900, 9)];

test('a death just after the mark: nothing of before is shown or goes on, what comes is recorded, and the next start takes the rest away', async () => {
  const recording = startRecording();
  const { reader, database } = recording;
  const next = await record(recording, 40);
  const id = recording.session();
  const traces = await reader.traces(id, { limit: 100 });
  recording.clock.now += 1_000;
  const desk = deskOf(recording);
  await inSession(desk, (tx) => storedSession(tx, id), (work) => clearSession(work, recording.clock.now));
  recording.restart();

  expect(await reader.traces(id, { limit: 100 })).toEqual([]);
  expect(await reader.traces(id, { limit: 100, sinceRev: 0 })).toEqual([]);
  expect(await reader.spans(id)).toEqual([]);
  expect(await reader.outline(id, traces[3]?.traceId ?? '')).toBeUndefined();
  expect((await reader.documents(id)).map(({ documentId }) => documentId)).toEqual(['document-1']);
  expect(await found(recording)).toEqual([]);
  expect(await reader.session(id)).toMatchObject({ exchanges: 0, bytes: 0, unrecorded: 0 });

  const now = recording.clock.now + 10;
  await recording.recorder.take(batchOf(page, next, [...late, ...asking(901, now)]), page.sender);
  // With what was there before among them, a page of the list is as long as it was asked for.
  expect(await reader.traces(id, { limit: 1 })).toHaveLength(1);
  expect((await reader.spans(id)).map(({ exchange }) => exchange)).toEqual(['document-1/901']);
  expect(await found(recording)).toEqual(['document-1/901']);
  expect((await everything(database)).exchanges.length).toBeGreaterThan(40);

  await recording.recorder.woke();
  await expect.poll(async () => (await everything(database)).sessions.map(({ clearing, unswept }) => clearing ?? unswept)).toEqual([undefined]);
  const alone = startRecording();
  alone.clock.now = recording.clock.now;
  await alone.recorder.take(batchOf(page, 0, [opened(), ...asking(901, now)]), page.sender);
  const [left, wanted] = [await everything(database), await everything(alone.database)];
  for (const store of storeNames) if (store !== 'pieces' && store !== 'signatures') expect(left[store].length, store).toBe(wanted[store].length);
  expect(namesOf(left)).toEqual(namesOf(wanted));
  expect(await indexed(recording)).toEqual(await indexed(alone));
  expect(new TextDecoder().decode((await reader.body('document-1/901', 'request')).bytes)).toBe(asked(shared, user('question number 901')));
  expect(await found(recording)).toEqual(['document-1/901']);
  // Pieces and signatures may lie in more rows than if they had come at once.
  expect((left.sessions[0]?.diskBytes ?? 0) - sharedDisk(left)).toBe((wanted.sessions[0]?.diskBytes ?? 0) - sharedDisk(wanted));
  expect(left.sessions[0]).toMatchObject({ exchanges: 1, bytes: wanted.sessions[0]?.bytes, totals: wanted.sessions[0]?.totals });
});

test('cleared again while it is being cleared, with calls between: all of it goes', async () => {
  const recording = startRecording();
  const next = await record(recording, 60);
  const id = recording.session();
  recording.clock.now += 1_000;
  const first = recording.recorder.command({ type: 'clear', session: id });
  await recording.recorder.take(batchOf(page, next, asking(901, recording.clock.now + 1)), page.sender);
  recording.clock.now += 1_000;
  expect(await recording.recorder.command({ type: 'clear', session: id })).toMatchObject({ ok: true });
  await first;
  await expect.poll(async () => (await everything(recording.database)).sessions.map(({ clearing }) => clearing)).toEqual([undefined]);
  const left = await everything(recording.database);
  for (const store of ['exchanges', 'segments', 'bodies', 'chains', 'pieces', 'spans', 'traces', 'evidence', 'signatures', 'texts', 'live'] as const) expect(left[store], store).toEqual([]);
  expect(left.sessions).toMatchObject([{ exchanges: 0, bytes: 0, diskBytes: 0 }]);
});

/** Counts what is stored until the answer comes. */
async function storedUntil(recording: Recording, answer: Promise<unknown>): Promise<number> {
  const state = { done: false, between: 0 };
  const told = answer.then(() => { state.done = true; });
  const other = pageOf(9, 9);
  await recording.recorder.take(batchOf(other, 0, [opened()]), other.sender);
  while (!state.done) {
    await recording.recorder.take(batchOf(other, 1 + state.between, [start(1 + state.between, { at: recording.clock.now + 5 })]), other.sender);
    if (!state.done) state.between++;
  }
  await told;
  return state.between;
}

test('while a session of many calls is cleared, what other tabs tell is stored between the steps', async () => {
  const recording = startRecording();
  await record(recording, 400);
  recording.clock.now += 1_000;
  expect(await storedUntil(recording, recording.recorder.command({ type: 'clear', session: recording.session() }))).toBeGreaterThan(5);
  expect((await everything(recording.database)).exchanges.every(({ documentId }) => documentId === 'document-9')).toBe(true);
});

test('delete everything: a death in the middle, and the next start goes on until nothing is left', async () => {
  const recording = startRecording();
  await record(recording, 40);
  recording.clock.now += 1_000;
  await markAllRemoved(deskOf(recording));
  recording.restart();
  expect(await recording.reader.sessions()).toEqual([]);
  expect(await found(recording)).toEqual([]);
  await recording.recorder.woke();
  await expect.poll(async () => (await everything(recording.database)).sessions).toEqual([]);
  const left = await everything(recording.database);
  for (const store of storeNames) if (store !== 'settings') expect(left[store], store).toEqual([]);
  expect(left.settings).toMatchObject([{ name: 'forgotten', emptiedMs: recording.clock.now }]);
});

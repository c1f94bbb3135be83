/** What goes by itself: which sessions, in which order, in steps that recording goes on between, and never by halves. */
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord } from '../../lib/model/record.ts';
import type { TabSession } from '../../lib/model/session.ts';
import type { Budget } from '../../lib/model/settings.ts';
import { sessionIdOf } from '../../lib/record/tab-session.ts';
import { read, write } from '../../lib/store/database.ts';
import { storeNames } from '../../lib/store/schema.ts';
import { chance } from '../chance.ts';
import { asked, batchOf, bytesOf, call, chunk, end, head, leave, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const WORDS = 'a word or two, '.repeat(2_000);

/** A tab that made some calls and was left. */
async function day(recording: Recording, tab: number, at: number, { calls = 2, left = true, words = WORDS } = {}): Promise<void> {
  recording.clock.now = at;
  const page = pageOf(tab, tab);
  const said = Array.from({ length: calls }, (_, i) => call(i + 1, { request: asked(user(`${tab}.${i} ${words}`)), pieces: streamed([`Answer ${tab}.${i}: ${words}`]) }).map((record) => record.kind === 'start' ? { ...record, at: at + i } : record));
  const records: PageRecord[] = [opened(at), ...said.flat(), ...left ? [leave(at)] : []];
  for (let first = 0; first < records.length; first += 100) await recording.recorder.take(batchOf(page, first, records.slice(first, first + 100)), page.sender);
}

/** Steps take turns with everything else. */
const eventually: typeof expect.poll = (look) => expect.poll(look, { timeout: 20_000 });
/** The worker starts, as entrypoints/background does it: who is still there? */
async function wake(recording: Recording): Promise<void> {
  recording.restart();
  await recording.recorder.woke();
}
const ids = (...tabs: number[]): string[] => tabs.map((tab) => sessionIdOf('run-1', tab)).toSorted();
const shown = async ({ reader }: Recording): Promise<string[]> => (await reader.sessions()).map(({ id }) => id).toSorted();
const stored = async ({ database }: Recording): Promise<TabSession[]> => (await everything(database)).sessions;
const settled = (recording: Recording): Promise<void> => eventually(async () => (await stored(recording)).filter(({ removing }) => removing !== undefined)).toEqual([]);
const budget = async ({ recorder }: Recording, value: Budget): Promise<void> => expect(await recorder.command({ type: 'budget', budget: value })).toEqual({ ok: true, value: undefined });

/** Sets the size by hand, as if much more had been recorded. */
async function weigh({ database }: Recording, tab: number, diskBytes: number): Promise<void> {
  await write(database, async (tx) => tx.objectStore('sessions').put({ ...await tx.objectStore('sessions').get(sessionIdOf('run-1', tab)) as TabSession, diskBytes }));
}

/** Every row belongs to one of these sessions. */
async function expectOnly(recording: Recording, sessions: string[]): Promise<void> {
  const all = await everything(recording.database);
  const documents = new Set(all.documents.map(({ documentId }) => documentId));
  const strangers = storeNames.flatMap((store) => all[store].filter((row) => {
    if ('name' in row && store === 'settings') return false;
    if ('session' in row) return !sessions.includes(row.session);
    if ('source' in row) return !sessions.includes(row.source);
    if ('exchange' in row) return !documents.has(row.exchange.split('/')[0] ?? '');
    return 'id' in row && !sessions.includes(row.id);
  }).map(() => store));
  expect(strangers).toEqual([]);
}

test('what was not used for the days of the budget goes when the worker starts; what is pinned or of an open page stays, of this without its old traces', async () => {
  const recording = startRecording();
  for (const [tab, age] of [[1, 20], [2, 9], [3, 8], [4, 6], [5, 9]] as const) await day(recording, tab, NOW - age * DAY, { left: tab !== 5 });
  await recording.recorder.command({ type: 'pin', session: sessionIdOf('run-1', 2), on: true });
  const before = await stored(recording);
  recording.clock.now = NOW;
  await wake(recording);
  await eventually(() => shown(recording)).toEqual(ids(2, 4, 5));
  await settled(recording);
  await expectOnly(recording, ids(2, 4, 5));
  const gone = before.filter(({ id }) => ids(1, 3).includes(id));
  // The session that stays loses its traces after the others are gone.
  await eventually(async () => (await recording.reader.settings()).removed.age).toMatchObject({ atMs: NOW, sessions: 2, traces: 2, days: 7 });
  expect((await recording.reader.settings()).removed.age?.bytes).toBeGreaterThan(gone.reduce((sum, { diskBytes }) => sum + diskBytes, 0));
  expect(recording.notes.map(({ session }) => session)).toEqual(expect.arrayContaining([...ids(1, 3), '']));
});

test('what the worker finds closed or silent when it starts was not used then: it is as old as it was', async () => {
  const recording = startRecording();
  for (const tab of [1, 2]) await day(recording, tab, NOW - 8 * DAY, { left: false });
  const page = pageOf(2, 2);
  const seq = (await recording.reader.documents(ids(2)[0] as string))[0]?.nextSeq ?? 0;
  await recording.recorder.take(batchOf(page, seq, [start(50, { at: NOW - 8 * DAY }), head(50)]), page.sender);
  recording.closedTabs.add(1);
  recording.clock.now = NOW;
  await wake(recording);
  await eventually(() => shown(recording)).toEqual([]);
  await settled(recording);
});

test('over the budget the sessions used longest ago go, as many as it takes, and not the pinned', async () => {
  const recording = startRecording();
  for (const tab of [1, 2, 3, 4, 5]) await day(recording, tab, NOW - (10 - tab) * 3_600_000);
  for (const tab of [1, 2, 3, 4, 5]) await weigh(recording, tab, 10_000_000);
  await recording.recorder.command({ type: 'pin', session: sessionIdOf('run-1', 1), on: true });
  await budget(recording, { bytes: 31_000_000, days: 7 });
  await eventually(() => shown(recording)).toEqual(ids(1, 4, 5));
  await settled(recording);
  await expectOnly(recording, ids(1, 4, 5));
  expect((await recording.reader.settings()).removed).toEqual({ room: { atMs: NOW - 5 * 3_600_000, sessions: 2, traces: 0, bytes: 20_000_000 } });
  // More of the same day is told with it.
  await budget(recording, { bytes: 25_000_000 });
  await eventually(() => shown(recording)).toEqual(ids(1, 5));
  expect((await recording.reader.settings()).removed.room).toMatchObject({ sessions: 3, bytes: 30_000_000 });
});

test('writing is what makes it look', async () => {
  const recording = startRecording();
  await day(recording, 1, NOW);
  await budget(recording, { bytes: limits.budgetLeast });
  await weigh(recording, 1, limits.budgetLeast);
  await day(recording, 2, NOW + 1, { calls: 90 });
  await eventually(() => shown(recording)).toEqual(ids(2));
});

test('a budget of none or of nonsense is refused', async () => {
  const { recorder, reader } = startRecording();
  for (const value of [undefined, {}, { bytes: 1 }, { bytes: 1e15 }, { bytes: 1e8, days: 0 }, { bytes: 1e8, days: 1.5 }, { bytes: '1e8', days: 7 }, { bytes: 1e8, days: null }, { bytes: Number.NaN, days: 7 }]) {
    expect(await recorder.command({ type: 'budget', budget: value })).toMatchObject({ ok: false });
  }
  expect((await reader.settings()).budget).toEqual({ bytes: 500_000_000, days: 7 });
  expect(await recorder.command({ type: 'budget', budget: { bytes: 2e9 } })).toMatchObject({ ok: true });
  expect((await reader.settings()).budget).toEqual({ bytes: 2e9 });
});

test('killed in the middle, again and again: nobody is shown a half, the next start goes on, and it is told once', async () => {
  const random = chance(5);
  const recording = startRecording();
  await day(recording, 1, NOW - 8 * DAY, { calls: 600, words: 'short' });
  await day(recording, 2, NOW - DAY);
  const [before] = (await stored(recording)).filter(({ id }) => id === ids(1)[0]);
  const rows = (): Promise<number> => read(recording.database, storeNames, async (tx) => (await Promise.all(storeNames.map((store) => tx.objectStore(store).count()))).reduce((sum, count) => sum + count, 0));
  const left = [await rows()];
  while (left.length < 5) {
    const worker = new Worker(new URL('./recorder-worker.ts', import.meta.url), { type: 'module' });
    worker.postMessage({ database: recording.database.name, now: NOW }, { transfer: [] });
    while (await rows() > (left.at(-1) ?? 0) - limits.sweepRows / 2) await new Promise((resolve) => { setTimeout(resolve, random(5)); });
    worker.terminate();
    expect(await shown(recording)).toEqual(ids(2));
    left.push(await rows());
  }
  // It died with part of the work done.
  expect((await stored(recording)).map(({ removing }) => removing)).toContain(NOW);
  recording.clock.now = NOW;
  await wake(recording);
  await settled(recording);
  await expectOnly(recording, ids(2));
  expect((await recording.reader.settings()).removed.age).toEqual({ atMs: NOW, sessions: 1, traces: 0, bytes: before?.diskBytes, days: 7 });
});

test('recording goes on between the steps: a batch waits for few of them', async () => {
  const recording = startRecording();
  await day(recording, 1, NOW - 8 * DAY, { calls: 1_000, words: 'short' });
  recording.clock.now = NOW;
  await wake(recording);
  const rowsLeft = async (): Promise<number> => read(recording.database, ['segments'], (tx) => tx.objectStore('segments').count());
  await eventually(() => shown(recording)).toEqual([]);
  const meanwhile: number[] = [];
  const page = pageOf(2, 2);
  const records = [opened(NOW), ...call(1, { request: asked(user('meanwhile')), pieces: streamed(['here ', 'I ', 'am']) })];
  for (const [i, record] of records.entries()) {
    await recording.recorder.take(batchOf(page, i, [record]), page.sender);
    meanwhile.push(await rowsLeft());
  }
  expect(meanwhile[0]).toBeGreaterThan(0);
  await settled(recording);
  await expectOnly(recording, ids(2));
  expect(await recording.reader.exchange('document-2/1')).toMatchObject({ end: { how: 'complete' } });
}, 60_000);

test('a tab that comes again while its session goes begins at zero; late records of before are dropped', async () => {
  const recording = startRecording();
  await day(recording, 1, NOW - 8 * DAY, { calls: 300, words: 'short' });
  const [{ rev: revBefore = 0 } = {}] = await stored(recording);
  await recording.recorder.command({ type: 'rename', session: ids(1)[0] as string, name: 'Old' });
  recording.clock.now = NOW;
  await write(recording.database, async (tx) => tx.objectStore('sessions').put({ ...await tx.objectStore('sessions').get(ids(1)[0] as string) as TabSession, removing: NOW }));
  const page = pageOf(1, 1);
  const known = (await recording.reader.documents(ids(1)[0] as string))[0]?.nextSeq ?? 0;
  const late = [chunk(1, 0, bytesOf('late')), end(1, 4), start(901, { at: NOW - 1 }), start(902, { at: NOW + 1 }), head(902)];
  await recording.recorder.take(batchOf(page, known, late), page.sender);
  expect(await shown(recording)).toEqual(ids(1));
  const [id = ''] = ids(1);
  expect((await recording.reader.spans(id)).map(({ exchange }) => exchange)).toEqual(['document-1/902']);
  expect(await recording.reader.traces(id, { limit: 10 })).toHaveLength(1);
  await eventually(async () => (await stored(recording))[0]?.clearing).toBeUndefined();
  const all = await everything(recording.database);
  expect(all.exchanges.map(({ id }) => id)).toEqual(['document-1/902']);
  expect([all.spans.length, all.segments.length, all.pieces.length]).toEqual([1, 0, 0]);
  expect(all.sessions[0]).toMatchObject({ exchanges: 1, clearedMs: NOW });
  expect(all.sessions[0]?.name).toBeUndefined();
  expect(all.sessions[0]?.removedRev).toBeGreaterThan(revBefore);
});

test('and one that comes after it is gone is read anew: its revs go on', async () => {
  const recording = startRecording();
  await day(recording, 1, NOW, { calls: 3 });
  const [{ rev = 0 } = {}] = await stored(recording);
  await recording.recorder.command({ type: 'delete_session', session: ids(1)[0] as string });
  await eventually(() => stored(recording)).toEqual([]);
  const again = pageOf(7, 1);
  await recording.recorder.take(batchOf(again, 0, [opened(NOW), start(1, { at: NOW + 1 })]), again.sender);
  const [session] = await stored(recording);
  expect(session?.id).toBe(ids(1)[0]);
  expect(Math.min(session?.rev ?? 0, session?.removedRev ?? 0)).toBeGreaterThan(rev);
});

test('a living tab that alone is over the budget loses its oldest traces, with what only they had; the newest stays', async () => {
  const recording = startRecording();
  await budget(recording, { bytes: limits.budgetLeast });
  // 60 kB each
  await day(recording, 1, NOW, { calls: 250, left: false });
  await eventually(async () => (await stored(recording))[0]?.diskBytes).toBeLessThan(limits.budgetLeast);
  await eventually(async () => (await recording.reader.settings()).removed.room?.traces ?? 0).toBeGreaterThan(20);
  const all = await everything(recording.database);
  const ordinals = all.exchanges.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b);
  expect(ordinals).toEqual(Array.from({ length: ordinals.length }, (_, i) => 251 - ordinals.length + i));
  expect(all.exchanges).toHaveLength(250 - ((await recording.reader.settings()).removed.room?.traces ?? 0));
  expect(all.sessions[0]).toMatchObject({ exchanges: ordinals.length });
  expect(all.bodies).toHaveLength(ordinals.length);
  for (const { id } of all.exchanges.slice(0, 3)) expect((await recording.reader.body(id, 'request')).bytes.byteLength).toBeGreaterThan(WORDS.length);
  await expectOnly(recording, ids(1));
}, 60_000);

test('a tab that lives for weeks loses the traces that are too old, and is not looked at again that day', async () => {
  const recording = startRecording();
  await day(recording, 1, NOW - 20 * DAY, { left: false });
  const page = pageOf(1, 1);
  const [first] = (await everything(recording.database)).documents;
  await recording.recorder.take(batchOf(page, first?.nextSeq ?? 0, call(9, { request: asked(user('today')), pieces: streamed(['now']) }).map((record) => record.kind === 'start' ? { ...record, at: NOW } : record)), page.sender);
  recording.clock.now = NOW;
  await wake(recording);
  await eventually(async () => (await everything(recording.database)).exchanges.map(({ ordinal }) => ordinal)).toEqual([9]);
  await eventually(async () => (await stored(recording))[0]?.trimmedMs).toBe(NOW);
  expect((await recording.reader.settings()).removed.age).toMatchObject({ sessions: 0, traces: 2, days: 7 });
});

test('delete everything: no row but of settings is left, rescues too, and an open page is recorded from zero', async () => {
  const recording = startRecording();
  for (const tab of [1, 2]) await day(recording, tab, NOW, { left: tab !== 1 });
  const page = pageOf(1, 1);
  const running = [start(50, { at: NOW }), head(50), chunk(50, 0, bytesOf('half '))];
  const seq = (await recording.reader.documents(ids(1)[0] as string))[0]?.nextSeq ?? 0;
  await recording.recorder.take(batchOf(page, seq, running), page.sender);
  recording.shelf.set('rescue:x', { at: NOW, anything: true });
  await budget(recording, { bytes: 2e9, days: 30 });
  const revs = (await stored(recording)).map(({ rev }) => rev);
  recording.clock.now = NOW + 10;
  expect(await recording.recorder.command({ type: 'delete_everything' })).toMatchObject({ ok: true });
  const empty = await everything(recording.database);
  for (const store of storeNames) if (store !== 'settings') expect(empty[store], store).toEqual([]);
  expect([...recording.shelf]).toEqual([]);
  expect(await recording.reader.settings()).toEqual({ budget: { bytes: 2e9, days: 30 }, removed: {} });
  // The budget, and that nothing is left.
  await eventually(() => recording.notes.filter(({ session }) => session === '').length).toBe(2);

  // The page goes on from where it is; its running call, and one that began before, do not come back.
  const sender = { ...page.sender, url: 'http://localhost/app' };
  const more = [chunk(50, 5, bytesOf('done')), end(50, 9), start(51, { at: NOW + 9 }), start(52, { at: NOW + 11 }), head(52), end(52, 0)];
  const from = seq + running.length;
  expect(await recording.recorder.take(batchOf(page, from, more), sender)).toMatchObject({ next: 0 });
  await recording.recorder.take({ ...batchOf(page, from, more), skipped: true }, sender);
  const after = await everything(recording.database);
  expect(after.exchanges.map(({ id }) => id)).toEqual(['document-1/52']);
  expect(after.sessions).toMatchObject([{ id: ids(1)[0], url: 'http://localhost/app', exchanges: 1 }]);
  expect(after.sessions[0]?.removedRev).toBeGreaterThanOrEqual(Math.max(...revs));
});

test('rename, pin and delete: of this tab, of an earlier one, of an import', async () => {
  const recording = startRecording();
  const { recorder, reader } = recording;
  const [here = '', other = ''] = [sessionIdOf('run-1', 1), sessionIdOf('run-1', 2)];
  await day(recording, 1, NOW, { left: false });
  await day(recording, 2, NOW + 5);
  const row = { source: 'import-1', spanId: '00000000000000a1', traceId: '000000000000000000000000000000a1', kind: 'LLM', name: 'chat gpt', label: 'gpt', startMs: 1, endMs: 2, status: 'unset', exchange: '', rev: 0 } as never;
  await recorder.command({ type: 'import', part: { session: 'import-1', file: 'old.json', site: '', resource: '{}', spans: [{ row, content: '{}' }] } });
  recording.clock.now = NOW + 1_000;
  for (const session of [here, other, 'import-1']) {
    expect(await recorder.command({ type: 'rename', session, name: `  Name of ${session}${'!'.repeat(500)} ` })).toMatchObject({ ok: true });
    expect(await recorder.command({ type: 'pin', session, on: true })).toMatchObject({ ok: true });
    expect(await reader.session(session)).toMatchObject({ name: `Name of ${session}${'!'.repeat(500)}`.slice(0, limits.nameLength), pinned: true });
  }
  expect(await reader.session(other)).toMatchObject({ lastMs: NOW + 5 });
  await recorder.command({ type: 'rename', session: here, name: ' ' });
  await recorder.command({ type: 'pin', session: here, on: false });
  expect(Object.keys(await reader.session(here) ?? {})).toEqual(expect.not.arrayContaining(['name', 'pinned']));
  for (const session of [other, 'import-1']) expect(await recorder.command({ type: 'delete_session', session })).toMatchObject({ ok: true });
  expect(await shown(recording)).toEqual([here]);
  await settled(recording);
  await expectOnly(recording, [here]);
  // The tab is open: it stays, empty, and goes on.
  await recorder.command({ type: 'delete_session', session: here });
  expect(await reader.session(here)).toMatchObject({ exchanges: 0, bytes: 0 });
  const page = pageOf(1, 1);
  await recorder.take(batchOf(page, (await reader.documents(here))[0]?.nextSeq ?? 0, [start(77, { at: NOW + 2_000 })]), page.sender);
  expect((await everything(recording.database)).exchanges.map(({ ordinal }) => ordinal)).toEqual([77]);
  for (const command of [{ type: 'rename', session: 'none', name: 'x' }, { type: 'pin', session: other, on: true }, { type: 'delete_session', session: 'none' }]) expect(await recorder.command(command)).toMatchObject({ ok: false });
});

/** What only deleted calls had goes in steps that recording goes on between, and outlives a death. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { deleteTrace } from '../../lib/record/dropping.ts';
import { createFolds } from '../../lib/record/folds.ts';
import { storedSession } from '../../lib/record/tab-session.ts';
import { inSession, type Desk } from '../../lib/record/work.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { asked, batchOf, call, leave, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const shared = 'Answer as a harbour master would, with the tide in mind.';

/** Each call says what all say, and something of its own. */
async function record(recording: Recording, calls: number, ...last: PageRecord[]): Promise<number> {
  const records = [opened(), ...Array.from({ length: calls }, (_, i) => call(i + 1, { request: asked({ role: 'system', content: shared }, user(`question number ${i + 1} of many`)), pieces: streamed([`answer ${i + 1}`]) })).flat(), ...last];
  for (let first = 0; first < records.length; first += 100) await recording.recorder.take(batchOf(page, first, records.slice(first, first + 100)), page.sender);
  return records.length;
}

const found = async ({ database }: Recording, query: string): Promise<string[]> => {
  const exchanges: string[] = [];
  for await (const hits of createSearch(database).hits(query)) exchanges.push(...hits.map(({ exchange }) => exchange));
  return exchanges.toSorted();
};

const traceOf = async ({ database }: Recording, exchange: string): Promise<string> => (await everything(database)).exchanges.find(({ id }) => id === exchange)?.traceId ?? '';

/** As when the worker dies just after the trace went. */
async function dieAfterDeleting(recording: Recording, traceId: string): Promise<void> {
  const desk: Desk = { database: recording.database, run: 'run-1', now: () => recording.clock.now, folds: createFolds(), hasRoom: async () => true, announce() {}, grew() {}, toSweep() {} };
  await inSession(desk, (tx) => storedSession(tx, recording.session()), (work) => deleteTrace(work, desk.folds, traceId));
  recording.restart();
}

test('while a trace goes, what pages tell is stored between the steps', async () => {
  const recording = startRecording();
  let next = await record(recording, 400);
  const state = { deleted: false };
  const deleting = recording.recorder.command({ type: 'delete_trace', session: recording.session(), traceId: await traceOf(recording, 'document-1/7') }).then((answer) => {
    state.deleted = true;
    return answer;
  });
  let between = 0;
  while (!state.deleted) {
    await recording.recorder.take(batchOf(page, next, [start(1_000 + next, { at: recording.clock.now })]), page.sender);
    next++;
    if (!state.deleted) between++;
  }
  expect(between).toBeGreaterThan(2);
  expect(await deleting).toMatchObject({ ok: true });
  expect(await found(recording, 'question number 7 of many')).toEqual([]);
  expect(await found(recording, 'question number 8 of many')).toEqual(['document-1/8']);
});

test('a worker that died in between: the next one takes away what is left over, and what others have too is found through them', async () => {
  const recording = startRecording();
  await record(recording, 6, leave());
  const traceId = await traceOf(recording, 'document-1/1');
  expect(await found(recording, shared)).toEqual(['document-1/1']);
  recording.clock.now += 1_000;
  await dieAfterDeleting(recording, traceId);
  const { lastMs } = await recording.reader.session(recording.session()) ?? {};
  recording.clock.now += 1_000;
  await recording.recorder.woke();
  await expect.poll(async () => (await everything(recording.database)).sessions.map(({ unswept }) => unswept)).toEqual([undefined]);
  expect(await found(recording, shared)).toHaveLength(1);
  expect(await found(recording, shared)).not.toEqual(['document-1/1']);
  const all = await everything(recording.database);
  expect(JSON.stringify(all)).not.toContain('document-1/1"');
  expect(await found(recording, 'question number 1 of many')).toEqual([]);
  // Nobody used the session.
  expect(all.sessions[0]?.lastMs).toBe(lastMs);

  const alone = startRecording();
  await record(alone, 6, leave());
  alone.clock.now = recording.clock.now;
  await alone.recorder.command({ type: 'delete_trace', session: alone.session(), traceId });
  expect(all.sessions[0]?.diskBytes).toBe((await alone.reader.session(alone.session()))?.diskBytes);
  expect(all.sessions[0]?.diskBytes).toBeGreaterThan(0);
});

test('what was deleted is sent again while it goes: it stays', async () => {
  const recording = startRecording();
  const next = await record(recording, 30);
  const deleting = recording.recorder.command({ type: 'delete_trace', session: recording.session(), traceId: await traceOf(recording, 'document-1/3') });
  const again = call(900, { request: asked({ role: 'system', content: shared }, user('question number 3 of many')), pieces: streamed(['once more']) }).map((record) => record.kind === 'start' ? { ...record, at: recording.clock.now } : record);
  for (const [i, record] of again.entries()) await recording.recorder.take(batchOf(page, next + i, [record]), page.sender);
  await deleting;
  expect(new TextDecoder().decode((await recording.reader.body('document-1/900', 'request')).bytes)).toBe(asked({ role: 'system', content: shared }, user('question number 3 of many')));
  expect(await found(recording, 'question number 3 of many')).toEqual(['document-1/900']);
});

/** One trace of many spans is deleted: at once for who looks, in steps on the disk. */
import { expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { deleteTrace } from '../../lib/record/dropping.ts';
import { createFolds } from '../../lib/record/folds.ts';
import { storedSession } from '../../lib/record/tab-session.ts';
import { trim } from '../../lib/record/trimming.ts';
import { inSession, type Desk } from '../../lib/record/work.ts';
import { write } from '../../lib/store/database.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { manyRows } from '../lab/panel-story/many-rows.ts';
import { asked, askingTool, batchOf, bytesOf, call, chunk, end, head, opened, pageOf, start, streamed, toolResult, user, usingTool } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const deskOf = ({ database, clock }: Recording): Desk => ({ database, run: 'run-1', now: () => clock.now, folds: createFolds(), hasRoom: async () => true, announce() {}, grew() {}, toSweep() {} });

async function found({ database }: Recording, query: string): Promise<number> {
  let count = 0;
  for await (const hits of createSearch(database).hits(query)) count += hits.length;
  return count;
}

/** As when the worker dies just after the mark. */
async function dieAfterDeleting(recording: Recording, session: string, traceId: string): Promise<void> {
  const desk = deskOf(recording);
  await inSession(desk, (tx) => storedSession(tx, session), (work) => deleteTrace(work, desk.folds, traceId));
  recording.restart();
}
const settled = (recording: Recording): Promise<void> => expect.poll(async () => (await everything(recording.database)).sessions.filter(({ dropping, unswept }) => dropping ?? unswept), { timeout: 20_000 }).toEqual([]);

test('an imported trace of thousands: hidden at once, gone after the next start, and what else the file has stays; more of it may still come', async () => {
  const recording = startRecording();
  const { recorder, reader, database } = recording;
  const rows = manyRows(2_000);
  const [{ traceId = '' } = {}] = rows;
  const other = { ...rows[7], spanId: 'c'.repeat(16), traceId: 'd'.repeat(32) } as SpanRow;
  const add = async (part: readonly SpanRow[], text: string): Promise<void> => {
    for (let at = 0; at < part.length; at += 500) expect(await recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: part.slice(at, at + 500).map((row) => ({ row, content: JSON.stringify({ 'input.value': text }) })) } })).toMatchObject({ ok: true });
  };
  await add(rows, 'of the large one');
  await add([other], 'of the other one');
  await dieAfterDeleting(recording, 'import-1', traceId);
  const hidden = async (): Promise<void> => {
    expect((await reader.traces('import-1', { limit: 10 })).map((trace) => trace.traceId)).toEqual([other.traceId]);
    expect((await reader.spans('import-1')).map(({ spanId }) => spanId)).toEqual([other.spanId]);
    expect(await reader.outline('import-1', traceId)).toBeUndefined();
    expect([await found(recording, 'of the large one'), await found(recording, 'of the other one')]).toEqual([0, 1]);
    expect(await reader.session('import-1')).toMatchObject({ totals: { traces: 1, spans: 1 } });
  };
  await hidden();
  expect((await everything(database)).spans).toHaveLength(2_001);
  // The file goes on with the same trace.
  const later = { ...rows[9], spanId: 'e'.repeat(16) } as SpanRow;
  await recording.recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: [{ row: later, content: '{}' }] } });
  expect((await reader.spans('import-1', traceId)).map(({ spanId }) => spanId)).toEqual([later.spanId]);
  await recording.recorder.woke();
  await settled(recording);
  const left = await everything(database);
  expect(left.spans.map(({ spanId }) => spanId).toSorted()).toEqual([other.spanId, later.spanId]);
  expect([left.contents.length, left.traces.length, left.outlines.length]).toEqual([2, 2, 0]);
  expect(left.sessions[0]?.bytes).toBe(left.contents.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  expect(left.sessions[0]?.diskBytes).toBeGreaterThan(0);
}, 60_000);

test('a trace of a long run that still runs: what comes of it is dropped, and the rest of the tab goes on', async () => {
  const recording = startRecording();
  const { recorder, reader, database } = recording;
  const loop = [user('Go')];
  const records = [opened()];
  for (let step = 1; step <= 50; step++) {
    const tool = [`call_${step}`, 'look_up', `{"page":${step}}`] as const;
    records.push(...call(step, { request: asked(...loop), pieces: askingTool(...tool) }));
    loop.push(usingTool(...tool), toolResult(tool[0], `Page ${step}`));
  }
  const request = bytesOf(asked(...loop));
  records.push(start(51, { bodySize: request.byteLength }), chunk(51, 0, request, 'request'), head(51), chunk(51, 0, bytesOf(streamed(['Do'])[0] ?? '')));
  records.push(...call(60, { request: asked(user('Something else')), pieces: streamed(['Yes.']) }));
  for (let first = 0; first < records.length; first += 100) await recorder.take(batchOf(page, first, records.slice(first, first + 100)), page.sender);
  const id = recording.session();
  const traces = await reader.traces(id, { limit: 10 });
  const large = traces.find(({ spans }) => spans > 60);
  expect(large).toMatchObject({ running: true });
  await dieAfterDeleting(recording, id, large?.traceId ?? '');
  await recording.recorder.take(batchOf(page, records.length, [chunk(51, 500, bytesOf('late')), end(51, 504), ...call(61, { request: asked(...loop, user('And?')), pieces: streamed(['No.']) })]), page.sender);
  expect((await reader.traces(id, { limit: 10 })).map(({ spans }) => spans)).toEqual([1, 1]);
  expect((await reader.spans(id)).map(({ exchange }) => exchange).toSorted()).toEqual(['document-1/60', 'document-1/61']);
  await recording.recorder.woke();
  await settled(recording);
  const left = await everything(database);
  expect(left.exchanges.map((exchange) => exchange.id)).toEqual(['document-1/60', 'document-1/61']);
  expect([left.spans.length, left.traces.length, left.bodies.length, left.live.length]).toEqual([2, 2, 2, 0]);
  expect(left.sessions[0]).toMatchObject({ exchanges: 2 });
  expect(new TextDecoder().decode((await reader.body('document-1/61', 'request')).bytes)).toBe(asked(...loop, user('And?')));
  expect(left.documents[0]).toMatchObject({ exchanges: 2 });
}, 60_000);

test('of the traces that are to go for their age, one that runs again stays, and one that the user deleted meanwhile is not told of', async () => {
  const recording = startRecording();
  const { recorder, database, reader } = recording;
  recording.clock.now = 1e12;
  const records = [opened(), ...[1, 2, 3].flatMap((n) => call(n, { request: asked(user(`Question ${n}`)), pieces: streamed(['Yes.']) }))];
  await recorder.take(batchOf(page, 0, records), page.sender);
  const id = recording.session();
  const traceIds = new Map((await everything(database)).exchanges.map(({ ordinal, traceId }) => [ordinal, traceId ?? '']));
  const desk = deskOf(recording);
  let between: (() => Promise<void>) | undefined = async () => {
    between = undefined;
    await recorder.command({ type: 'delete_trace', session: id, traceId: traceIds.get(1) });
    await write(database, async (tx) => {
      const row = await tx.objectStore('traces').get([id, traceIds.get(2) ?? '']);
      if (row) await tx.objectStore('traces').put({ ...row, running: true });
    });
  };
  const session = await reader.session(id);
  if (session) await trim(desk, async (job) => { await between?.(); return job(); }, session, { olderThan: 1e15, excess: 0, budget: { bytes: 1e9, days: 7 } });
  expect((await reader.traces(id, { limit: 10 })).map(({ traceId }) => traceId)).toEqual([traceIds.get(2)]);
  expect((await reader.settings()).removed.age).toMatchObject({ traces: 1 });
});

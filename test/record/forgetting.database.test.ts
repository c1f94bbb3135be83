import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { asked, askingTool, batchOf, bytesOf, call, chunk, end, head, leave, opened, pageOf, start, streamed, toolResult, user, usingTool } from './page.ts';
import { everything, startRecording } from './recording.ts';

const page = pageOf(1);
const pieces = streamed(['One ', 'two ', 'three ', 'four']).map(bytesOf);
const size = (upTo: number): number => pieces.slice(0, upTo).reduce((sum, { byteLength }) => sum + byteLength, 0);
const part = (exchange: number, i: number): PageRecord => chunk(exchange, size(i), pieces[i] ?? bytesOf(''));
const five = [1, 2, 3, 4, 5];

test('clear in the middle of five streams: nothing of them is left or comes back, what starts after it is recorded', async () => {
  const { recorder, database, reader, session, clock } = startRecording();
  const elsewhere = pageOf(2, 2);
  await recorder.take(batchOf(elsewhere, 0, [opened(), ...call(1, { request: asked(user('other tab')), pieces: streamed(['kept']) })]), elsewhere.sender);
  const before = await everything(database);
  const request = bytesOf(asked(user('secret')));
  const beginning = [opened(), ...five.flatMap((n) => [start(n, { bodySize: request.byteLength }), chunk(n, 0, request, 'request'), head(n), part(n, 0), part(n, 1)])];
  await recorder.take(batchOf(page, 0, beginning), page.sender);
  const [{ rev = 0 } = {}] = (await reader.sessions()).filter(({ id }) => id === session());
  clock.now = 15_000;
  expect(await recorder.command({ type: 'clear', session: session() })).toEqual({ ok: true, value: undefined });

  // Late: the rest of the streams, a resend of everything, and a call that began before but was not yet delivered.
  const rest = [...five.flatMap((n) => [part(n, 2), part(n, 3), end(n, size(4))]), start(6, { at: 14_999 }), head(6), end(6, 0), start(7, { at: 15_001 })];
  await recorder.take(batchOf(page, beginning.length, rest), page.sender);
  await recorder.take(batchOf(page, 0, [...beginning, ...rest].slice(0, 30)), page.sender);
  const after = await everything(database);
  expect(after.exchanges.map(({ id }) => id)).toEqual(['document-1/7', 'document-2/1']);
  for (const store of ['segments', 'bodies', 'chains', 'pieces', 'evidence', 'live'] as const) expect(after[store].filter((row) => !('exchange' in row) || !row.exchange.endsWith('/7'))).toEqual(before[store]);
  expect(after.spans).toHaveLength(2);
  const cleared = await reader.session(session());
  expect(cleared).toMatchObject({ bytes: 0, clearedMs: 15_000 });
  expect(cleared?.removedRev).toBeGreaterThan(rev);
  expect(JSON.stringify(after)).not.toContain('secret');
});

test('documents that were left go with the rest', async () => {
  const { recorder, database, session } = startRecording();
  await recorder.take(batchOf(page, 0, [opened(1, 'http://localhost/private'), start(1), leave()]), page.sender);
  await recorder.command({ type: 'clear', session: session() });
  expect((await everything(database)).documents).toEqual([]);
});

test('a mark of clear in the future (the clock was turned back) holds nothing up', async () => {
  const { recorder, database, session, clock } = startRecording();
  await recorder.take(batchOf(page, 0, [opened()]), page.sender);
  clock.now = 9_000_000;
  await recorder.command({ type: 'clear', session: session() });
  clock.now = 20_000;
  await recorder.take(batchOf(page, 1, [start(1)]), page.sender);
  expect((await everything(database)).exchanges).toHaveLength(1);
});

test('paused: running calls are finished, new ones are acknowledged and dropped, until it goes on', async () => {
  const { recorder, database, session, notes } = startRecording();
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1), part(1, 0)]), page.sender);
  expect(await recorder.command({ type: 'record', tabId: 1, on: false })).toMatchObject({ ok: true });
  expect(notes.length).toBeGreaterThan(0);
  expect(await recorder.command({ type: 'status', tabId: 1 })).toMatchObject({ value: { session: session(), paused: true } });
  const whilePaused = [part(1, 1), end(1, size(2)), start(2), head(2), part(2, 0), end(2, size(1))];
  expect(await recorder.take(batchOf(page, 4, whilePaused), page.sender)).toMatchObject({ next: 10 });
  await recorder.command({ type: 'record', tabId: 1, on: true });
  await recorder.take(batchOf(page, 10, [start(3)]), page.sender);
  expect((await everything(database)).exchanges).toMatchObject([{ ordinal: 1, end: { how: 'complete' }, response: { stored: size(2) } }, { ordinal: 3 }]);
});

test('a tab can be paused before it has recorded anything', async () => {
  const { recorder, database } = startRecording();
  await recorder.command({ type: 'record', tabId: 1, on: false });
  await recorder.take(batchOf(page, 0, [opened(), start(1)]), page.sender);
  expect((await everything(database)).exchanges).toEqual([]);
});

test('a deleted trace takes its bodies, keys and spans along and does not come back; the others stay', async () => {
  const { recorder, database, reader, session } = startRecording();
  const weather = [user('Weather?')];
  const oslo = ['call_oslo', 'get_weather', '{"city":"Oslo"}'] as const;
  const kept = call(1, { request: asked(user('Hello')), pieces: streamed(['Good ', 'morning to you.']) });
  const loop = [
    ...call(2, { request: asked(...weather), pieces: askingTool(...oslo) }),
    ...call(3, { request: asked(...weather, usingTool(...oslo), toolResult('call_oslo', 'Snow')), pieces: streamed(['It snows ', 'in Oslo.']) }).slice(0, -1),
  ];
  const records = [opened(), ...kept];
  await recorder.take(batchOf(page, 0, records), page.sender);
  const alone = await everything(database);
  await recorder.take(batchOf(page, records.length, loop), page.sender);
  const traces = new Set((await reader.spans(session())).map(({ traceId }) => traceId));
  expect(traces.size).toBe(2);
  const [traceId = ''] = (await reader.spans(session())).filter(({ exchange }) => exchange === 'document-1/2').map((span) => span.traceId);
  expect((await reader.spans(session())).filter((span) => span.traceId === traceId).map(({ kind }) => kind).toSorted()).toEqual(['AGENT', 'LLM', 'LLM', 'TOOL']);

  expect(await recorder.command({ type: 'delete_trace', session: session(), traceId })).toMatchObject({ ok: true });
  await recorder.take(batchOf(page, records.length + loop.length, [end(3, 1_000)]), page.sender);
  await recorder.take(batchOf(page, 0, [...records, ...loop]), page.sender);
  const { sessions, documents, ...rest } = await everything(database);
  const { sessions: sessionsAlone, documents: documentsAlone, ...restAlone } = alone;
  expect(rest).toEqual(restAlone);
  expect(sessions[0]?.bytes).toBe(sessionsAlone[0]?.bytes);
  expect(documents[0]).toMatchObject({ bytes: documentsAlone[0]?.bytes, exchanges: documentsAlone[0]?.exchanges });
  expect(sessions[0]?.removedRev).toBeGreaterThan(0);
});

test('what is no command is refused, and so is a session that is not stored', async () => {
  const { recorder } = startRecording();
  expect(await recorder.command({ type: 'clear' })).toMatchObject({ ok: false });
  expect(await recorder.command(null)).toMatchObject({ ok: false });
  expect(await recorder.command({ type: 'clear', session: 'none' })).toEqual({ ok: false, error: 'This session is no longer stored.' });
});

test('what a request that is still coming has in common with a deleted call stays', async () => {
  const { recorder, reader, session } = startRecording();
  const said = ['first', 'second', 'third'].map((word) => user(`${word} ${'word '.repeat(30)}`));
  await recorder.take(batchOf(page, 0, [opened(), ...call(1, { request: asked(...said), pieces: streamed(['x']) })]), page.sender);
  const body = asked(...said, user('fourth'));
  const half = body.indexOf('third');
  const next = 1 + call(1, { request: asked(...said), pieces: streamed(['x']) }).length;
  await recorder.take(batchOf(page, next, [start(2, { bodySize: body.length }), chunk(2, 0, bytesOf(body.slice(0, half)), 'request')]), page.sender);
  const { traceId = '' } = await reader.exchange('document-1/1') ?? {};
  expect(await recorder.command({ type: 'delete_trace', session: session(), traceId })).toMatchObject({ ok: true });
  expect(await reader.exchange('document-1/1')).toBeUndefined();
  await recorder.take(batchOf(page, next + 2, [chunk(2, half, bytesOf(body.slice(half)), 'request')]), page.sender);
  expect(new TextDecoder().decode((await reader.body('document-1/2', 'request')).bytes)).toBe(body);
});

import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { Batch } from '../../lib/model/record.ts';
import { asked, batchOf, bytesOf, call, chunk, end, head, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, startRecording } from './recording.ts';

const victim = pageOf(1, 1);
const attacker = pageOf(66, 2);

test("a page that knows another's relay, document and call changes none of its rows", async () => {
  const { recorder, database } = startRecording();
  const running = [opened(), ...call(1, { request: asked(user('mine')), pieces: streamed(['answer']) }).slice(0, -1)];
  await recorder.take(batchOf(victim, 0, running), victim.sender);
  const before = await everything(database);
  const forged: Batch = { ...batchOf(victim, running.length, [chunk(1, 0, bytesOf('forged')), end(1, 0, 'aborted'), start(2)]) };
  await recorder.take(forged, attacker.sender);
  await recorder.take({ ...forged, documentId: victim.sender.documentId, first: 0 } as Batch, attacker.sender);
  const after = await everything(database);
  for (const store of ['segments', 'contents', 'live'] as const) expect(after[store]).toEqual(before[store]);
  expect(after.exchanges.filter(({ documentId }) => documentId === 'document-1')).toEqual(before.exchanges);
  expect(after.documents.find(({ documentId }) => documentId === 'document-1')).toEqual(before.documents[0]);
  expect(after.sessions.find(({ tabId }) => tabId === 1)).toEqual(before.sessions[0]);
  // The victim goes on as if nothing had been.
  await recorder.take(batchOf(victim, running.length, [end(1, 10_000)]), victim.sender);
  expect((await everything(database)).exchanges.find(({ id }) => id === 'document-1/1')).toMatchObject({ end: { how: 'complete' } });
});

test('a frame that says it is the page is none', async () => {
  const { recorder, database } = startRecording();
  await recorder.take(batchOf(victim, 0, [opened(1_000, 'http://localhost/mine')]), victim.sender);
  await recorder.take(batchOf(pageOf(70), 0, [opened(2_000, 'http://bank.example/')]), { documentId: 'document-70', tabId: 1, frameId: 7, framed: true });
  const { sessions, documents } = await everything(database);
  expect(sessions[0]).toMatchObject({ url: 'http://localhost/mine' });
  expect(documents.find(({ documentId }) => documentId === 'document-70')).toMatchObject({ top: false, url: 'http://bank.example/' });
});

test('a second relay in the same document counts anew and overwrites nothing', async () => {
  const { recorder, database } = startRecording();
  await recorder.take(batchOf(victim, 0, [opened(), start(1), start(2)]), victim.sender);
  const second = { ...pageOf(67), sender: victim.sender };
  expect(await recorder.take(batchOf(second, 0, [opened(), start(1, { url: 'http://localhost/second' })]), victim.sender)).toMatchObject({ next: 2 });
  expect((await everything(database)).exchanges.map(({ id }) => id)).toEqual(['document-1/1', 'document-1/2', `document-1~${second.relay}/1`]);
});

test('a flood is bounded and holds nobody else up for long', async () => {
  const { recorder, database } = startRecording();
  // The same request and answer over and over: every call is a candidate for every other.
  const flood = Array.from({ length: 300 }, (_, i) => call(i + 1, { request: asked(user('same')), pieces: ['{"error":{"type":"x","message":"y"}}'], status: 500 })).flat();
  const sent: Array<Promise<unknown>> = [];
  for (let at = 0; at < flood.length; at += limits.messageRecords) sent.push(recorder.take(batchOf(attacker, at, flood.slice(at, at + limits.messageRecords)), attacker.sender));
  sent.push(recorder.take(batchOf(victim, 0, [opened(), ...call(1, { request: asked(user('mine')), pieces: streamed(['answer']) })]), victim.sender));
  await Promise.all(sent);
  expect((await everything(database)).exchanges.filter(({ documentId }) => documentId === 'document-1')).toMatchObject([{ end: { how: 'complete' } }]);
}, 60_000);

test('numbers at the edge: far offsets, times before the start, sizes without bytes', async () => {
  const { recorder, reader, database } = startRecording();
  const far = Number.MAX_SAFE_INTEGER - 10;
  await recorder.take(batchOf(victim, 0, [opened(), start(1, { clock: 5_000 }), { ...head(1), clock: 0 } as never, { ...chunk(1, far, bytesOf('abc')), times: Float64Array.of(6_000) } as never, end(1, Number.MAX_SAFE_INTEGER)]), victim.sender);
  const exchange = await reader.exchange('document-1/1');
  expect(exchange).toMatchObject({ head: { atMs: 0 }, response: { stored: 3 } });
  expect(exchange?.response.read).toBe((exchange?.response.stored ?? 0) + (exchange?.response.missing ?? 0));
  expect((await everything(database)).documents[0]?.bytes).toBe(3);
});

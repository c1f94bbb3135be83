import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { Ack, Batch, PageRecord } from '../../lib/model/record.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { asked, batchOf, bytesOf, call, chunk, end, head, leave, opened, pageOf, start, streamed, user } from './page.ts';
import { deliver, everything, startRecording } from './recording.ts';

const victim = pageOf(1, 1);
const attacker = pageOf(66, 2);

test("a page that knows another's relay, document and call changes none of its rows", async () => {
  const { recorder, database } = startRecording();
  const running = [opened(), ...call(1, { request: asked(user('mine')), pieces: streamed(['answer']) }).slice(0, -1)];
  await recorder.take(batchOf(victim, 0, running), victim.sender);
  const before = await everything(database);
  const forged: Batch = { ...batchOf(victim, running.length, [chunk(1, 0, bytesOf('forged')), end(1, 0, 'aborted'), start(2)]) };
  await recorder.take(forged, attacker.sender);
  const claims = { documentId: victim.sender.documentId, tabId: 1, frameId: 0, session: before.sessions[0]?.id };
  for (const first of [0, running.length]) await recorder.take({ ...forged, ...claims, first } as Batch, attacker.sender);
  const unheard = pageOf(67, 2);
  await recorder.take({ ...batchOf(unheard, 0, [opened(), start(1)]), ...claims } as Batch, unheard.sender);
  const after = await everything(database);
  for (const store of ['segments', 'bodies', 'chains', 'pieces', 'live'] as const) expect(after[store]).toEqual(before[store]);
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

test('what was told comes again with what is new: it counts once', async () => {
  const { recorder, reader } = startRecording();
  const told = [opened(), start(1), leave(), chunk(1, 0, bytesOf('back from the cache')), start(2)];
  for (const [first, next] of [[0, 3], [3, 4], [2, 5]]) await recorder.take(batchOf(victim, first as number, told.slice(first, next)), victim.sender);
  expect(await reader.exchange('document-1/1')).not.toHaveProperty('end');
  expect(await reader.exchange('document-1/2')).toBeDefined();
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

test('a tab that floods holds up another by one batch', async () => {
  const { recorder } = startRecording();
  let done = 0;
  const flood = Array.from({ length: 60 }, (_, at) => recorder.take(batchOf(pageOf(100 + at, 2), 0, [opened(), ...call(1, { request: asked(user('flood')), pieces: streamed(['x'.repeat(50_000)]) })]), pageOf(100 + at, 2).sender).then(() => { done++; }));
  await recorder.take(batchOf(victim, 0, [opened(), start(1)]), victim.sender);
  expect(done).toBeLessThan(5);
  await Promise.all(flood);
  expect(done).toBe(60);
});

test('a batch that would have everything read again is taken in parts, and all of it in the end', async () => {
  const recording = startRecording();
  const { database } = recording;
  const calls = Array.from({ length: 12 }, (_, i) => i + 1);
  const big = 'x'.repeat(limits.batchLoad / 4);
  let seq = 0;
  const send = async (records: PageRecord[]): Promise<Ack> => {
    const first = seq;
    seq += records.length;
    return recording.recorder.take(batchOf(victim, first, records), victim.sender);
  };
  const frames = streamed([big]);
  const size = bytesOf(frames.slice(0, 2).join('')).byteLength;
  await send([opened()]);
  for (const n of calls) {
    const [begin, ...rest] = call(n, { request: asked(user(`call ${n}`)), pieces: frames.slice(0, 2) }).slice(0, -1);
    await send([begin as PageRecord]);
    for (const record of rest) await send(record.kind === 'chunk' && record.size > limits.recordBytes ? pieces(record) : [record]);
  }
  recording.restart(); // nothing of them is in memory any more
  const tail = bytesOf(frames.slice(2).join(''));
  const records = calls.flatMap((n) => [chunk(n, size, tail), end(n, size + tail.byteLength)]);
  const first = seq;
  const answers: number[] = [];
  await deliver(async (at) => {
    const ack = await recording.recorder.take(batchOf(victim, Math.max(at, first), records.slice(Math.max(at, first) - first)), victim.sender);
    answers.push(ack.next);
    return ack;
  }, first + records.length);
  expect(answers.length).toBeGreaterThan(2);
  const { exchanges } = await everything(database);
  expect(exchanges.map(({ end, facts, response }) => [end?.how, facts?.finish?.raw, response.stored === response.read])).toEqual(calls.map(() => ['complete', 'stop', true]));
}, 60_000);

/** A chunk in records of the size that passes the gate. */
function pieces(record: PageRecord): PageRecord[] {
  if (record.kind !== 'chunk' || !record.bytes) return [record];
  const { bytes, exchange } = record;
  return Array.from({ length: Math.ceil(bytes.byteLength / limits.recordBytes) }, (_, i) => chunk(exchange, record.offset + i * limits.recordBytes, bytes.slice(i * limits.recordBytes, (i + 1) * limits.recordBytes)));
}

test('numbers at the edge: far offsets, times before the start, sizes without bytes', async () => {
  const { recorder, reader, database } = startRecording();
  const far = Number.MAX_SAFE_INTEGER - 10;
  await recorder.take(batchOf(victim, 0, [opened(), start(1, { clock: 5_000 }), { ...head(1), clock: 0 } as never, { ...chunk(1, far, bytesOf('abc')), times: Float64Array.of(6_000) } as never, end(1, Number.MAX_SAFE_INTEGER)]), victim.sender);
  const exchange = await reader.exchange('document-1/1');
  expect(exchange).toMatchObject({ head: { atMs: 0 }, response: { stored: 3 } });
  expect(exchange?.response.read).toBe((exchange?.response.stored ?? 0) + (exchange?.response.missing ?? 0));
  expect((await everything(database)).documents[0]?.bytes).toBe(3);
});

test('what is missing of both sides together is a number that still counts', async () => {
  const { recorder, reader, session } = startRecording();
  const far = Number.MAX_SAFE_INTEGER - 10;
  await recorder.take(batchOf(victim, 0, [opened(), start(1), { ...chunk(1, far, bytesOf('abc'), 'request'), times: Float64Array.of(6_000) } as never, end(1, Number.MAX_SAFE_INTEGER)]), victim.sender);
  expect(await reader.spans(session())).toMatchObject([{ missingBytes: Number.MAX_SAFE_INTEGER }]);
});

test('sums of token counts stay exact, whatever answers tell', async () => {
  const { recorder, reader, session } = startRecording();
  const told = [999_999_999_999_999, 999_999_999_999, 9_999_999_999, 7];
  const calls = Array.from({ length: 20 }, (_, i) => {
    const tokens = told[i % told.length] as number;
    return call(i + 1, { request: asked(user(`question ${i}`)), pieces: [JSON.stringify({ id: `r${i}`, choices: [], usage: { prompt_tokens: tokens, completion_tokens: tokens - 1, prompt_tokens_details: { cached_tokens: tokens } } })] });
  });
  await recorder.take(batchOf(victim, 0, [opened(), ...calls.flat()]), victim.sender);
  const rows = await reader.traces(session(), { limit: 100 });
  expect(rows).toHaveLength(20);
  for (const { traceId } of rows) await recorder.command({ type: 'delete_trace', session: session(), traceId });
  expect(await reader.session(session())).toMatchObject({ totals: { traces: 0, spans: 0, errors: 0, tokens: 0 } });
});

test.each([['less', 4], ['more', 4_000], ['as much, of which some is left out', 25]])('a request that said it has %s is found all the same', async (_, bodySize) => {
  const { recorder, database } = startRecording();
  const bytes = bytesOf('{"prompt":"Where is the harbour?"}');
  const body = bodySize === 25 ? [chunk(1, 0, bytes.slice(0, 5), 'request'), chunk(1, 14, bytes.slice(14), 'request')] : [chunk(1, 0, bytes, 'request')];
  await recorder.take(batchOf(victim, 0, [opened(), start(1, { bodySize }), ...body, end(1, 0)]), victim.sender);
  expect((await Array.fromAsync(createSearch(database).hits('the harbour'))).flat()).toMatchObject([{ exchange: 'document-1/1', kind: 'request' }]);
});

test('a call that went on behind its end is found once', async () => {
  const { recorder, database } = startRecording();
  await recorder.take(batchOf(victim, 0, [opened(), ...call(1, { request: asked(user('Where?')), pieces: ['{"text":"In the harbour"'] }).slice(0, -1), leave()]), victim.sender);
  await recorder.take(batchOf(victim, 6, [chunk(1, 24, bytesOf('}')), end(1, 25)]), victim.sender);
  expect((await Array.fromAsync(createSearch(database).hits('harbour'))).flat().map(({ kind }) => kind)).toEqual(['response']);
});

import { expect, test, vi } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import { asked, batchOf, bytesOf, call, chunk, emptied, end, head, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, startRecording } from './recording.ts';

const page = pageOf(1);
const id = 'document-1/1';

test('a call is stored as it crossed the wire', async () => {
  const { recorder, reader, session } = startRecording();
  const request = asked(user('Hello'));
  const pieces = streamed(['Good ', 'morning']);
  const records = [opened(), ...call(1, { request, pieces })];
  expect(await recorder.take(batchOf(page, 0, records), page.sender)).toEqual({ next: records.length, documentId: 'document-1' });

  const exchange = await reader.exchange(id);
  expect(exchange).toMatchObject({ session: session(), method: 'POST', pageUrl: 'http://localhost/', head: { status: 200, atMs: 50 }, firstByteMs: 60, end: { how: 'complete', atMs: 8_000 } });
  const size = bytesOf(pieces.join('')).byteLength;
  expect(exchange?.response).toEqual({ read: size, stored: size, missing: 0 });
  const response = await reader.body(id, 'response');
  expect(new TextDecoder().decode(response.bytes)).toBe(pieces.join(''));
  expect(response.ends).toHaveLength(pieces.length);
  expect(response.times[1]).toBe(60 + (response.ends[0] ?? 0));
  expect(new TextDecoder().decode((await reader.body(id, 'request')).bytes)).toBe(request);
  expect(await reader.sessions()).toMatchObject([{ id: session(), tabId: 1, url: 'http://localhost/', bytes: size + bytesOf(request).byteLength }]);
  expect(await reader.spans(session())).toMatchObject([{ kind: 'LLM', exchange: id, startMs: 10_100, endMs: 18_100 }]);
});

test('a wall clock set back in mid-call changes no time within it', async () => {
  const { recorder, reader, session } = startRecording();
  const pieces = streamed(['Good ', 'morning']);
  const [first, ...rest] = call(1, { request: asked(user('Hello')), pieces });
  const hourAgo = start(2, { at: 10_200 - 3_600_000 });
  await recorder.take(batchOf(page, 0, [opened(), first, hourAgo, ...rest].filter((record) => record !== undefined)), page.sender);
  expect(await reader.exchange(id)).toMatchObject({ startMs: 10_100, head: { atMs: 50 }, end: { atMs: 8_000 } });
  expect((await reader.spans(session())).find(({ exchange }) => exchange === id)).toMatchObject({ startMs: 10_100, endMs: 18_100 });
});

test('a batch delivered twice lands once, a gap is asked for, an overlap brings only what is new', async () => {
  const { recorder, database } = startRecording();
  const records = [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc')), chunk(1, 3, bytesOf('def')), end(1, 6)];
  const from = (first: number, to: number): ReturnType<typeof batchOf> => batchOf(page, first, records.slice(first, to));
  expect(await recorder.take(from(3, 5), page.sender)).toMatchObject({ next: 0 });
  expect(await recorder.take(from(0, 3), page.sender)).toMatchObject({ next: 3 });
  expect(await recorder.take(from(0, 3), page.sender)).toMatchObject({ next: 3 });
  expect(await recorder.take(from(5, 6), page.sender)).toMatchObject({ next: 3 });
  expect(await recorder.take(from(1, 5), page.sender)).toMatchObject({ next: 5 });
  expect(await recorder.take(from(3, 6), page.sender)).toMatchObject({ next: 6 });
  const { exchanges, segments } = await everything(database);
  expect(exchanges).toMatchObject([{ response: { read: 6, stored: 6, missing: 0 }, end: { how: 'complete' } }]);
  expect(segments.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['abcdef']);
});

test('a relay that no longer has what is asked for is followed', async () => {
  const { recorder } = startRecording();
  const late = batchOf(page, 40, [start(7)]);
  expect(await recorder.take(late, page.sender)).toMatchObject({ next: 0 });
  expect(await recorder.take({ ...late, skipped: true }, page.sender)).toMatchObject({ next: 41 });
});

test('read = stored + missing, whatever is lost on the way', async () => {
  const { recorder, reader } = startRecording();
  const records = [opened(), start(1), head(1),
    chunk(1, 0, bytesOf('0123')), emptied(1, 4, 6), chunk(1, 10, bytesOf('abcd')),
    chunk(1, 12, bytesOf('cdef')), // overlap of two
    chunk(1, 4, bytesOf('45')), // seen
    chunk(1, 20, bytesOf('xyz')), // four left out
    end(1, 25)];
  await recorder.take(batchOf(page, 0, records), page.sender);
  const exchange = await reader.exchange(id);
  expect(exchange?.response).toEqual({ read: 25, stored: 13, missing: 12 });
  const body = await reader.body(id, 'response');
  expect(new TextDecoder().decode(body.bytes)).toBe('0123abcdefxyz');
  expect(body.missing).toBe(12);
  expect([...body.ends]).toEqual([4, 8, 10, 13]);
});

test('records of a call that never started, of another kind or past its end change nothing', async () => {
  const { recorder, database } = startRecording();
  await recorder.take(batchOf(page, 0, [opened(), head(3), chunk(3, 0, bytesOf('x')), end(3, 1)]), page.sender);
  expect((await everything(database)).exchanges).toEqual([]);
  await recorder.take(batchOf(page, 4, [start(1), end(1, 0), chunk(1, 0, bytesOf('late')), start(1, { url: 'http://localhost/forged' }), head(1)]), page.sender);
  expect((await everything(database)).exchanges).toMatchObject([{ url: 'http://localhost/v1/chat/completions', response: { read: 0 }, end: { how: 'complete' } }]);
  expect((await everything(database)).exchanges[0]).not.toHaveProperty('head');
});

test('a refused message is answered, so that its relay goes on', async () => {
  const { recorder, database } = startRecording();
  expect(await recorder.take({ ...batchOf(page, 5, [opened()]), version: 99 }, page.sender)).toEqual({ next: 6, documentId: 'document-1' });
  expect(await recorder.take('nonsense', page.sender)).toEqual({ next: 0, documentId: 'document-1' });
  expect(await recorder.take({ ...batchOf(page, 0, []), records: [opened(), { kind: 'start', exchange: -1 }, start(2)] }, page.sender)).toMatchObject({ next: 3 });
  expect((await everything(database)).exchanges).toMatchObject([{ ordinal: 2 }]);
});

test('a batch that brings out a mistake of ours is given up, and its document goes on', async () => {
  const { recorder, reader, clock } = startRecording();
  const reported = vi.fn<(error: unknown) => void>();
  vi.stubGlobal('reportError', reported);
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1)]), page.sender);
  let calls = 0;
  Object.defineProperty(clock, 'now', { get: () => { if (++calls === 1) throw new Error('mistake'); return 1; } });
  expect(await recorder.take(batchOf(page, 3, [chunk(1, 0, bytesOf('abc'))]), page.sender)).toMatchObject({ next: 4 });
  expect(reported).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
  await recorder.take(batchOf(page, 4, [chunk(1, 3, bytesOf('def')), end(1, 6)]), page.sender);
  expect(await reader.exchange(id)).toMatchObject({ response: { read: 6, stored: 3, missing: 3 }, end: { how: 'complete' } });
});

test('a page fills its own quota: calls, running calls, bytes', async () => {
  const { recorder, database } = startRecording();
  const many = Array.from({ length: limits.openExchanges + 10 }, (_, i) => start(i + 1));
  await recorder.take(batchOf(page, 0, many.slice(0, 500)), page.sender);
  await recorder.take(batchOf(page, 500, many.slice(500)), page.sender);
  expect((await everything(database)).exchanges).toHaveLength(limits.openExchanges);

  const other = pageOf(2);
  await recorder.take(batchOf(other, 0, [opened(), start(1)]), other.sender);
  const big = new Uint8Array(limits.recordBytes);
  let offset = 0;
  let seq = 2;
  while (offset <= limits.bodyBytes) {
    const records = [0, 1, 2, 3].map((i) => chunk(1, offset + i * big.byteLength, big));
    offset += 4 * big.byteLength;
    await recorder.take(batchOf(other, seq, records), other.sender);
    seq += records.length;
  }
  const stored = (await everything(database)).exchanges.find(({ documentId }) => documentId === 'document-2');
  expect(stored?.response).toEqual({ read: offset, stored: limits.bodyBytes, missing: offset - limits.bodyBytes });
});

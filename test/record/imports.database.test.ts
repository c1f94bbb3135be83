import { expect, test } from 'vitest';
import type { ImportPart } from '../../lib/model/command.ts';
import { limits } from '../../lib/model/limits.ts';
import { span } from '../panel/made-span.ts';
import { everything, startRecording } from './recording.ts';

const ID = 'import-1';
const part = (...spans: Array<[spanId: string, traceId: string, content: string]>): ImportPart => ({
  session: ID, file: 'saved.json', site: 'http://localhost/', resource: '[]', spans: spans.map(([spanId, traceId, content]) => ({ row: span(spanId, { source: ID, traceId }), content })),
});

test('a trace of an import that is deleted lowers what its session says it holds', async () => {
  const { recorder, reader } = startRecording();
  await recorder.command({ type: 'import', part: part(['a', 'one', '[1]'], ['b', 'one', '["é"]'], ['c', 'two', '[4444]']) });
  expect(await reader.session(ID)).toMatchObject({ bytes: 3 + 6 + 6 });
  await recorder.command({ type: 'delete_trace', session: ID, traceId: 'one' });
  expect(await reader.session(ID)).toMatchObject({ bytes: 6 });
  await recorder.command({ type: 'delete_trace', session: ID, traceId: 'two' });
  expect(await reader.session(ID)).toMatchObject({ bytes: 0, diskBytes: 0 });
});

test('a part that the disk has no room for leaves no session behind, and nothing of itself', async () => {
  const { recorder, database } = startRecording(async () => limits.diskReserve + 10);
  expect(await recorder.command({ type: 'import', part: part(['a', 'one', '[1,2,3,4,5,6]']) })).toMatchObject({ ok: false, error: expect.stringContaining('the disk is full') });
  const stored = await everything(database);
  expect([stored.sessions, stored.spans, stored.contents]).toEqual([[], [], []]);
  expect(await recorder.command({ type: 'import', part: part(['a', 'one', '[1]']) })).toEqual({ ok: true, value: undefined });
});

test('a part larger than what is asked for at once is taken where there is room', async () => {
  const { recorder, reader } = startRecording();
  const content = JSON.stringify(['x'.repeat(limits.diskStep + 1)]);
  expect(await recorder.command({ type: 'import', part: part(['a', 'one', content]) })).toEqual({ ok: true, value: undefined });
  expect((await reader.content(ID, 'a'))?.byteLength).toBe(content.length);
});

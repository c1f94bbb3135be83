/** Bodies of 100 MB, as they come: what there is room for is kept and read, the rest is counted, nothing of it stays in memory, and a
 *  neighbour is recorded meanwhile. */
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord, Side } from '../../lib/model/record.ts';
import { createReadings } from '../../lib/panel/reading.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { batchOf, bytesOf, call, chunk, end, head, opened, pageOf, start, streamed } from '../record/page.ts';
import { startRecording } from '../record/recording.ts';
import { tell } from './large-calls.ts';
import { memoryInUse, MB } from './memory.ts';
import { loop } from './pages.ts';

const page = pageOf(66, 2);
const neighbour = pageOf(1, 1);
const RECORDS = 400;
const SIZE = RECORDS * limits.recordBytes;
const counted = { read: SIZE, stored: limits.bodyBytes, missing: SIZE - limits.bodyBytes };

/** One record, whatever its text. */
const full = (first: string, last = ''): Uint8Array<ArrayBuffer> => bytesOf(`${first}${'x'.repeat(limits.recordBytes - first.length - last.length)}${last}`);

function hugeBody(side: Side, first: Uint8Array<ArrayBuffer>, others = full('')): PageRecord[] {
  return Array.from({ length: RECORDS }, (_, i) => ({ ...chunk(1, i * limits.recordBytes, i === 0 ? first : others, side), times: Float64Array.of(2_000) }) as PageRecord);
}

const answer = streamed(['short']).map((piece, i, all) => chunk(1, bytesOf(all.slice(0, i).join('')).length, bytesOf(piece)));
const question = '{"model":"m","messages":[{"role":"user","content":"the first words ';
const frame = (words: string): Uint8Array<ArrayBuffer> => full(`data: {"choices":[{"index":0,"delta":{"content":"${words}`, '"}}]}\n\n');

test.each([
  ['a request', 'request', SIZE, hugeBody('request', full(question)), answer, 'short', 'request'],
  ['an answer that is one text', 'response', 0, [], hugeBody('response', full('{"choices":[{"index":0,"message":{"role":"assistant","content":"the first words ')), '', 'response'],
  ['a stream that adds up to one text', 'response', 0, [], hugeBody('response', frame('the first words '), frame('')), 'the first words ', 'answer'],
] as const)('%s of 100 MB', async (_, side, bodySize, request, response, said, kind) => {
  const recording = startRecording();
  const { recorder, reader, database } = recording;
  const honest = [[opened()], ...loop.map((spoken, i) => call(i + 1, spoken))];
  const before = await memoryInUse();
  let [next, heard] = [0, 0];
  for (const records of [[opened(), start(1, { bodySize }), ...request], [head(1), ...response], [end(1, side === 'response' ? SIZE : 0)]]) {
    next = await tell(recording, page, records, next);
    const own = honest.shift() ?? [];
    await recorder.take(batchOf(neighbour, heard, own), neighbour.sender);
    heard += own.length;
  }
  expect(await memoryInUse() - before).toBeLessThan(8 * MB);
  expect(await reader.exchange('document-66/1')).toMatchObject({ [side]: counted, end: { how: 'complete' } });
  expect(await reader.spans(recording.session(2))).toMatchObject([{ kind: 'LLM', missingBytes: counted.missing }]);
  expect((await reader.spans(recording.session(1))).map((span) => [span.kind, span.missingBytes])).toEqual([['LLM', undefined], ['AGENT', undefined], ['TOOL', undefined], ['LLM', undefined]]);
  expect((await Array.fromAsync(createSearch(database).hits('the first words'))).flat().map((hit) => hit.kind)).toEqual([kind]);
  const read = await createReadings(reader).read('document-66/1');
  const [part] = read?.call.output[0]?.parts ?? [];
  expect(part?.type === 'text' ? part.text.slice(0, said.length) : '').toBe(said);
});

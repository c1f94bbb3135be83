/** Rows are what the worker pays for: a stream costs one segment a batch, however many chunks the batch brought. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { asked, batchOf, bytesOf, chunk, emptied, end, head, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const STREAMS = [1, 2, 3];

interface Spread { batches: number; chunks: number }

/** Streams side by side: every batch brings `chunks` chunks of each, in turns. Answers what each stream said. */
async function stream({ recorder }: Recording, { batches, chunks }: Spread): Promise<string[][]> {
  const said = STREAMS.map((exchange) => streamed(Array.from({ length: batches * chunks - 3 }, (_, word) => `word ${word} of ${exchange} `)));
  const request = bytesOf(asked(user('Tell me everything')));
  const half = request.byteLength >> 1;
  const offsets = STREAMS.map(() => 0);
  let seq = 0;
  const take = async (records: PageRecord[]): Promise<void> => {
    expect(await recorder.take(batchOf(page, seq, records), page.sender)).toMatchObject({ next: seq + records.length });
    seq += records.length;
  };
  await take([opened(), ...STREAMS.flatMap((exchange) => [
    start(exchange, { bodySize: request.byteLength }), chunk(exchange, 0, request.slice(0, half), 'request'), chunk(exchange, half, request.slice(half), 'request'), head(exchange),
  ])]);
  for (let batch = 0; batch < batches; batch++) {
    const records: PageRecord[] = [];
    for (let index = batch * chunks; index < (batch + 1) * chunks; index++) {
      for (const [at, exchange] of STREAMS.entries()) {
        const bytes = bytesOf(said[at]?.[index] ?? '');
        records.push(chunk(exchange, offsets[at] ?? 0, bytes));
        offsets[at] = (offsets[at] ?? 0) + bytes.byteLength;
      }
    }
    await take(records);
  }
  await take(STREAMS.map((exchange, at) => end(exchange, offsets[at] ?? 0)));
  return said;
}

test.each<Spread>([
  { batches: 1, chunks: 150 },
  { batches: 12, chunks: 1 },
  { batches: 12, chunks: 25 },
  { batches: 24, chunks: 25 },
])('batches: $batches, chunks in each: $chunks, segments of a stream: $batches', async ({ batches, chunks }) => {
  const recording = startRecording();
  const said = await stream(recording, { batches, chunks });
  const { segments, bodies, exchanges } = await everything(recording.database);
  for (const [at, { id }] of exchanges.entries()) {
    const response = segments.filter((row) => row.exchange === id);
    expect(response).toHaveLength(batches);
    // Each read is still told, inside the row.
    expect(response.map(({ times, ends }) => [times.length, ends.length])).toEqual(Array.from({ length: batches }, () => [chunks, chunks]));
    const body = await recording.reader.body(id, 'response');
    let read = 0;
    expect([...body.ends]).toEqual(said[at]?.map((piece) => read += bytesOf(piece).byteLength));
    expect(new TextDecoder().decode(body.bytes)).toBe(said[at]?.join(''));
  }
  expect([segments.length, bodies.length]).toEqual([STREAMS.length * batches, STREAMS.length]);
});

/** Single bytes, each a chunk. */
const digits = (from: number, to: number): PageRecord[] => Array.from({ length: to - from }, (_, i) => chunk(1, from + i, bytesOf(String((from + i) % 10))));

test('only bytes that are not there part a segment', async () => {
  const recording = startRecording();
  const records = [opened(), start(1), head(1), ...digits(0, 20), emptied(1, 20, 5), ...digits(25, 40), ...digits(30, 40), ...digits(44, 50), end(1, 50)];
  await recording.recorder.take(batchOf(page, 0, records), page.sender);
  const { segments } = await everything(recording.database);
  expect(segments.map(({ offset, size }) => [offset, size])).toEqual([[0, 20], [25, 15], [44, 6]]);
});

/** What a session says it takes on the disk is what its rows take, whatever was written again, deleted or cut otherwise. */
import { expect, test } from 'vitest';
import { chance } from '../chance.ts';
import { recordAll } from '../store/kept-database.ts';
import { countedAnew } from './counted-anew.ts';
import { asked, assistant, batchOf, bytesOf, call, chunk, opened, pageOf, start, streamed, user } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

async function told({ database }: Recording): Promise<Record<string, number>> {
  return Object.fromEntries((await everything(database)).sessions.map(({ id, diskBytes }) => [id, diskBytes]));
}

test('recorded, imported, deleted, cleared: the count holds after each', async () => {
  const recording = startRecording();
  const holds = async (): Promise<Record<string, number>> => {
    const counts = await countedAnew(recording);
    expect(await told(recording)).toEqual(counts);
    return counts;
  };
  await recordAll(recording);
  const full = await holds();
  expect(Math.min(...Object.values(full))).toBeGreaterThan(100);
  const { recorder, reader, session } = recording;
  const traces = [...new Set((await reader.spans(session())).map(({ traceId }) => traceId))];
  for (const traceId of traces.slice(1)) await recorder.command({ type: 'delete_trace', session: session(), traceId });
  expect((await holds())[session()]).toBeLessThan(full[session()] as number / 2);
  const [first] = await reader.spans('import-1');
  await recorder.command({ type: 'delete_trace', session: 'import-1', traceId: first?.traceId });
  expect((await holds())['import-1']).toBe(0);
  await recorder.command({ type: 'clear', session: session() });
  expect((await holds())[session()]).toBe(0);
});

test.each([1, 2, 3])('in batches cut at random, between deaths (%i)', async (seed) => {
  const random = chance(seed);
  const recording = startRecording();
  const page = pageOf(1);
  const late = bytesOf(asked(user('A request that comes in three parts, of which each lies by itself until the last is there')));
  const turns = [user('Hello')];
  const records = [opened()];
  for (let n = 1; n < 12; n++) {
    records.push(...call(n, { request: asked(...turns), pieces: streamed([`Answer ${n}, `, 'and some more words of it.']), status: n % 5 === 0 ? 429 : 200 }));
    turns.push(assistant(`Answer ${n}, and some more words of it.`), user(`Question ${n} of one who wants to know more than that`));
  }
  records.push(start(20, { bodySize: late.byteLength }), ...[0, 40, 80].map((at) => chunk(20, at, late.slice(at, at === 80 ? undefined : at + 40), 'request')));
  for (let next = 0; next < records.length;) {
    ({ next } = await recording.recorder.take(batchOf(page, next, records.slice(next, next + 1 + random(9))), page.sender));
    if (random(4) === 0) recording.restart();
  }
  expect(await told(recording)).toEqual(await countedAnew(recording));
});

test('the fortieth turn of a conversation takes what is new of it', async () => {
  const recording = startRecording();
  const page = pageOf(1);
  const turns = [user('Hello')];
  const sizes: number[] = [];
  let seq = 0;
  for (let n = 1; n <= 40; n++) {
    const records = [...n === 1 ? [opened()] : [], ...call(n, { request: asked(...turns), pieces: streamed([`Answer ${n}`]) })];
    await recording.recorder.take(batchOf(page, seq, records), page.sender);
    seq += records.length;
    turns.push(assistant(`Answer ${n}`), user(`Question ${n}`.padEnd(2_000, '.')));
    sizes.push(Object.values(await told(recording))[0] ?? 0);
  }
  const added = (n: number): number => (sizes[n] as number) - (sizes[n - 1] as number);
  expect(added(39)).toBeLessThan(1.5 * added(10));
});

const usage = async (): Promise<number> => (await navigator.storage.estimate()).usage ?? 0;

/** Text that no compression makes small. */
const noise = (size: number): string => crypto.getRandomValues(new Uint8Array(Math.min(size, 49_152))).toBase64();

test('what it says is what the browser says, within a factor of two', async () => {
  const recording = startRecording();
  const page = pageOf(1);
  const before = await usage();
  let seq = 0;
  for (let n = 1; n <= 200; n++) {
    const records = [...n === 1 ? [opened()] : [], ...call(n, { request: asked(user(noise(30_000))), pieces: streamed(Array.from({ length: 10 }, () => noise(3_000))) })];
    ({ next: seq } = await recording.recorder.take(batchOf(page, seq, records), page.sender));
  }
  const [said = 0] = Object.values(await told(recording));
  expect(said).toBeGreaterThan(15_000_000);
  await expect.poll(async () => (await usage() - before) / said, { timeout: 20_000 }).toBeGreaterThan(0.5);
  expect((await usage() - before) / said).toBeLessThan(2);
}, 60_000);

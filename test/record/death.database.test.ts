/** The worker dies at any moment; what is stored in the end is what an undisturbed run stores. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { chance } from '../chance.ts';
import { asked, assistant, askingTool, batchOf, call, opened, pageOf, streamed, toolResult, user, usingTool, type Page } from './page.ts';
import { indexed, meaning, startRecording, type Recording } from './recording.ts';
import type { Answered, Told } from './recorder-worker.ts';

/** A chat of two turns, a tool loop and a retry, their chunks interleaved. */
function conversation(random: (below: number) => number): PageRecord[] {
  const hello = [user('Hello')];
  const words = ['Good ', 'morning, ', 'how ', 'are ', 'you?'];
  const weather = [user('Weather in Oslo?')];
  const calls = [
    call(1, { request: asked(...hello), pieces: streamed(words) }),
    call(2, { request: asked(...hello, assistant(words.join('')), user('Fine')), pieces: streamed(['Glad ', 'to ', 'hear.']) }),
    call(3, { request: asked(...weather), pieces: askingTool('call_oslo', 'get_weather', '{"city":"Oslo"}') }),
    call(4, { request: asked(...weather, usingTool('call_oslo', 'get_weather', '{"city":"Oslo"}'), toolResult('call_oslo', 'Snow')), pieces: streamed(['It ', 'snows.']) }),
    call(5, { request: asked(user('Again?')), pieces: ['{"error":{"type":"rate_limit","message":"slow down"}}'], status: 429 }),
    call(6, { request: asked(user('Again?')), pieces: streamed(['Yes.']) }),
  ];
  const waiting = calls.map((records) => [...records]);
  const mixed: PageRecord[] = [opened()];
  while (waiting.some((records) => records.length > 0)) {
    const next = waiting[random(waiting.length)]?.shift();
    if (next) mixed.push(next);
  }
  return mixed;
}

const page = pageOf(1);

async function undisturbed(records: PageRecord[]): Promise<Recording> {
  const recording = startRecording();
  for (let at = 0; at < records.length; at += 3) await recording.recorder.take(batchOf(page, at, records.slice(at, at + 3)), page.sender);
  return recording;
}

test.each([1, 2, 3, 4, 5])('restarts, batches doubled, cut anew and out of order leave no trace (%i)', async (seed) => {
  const random = chance(seed);
  const records = conversation(random);
  const recording = startRecording();
  for (let next = 0; next < records.length;) {
    const first = Math.max(0, next - random(4));
    const ack = await recording.recorder.take(batchOf(page, first, records.slice(first, first + 1 + random(9))), page.sender);
    if (random(3) === 0) await recording.recorder.take(batchOf(page, ack.next + 1 + random(3), records.slice(ack.next + 1)), page.sender);
    if (random(3) === 0) recording.restart();
    next = ack.next;
  }
  const expected = await undisturbed(records);
  expect(await meaning(recording)).toEqual(await meaning(expected));
  expect(await indexed(recording)).toEqual(await indexed(expected));
});

test('one batch, or one record a batch, or two pages at once: the same', async () => {
  const records = conversation(chance(9));
  const expected = await meaning(await undisturbed(records));
  const atOnce = startRecording();
  await atOnce.recorder.take(batchOf(page, 0, records), page.sender);
  expect(await meaning(atOnce)).toEqual(expected);
  const single = startRecording();
  await Promise.all(records.map((record, i) => single.recorder.take(batchOf(page, i, [record]), page.sender)));
  expect(await meaning(single)).toEqual(expected);
});

const wake = (): Worker => new Worker(new URL('./recorder-worker.ts', import.meta.url), { type: 'module' });

/** Sends all records to a worker that is killed now and then, as a relay does: again from where nothing was acknowledged. */
async function throughDeaths(recording: Recording, from: Page, records: PageRecord[], random: (below: number) => number): Promise<number> {
  let worker = wake();
  let kills = 0;
  let id = 0;
  let next = 0;

  /** Until it is answered, or until the worker is killed: before the answer, in the middle of the write, or after. */
  const send = (told: Told, killAfterMs: number | undefined): Promise<void> => new Promise((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => {
      if (data.id !== told.id) return;
      next = data.ack.next;
      if (killAfterMs === undefined) resolve();
    });
    worker.postMessage(told, { transfer: [] });
    if (killAfterMs === undefined) return;
    setTimeout(() => {
      worker.terminate();
      kills++;
      worker = wake();
      resolve();
    }, killAfterMs);
  });
  while (next < records.length) {
    const message = batchOf(from, next, records.slice(next, next + 2));
    // The first message of a worker waits until it is loaded, so that kills fall on its work.
    const awake = id > 0 && kills < 25 && random(2) === 0;
    await send({ id: id++, database: recording.database.name, message, sender: from.sender }, awake ? random(40) : undefined);
  }
  worker.terminate();
  return kills;
}

test('a worker killed at random moments, also in mid-write, loses nothing and doubles nothing', async () => {
  const random = chance(77);
  const records = conversation(random);
  const recording = startRecording();
  expect(await throughDeaths(recording, page, records, random)).toBeGreaterThan(8);
  const expected = await undisturbed(records);
  expect(await meaning(recording)).toEqual(await meaning(expected));
  expect(await indexed(recording)).toEqual(await indexed(expected));
}, 60_000);

/** The outbox under faults nobody thought of: whole lives of a page, drawn by a seed. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import { encodeRescue } from '../../lib/wire/rescue.ts';
import type { Fate } from './background-double.ts';
import { LONG, numbers, openPage, upTo } from './page.ts';
import { chunk, count, seeded } from './records.ts';

const faults: Fate[] = ['killed before the write', 'killed after the write', 'never answered', 'answered with nothing', 'held'];

/** One page's life under a worker that dies at random; ends with the page leaving, the rescue drained. */
async function live(seed: number): Promise<void> {
  const random = seeded(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const { outbox, clock, background, relay } = openPage();
  const faulty = random();
  background.fate(() => random() < faulty ? faults[pick(faults.length)] ?? 'stored' : 'stored');
  const read = [0, 0, 0];
  let records = 0;
  for (let step = 0; step < 60; step++) {
    const exchange = pick(3);
    const size = random() < 0.1 ? pick(limits.recordBytes) : pick(2000);
    outbox.add([chunk(exchange + 1, read[exchange] ?? 0, size)]);
    read[exchange] = (read[exchange] ?? 0) + size;
    records++;
    if (random() < 0.7) await clock.pass(pick(random() < 0.1 ? 40_000 : 300));
    if (random() < 0.2) background.release();
    if (random() < 0.05) { // away and back
      background.drain(encodeRescue({ relay, at: clock.now(), ...outbox.held() }));
      outbox.leave();
      outbox.resume();
    }
  }
  const rescue = encodeRescue({ relay, at: clock.now(), ...outbox.held() });
  outbox.leave();
  if (random() < 0.5) background.release();
  await clock.pass(0);
  background.drain(rescue);
  expect(background.batches.every((batch) => batch.records.length > 0)).toBe(true);
  expect(numbers(background).toSorted((a, b) => a - b)).toEqual(upTo(records));
  const { stored, missing } = count([...background.stored].toSorted(([a], [b]) => a - b).map(([, record]) => record));
  expect(stored + missing).toBe(read.reduce((sum, one) => sum + one));
}

/** One page's life with faults that end: nothing may be left waiting. */
async function recover(seed: number): Promise<void> {
  const random = seeded(seed);
  const { outbox, clock, background } = openPage();
  background.fate(() => faults[Math.floor(random() * faults.length)] ?? 'stored');
  for (let i = 0; i < 50; i++) {
    outbox.add([chunk(1, i * 100, 100)]);
    if (random() < 0.1) background.forget();
    await clock.pass(random() * 5000);
  }
  background.fate(() => 'stored');
  await clock.pass(LONG);
  expect(outbox.held().records).toEqual([]);
  expect(background.next()).toBe(50);
}

async function everySeed(run: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of upTo(60)) {
    await run(seed).catch((cause: unknown) => { throw new Error(`seed ${seed}`, { cause }); });
  }
}

describe('a worker that dies at random (60 seeded lives)', { timeout: 60_000 }, () => {
  test('loses no byte and doubles no record, however the page left', () => everySeed(live));
  test('leaves nothing waiting once it lives again', () => everySeed(recover));
});

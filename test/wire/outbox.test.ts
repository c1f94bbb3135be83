import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { Batch, PageRecord } from '../../lib/model/record.ts';
import { createOutbox, type Outbox } from '../../lib/wire/outbox.ts';
import { encodeRescue } from '../../lib/wire/rescue.ts';
import { createBackground, type BackgroundDouble, type Fate } from './background-double.ts';
import { createClock, type FakeClock } from './fake-clock.ts';
import { blankChunks, chunk, count, leave, seeded } from './records.ts';

interface Page { outbox: Outbox; clock: FakeClock; background: BackgroundDouble; relay: string; told: { stops: number; storedUpTo: number }; uninstall(): void }

/** An outbox over a background that stores, until told otherwise. */
function openPage(): Page {
  const clock = createClock();
  const background = createBackground();
  const told = { stops: 0, storedUpTo: 0 };
  const relay = '0123456789abcdef';
  let installed = true;
  const send = (batch: Batch): Promise<unknown> => {
    if (!installed) throw new Error('Extension context invalidated.');
    return background.send(batch);
  };
  const outbox = createOutbox({
    relay, send, now: clock.now, setTimer: clock.setTimer, clearTimer: clock.clearTimer,
    gone: () => !installed,
    onStored: (next) => { told.storedUpTo = next; },
    onStop: () => { told.stops++; },
  });
  return { outbox, clock, background, relay, told, uninstall: () => { installed = false; } };
}

const LONG = 10 * limits.answerMs;
/** Fates one after another, then `stored`. */
const inTurn = (...fates: Fate[]) => (): Fate => fates.shift() ?? 'stored';
const numbers = ({ stored }: BackgroundDouble): number[] => [...stored.keys()];
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('every fate in the header of the outbox names a test that is here', () => {
  const header = readFileSync(join(import.meta.dirname, '../../lib/wire/outbox.ts'), 'utf8').split('*/')[0] ?? '';
  const tests = readFileSync(import.meta.filename, 'utf8');
  const named = [...header.matchAll(/"(.+)"/g)].map(([, name]) => name);
  expect(named).toHaveLength(9);
  expect(named.filter((name) => !tests.includes(`test('${name}'`))).toEqual([]);
});

describe('outbox', () => {
  test('acknowledged records are sent once', async () => {
    const { outbox, clock, background, told } = openPage();
    for (let i = 0; i < 20; i++) {
      outbox.add([chunk(1, i * 10, 10)]);
      await clock.pass(limits.batchMs / 3);
    }
    await clock.pass(LONG);
    expect([...background.sent]).toEqual(upTo(20).map((seq) => [seq, 1]));
    expect(count(background.stored.values())).toEqual({ stored: 200, missing: 0 });
    expect(told.storedUpTo).toBe(20);
  });

  test('the first record goes at once, what gathers behind it in batches', async () => {
    const { outbox, clock, background } = openPage();
    outbox.add([chunk(1, 0, 10)]);
    expect(background.batches).toHaveLength(1);
    await clock.pass(1);
    for (let i = 1; i < 10; i++) outbox.add([chunk(1, i * 10, 10)]);
    expect(background.batches).toHaveLength(1);
    await clock.pass(limits.batchMs);
    expect(background.batches.map(({ records }) => records.length)).toEqual([1, 9]);
  });

  test('a full batch does not wait for its time', async () => {
    const { outbox, clock, background } = openPage();
    outbox.add([chunk(1, 0, 10)]);
    await clock.pass(1);
    outbox.add([chunk(1, 10, limits.batchBytes)]);
    await clock.pass(0);
    expect(background.batches).toHaveLength(2);
  });

  test('a message keeps to its most bytes and records', async () => {
    const { outbox, clock, background } = openPage();
    outbox.add(blankChunks(20));
    outbox.add(upTo(2 * limits.messageRecords).map((i) => chunk(2, i, 1)));
    await clock.pass(LONG);
    expect(background.stored.size).toBe(20 + 2 * limits.messageRecords);
    for (const { records } of background.batches) {
      expect(records.length).toBeLessThanOrEqual(limits.messageRecords);
      expect(records.reduce((sum, record) => sum + (record.kind === 'chunk' ? record.size : 0), 0)).toBeLessThanOrEqual(limits.messageBytes);
    }
  });

  test('a slow answer holds back what follows, and loses nothing', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(() => 'held');
    outbox.add([chunk(1, 0, 10)]);
    outbox.add([chunk(1, 10, limits.batchBytes)]);
    await clock.pass(limits.answerMs / 2);
    expect(background.batches).toHaveLength(1);
    background.fate(() => 'stored');
    background.release();
    await clock.pass(limits.batchMs);
    expect(background.batches).toHaveLength(2);
    expect(count(background.stored.values())).toEqual({ stored: 10 + limits.batchBytes, missing: 0 });
  });

  test('a worker killed in mid-write gets the batch again', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(inTurn('killed before the write', 'answered with nothing', 'killed before the write'));
    outbox.add([chunk(1, 0, 10)]);
    await clock.pass(1);
    outbox.add([chunk(1, 10, 10)]);
    await clock.pass(LONG);
    expect(background.batches).toHaveLength(4);
    expect(count(background.stored.values())).toEqual({ stored: 20, missing: 0 });
  });

  test('a stored batch whose answer was lost lands once', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(inTurn('killed after the write', 'never answered'));
    outbox.add([chunk(1, 0, 10), chunk(1, 10, 10)]);
    await clock.pass(LONG);
    expect(background.sent.get(0)).toBe(3);
    expect(numbers(background)).toEqual([0, 1]);
    expect(count(background.stored.values())).toEqual({ stored: 20, missing: 0 });
  });

  test('an answer that comes too late still counts', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(inTurn('held', 'killed before the write'));
    outbox.add([chunk(1, 0, 10)]);
    await clock.pass(limits.answerMs + 1); // given up, sent again, killed
    background.release();
    await clock.pass(LONG);
    expect(background.batches).toHaveLength(2);
    expect(numbers(background)).toEqual([0]);
  });

  test('an answer that comes too late starts nothing beside the message under way', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(() => 'held');
    outbox.add([chunk(1, 0, 10)]);
    await clock.pass(1);
    outbox.add([chunk(1, 10, 10)]);
    await clock.pass(limits.answerMs); // given up, sent again
    background.release(1);
    await clock.pass(limits.resendMaxMs);
    expect(background.batches).toHaveLength(2);
    background.release();
    await clock.pass(LONG);
    expect(numbers(background)).toEqual([0, 1]);
  });

  test('pauses between attempts grow, up to a bound, and are forgotten after a success', async () => {
    const { outbox, clock, background } = openPage();
    const times: number[] = [];
    background.fate(() => {
      times.push(clock.now());
      return 'killed before the write';
    });
    outbox.add([chunk(1, 0, 10)]);
    await clock.pass(120_000);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses.slice(0, 5)).toEqual([1, 2, 4, 8, 16].map((times) => times * limits.resendMs));
    expect(Math.max(...pauses)).toBe(limits.resendMaxMs);
    background.fate(() => 'stored');
    await clock.pass(limits.resendMaxMs);
    outbox.add([chunk(1, 10, 10)]);
    await clock.pass(limits.batchMs);
    expect(numbers(background)).toEqual([0, 1]);
  });

  test('a background that forgot everything goes on from what is held', async () => {
    const { outbox, clock, background } = openPage();
    outbox.add([chunk(1, 0, 10), chunk(1, 10, 10)]);
    await clock.pass(limits.batchMs);
    background.forget();
    outbox.add([chunk(1, 20, 10)]);
    await clock.pass(LONG);
    expect(numbers(background)).toEqual([2]);
    outbox.add([chunk(1, 30, 10)]);
    await clock.pass(LONG);
    expect(numbers(background)).toEqual([2, 3]);
    expect(background.batches.map(({ skipped }) => skipped)).toEqual([undefined, undefined, true, undefined]);
  });

  test('a background that knows more than was sent is followed', async () => {
    const { outbox, clock, background } = openPage();
    background.drain(encodeRescue({ relay: 'fedcba9876543210', at: 0, first: 0, records: [leave(0), leave(1)] })); // another relay's
    outbox.add([leave(2)]);
    await clock.pass(LONG);
    outbox.add([leave(3)]);
    await clock.pass(LONG);
    expect(background.stored.get(2)).toEqual(leave(3));
  });

  test('past its bound bytes are dropped, sizes are kept', async () => {
    const { outbox, clock, background, told } = openPage();
    background.fate(() => 'killed before the write');
    outbox.add(blankChunks(300));
    background.fate(() => 'stored');
    await clock.pass(LONG);
    const { stored, missing } = count(background.stored.values(), true);
    expect(stored + missing).toBe(300 * limits.recordBytes);
    expect(stored).toBeLessThanOrEqual(limits.outboxBytes);
    expect(stored).toBeGreaterThan(limits.outboxBytes - 2 * limits.recordBytes);
    expect(told.stops).toBe(0);
  });

  test('what is acknowledged makes room', async () => {
    const { outbox, clock, background } = openPage();
    const each = limits.outboxBytes / 2;
    for (let i = 0; i < 3; i++) {
      outbox.add(blankChunks(each / limits.recordBytes, i * each));
      await clock.pass(LONG);
    }
    expect(count(background.stored.values(), true)).toEqual({ stored: 3 * each, missing: 0 });
  });

  test('where even bare records pass twice the bound, recording stops, and what is held still goes', async () => {
    const { outbox, clock, background, told } = openPage();
    background.fate(() => 'killed before the write');
    const url = 'x'.repeat(limits.textLength);
    const head = (exchange: number): PageRecord => ({ kind: 'head', exchange, clock: 0, status: 200, type: 'basic', url, headers: [] });
    const most = 2 * limits.outboxBytes / (2 * limits.textLength);
    outbox.add(Array.from({ length: most + 10 }, (_, i) => head(i + 1)));
    expect(told.stops).toBe(1);
    background.fate(() => 'stored');
    await clock.pass(LONG);
    expect(background.stored.size).toBeLessThan(most);
    expect(numbers(background)).toEqual(upTo(background.stored.size));
    outbox.add([leave(1)]);
    await clock.pass(LONG);
    expect(told.stops).toBe(1);
  });

  test('a leaving page sends all and hands out all', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(() => 'held');
    outbox.add([chunk(1, 0, 10)]);
    outbox.add([chunk(1, 10, 10), chunk(1, 20, 10)]);
    outbox.leave();
    expect(outbox.held()).toEqual({ first: 0, records: [chunk(1, 0, 10), chunk(1, 10, 10), chunk(1, 20, 10)] });
    outbox.add([leave(1)]);
    outbox.leave(); // again: only what is new is sent
    expect(background.batches.map(({ first, records }) => [first, records.length])).toEqual([[0, 1], [1, 2], [3, 1]]);
    background.release();
    await clock.pass(0);
    expect(outbox.held().records).toEqual([]);
  });

  test('what leaves without an answer in the way is not taken for a lost database', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(inTurn('killed before the write'));
    outbox.add([chunk(1, 0, 10)]);
    outbox.add([chunk(1, 10, 10)]);
    outbox.leave(); // its second message finds a gap: the first was lost
    await clock.pass(0);
    expect(background.stored.size).toBe(0);
    outbox.resume();
    await clock.pass(LONG);
    expect(count(background.stored.values())).toEqual({ stored: 20, missing: 0 });
  });

  test('a page that leaves with much sends no more than it may, and hands out the rest', async () => {
    const { outbox, background } = openPage();
    background.fate(() => 'never answered');
    outbox.add(blankChunks(40));
    outbox.leave();
    const { records } = outbox.held();
    const sent = background.batches.slice(1).reduce((sum, batch) => sum + batch.records.length, 0);
    expect(sent * limits.recordBytes).toBeLessThan(limits.leaveBytes + limits.messageBytes);
    expect(records).toHaveLength(40);
  });

  test('a page that comes back goes on', async () => {
    const { outbox, clock, background } = openPage();
    background.fate(inTurn('killed before the write', 'killed before the write', 'never answered', 'never answered', 'never answered'));
    outbox.add(upTo(limits.messageRecords + 1).map((i) => chunk(1, i, 1)));
    await clock.pass(2 * limits.resendMs);
    outbox.leave();
    outbox.resume(); // at once, whatever pause was due
    const firsts = (): number[] => background.batches.map(({ first }) => first);
    expect(firsts()).toEqual([0, 0, 0, limits.messageRecords, 0]);
    outbox.leave(); // frozen again before the answer
    expect(firsts().slice(5)).toEqual([limits.messageRecords]);
    outbox.resume();
    await clock.pass(LONG);
    expect(count(background.stored.values())).toEqual({ stored: limits.messageRecords + 1, missing: 0 });
  });

  test('an extension that is gone ends it', async () => {
    const { outbox, clock, background, told, uninstall } = openPage();
    outbox.add([chunk(1, 0, 10)]);
    await clock.pass(LONG);
    uninstall();
    outbox.add([chunk(1, 10, 10)]);
    await clock.pass(LONG);
    outbox.add([chunk(1, 20, 10)]);
    await clock.pass(LONG);
    expect(told.stops).toBe(1);
    expect(outbox.held().records).toEqual([]);
    expect(numbers(background)).toEqual([0]);
  });
});

test('an extension that goes while an answer is under way is noticed at the next record', async () => {
  const { outbox, background, told, uninstall } = openPage();
  background.fate(() => 'never answered');
  outbox.add([chunk(1, 0, 10)]);
  uninstall();
  outbox.add([chunk(1, 10, 10)]);
  expect(told.stops).toBe(1);
});

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

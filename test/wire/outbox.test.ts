/** The outbox while its page stays: what becomes of a batch, whatever the background does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord } from '../../lib/model/record.ts';
import { encodeRescue } from '../../lib/wire/rescue.ts';
import { LONG, inTurn, numbers, openPage, upTo } from './page.ts';
import { blankChunks, chunk, count, leave } from './records.ts';

test('every fate in the header of the outbox names a test that is here', () => {
  const header = readFileSync(join(import.meta.dirname, '../../lib/wire/outbox.ts'), 'utf8').split('*/')[0] ?? '';
  const tests = globSync('outbox*.test.ts', { cwd: import.meta.dirname }).map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n');
  const named = [...header.matchAll(/"(.+)"/g)].map(([, name]) => name);
  expect(named).toHaveLength(9);
  expect(named.filter((name) => !tests.includes(`test('${name}'`))).toEqual([]);
});

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

test('an extension that is gone ends it', async () => {
  const { outbox, clock, background, told, uninstall } = openPage();
  outbox.add([chunk(1, 0, 10)]);
  await clock.pass(LONG);
  background.fate(() => 'killed before the write');
  outbox.add([chunk(1, 10, 10)]);
  uninstall();
  await clock.pass(LONG);
  expect(told.stops).toBe(1); // by the message that failed
  outbox.add([chunk(1, 20, 10)]);
  await clock.pass(LONG);
  expect(told.stops).toBe(1);
  expect(outbox.held().records).toEqual([]);
  expect(numbers(background)).toEqual([0]);
});

test('an extension that goes while an answer is under way is noticed at the next record', async () => {
  const { outbox, background, told, uninstall } = openPage();
  background.fate(() => 'never answered');
  outbox.add([chunk(1, 0, 10)]);
  uninstall();
  outbox.add([chunk(1, 10, 10)]);
  expect(told.stops).toBe(1);
  expect(outbox.held().records).toEqual([]);
});

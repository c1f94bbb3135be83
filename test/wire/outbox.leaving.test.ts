/** The outbox of a page that is left, and of one that comes back. */
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import { LONG, inTurn, openPage, upTo } from './page.ts';
import { blankChunks, chunk, count, leave } from './records.ts';

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
  expect(firsts().slice(6)).toEqual([0]); // the one under way counts as lost
  await clock.pass(LONG);
  expect(count(background.stored.values())).toEqual({ stored: limits.messageRecords + 1, missing: 0 });
});

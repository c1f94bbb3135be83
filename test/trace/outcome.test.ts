import { expect, test } from 'vitest';
import { endCauseOf, endOf } from '../../lib/trace/outcome.ts';
import type { Exchange } from '../../lib/model/exchange.ts';

const ended = (how: 'cancelled' | 'aborted' | 'cut', finish?: string): Exchange =>
  ({ end: { atMs: 1, how }, response: { read: 9 }, facts: finish === undefined ? {} : { finish: { raw: finish, reason: 'stop' } } }) as unknown as Exchange;

test('a stream closed after the model said its last word is complete; one stopped before it is not', () => {
  expect(endCauseOf(ended('cancelled', 'stop'))).toBe('complete');
  expect(endCauseOf(ended('aborted', 'end_turn'))).toBe('complete');
  expect(endCauseOf(ended('cancelled'))).toBe('cancelled');
  expect(endCauseOf(ended('cut', 'stop'))).toBe('cut');
});

const refused = (status: number, read: number, how?: string): Exchange =>
  ({ startMs: 1000, head: { atMs: 80, status }, response: { read }, end: how && { atMs: 60_000, how } }) as unknown as Exchange;

test('an error answer of which the app reads nothing is over with its head, however long its body stays open', () => {
  for (const how of [undefined, 'page_left', 'unread', 'cancelled', 'recorder_gone', 'complete']) {
    expect([how, endOf(refused(503, 0, how)), endCauseOf(refused(503, 0, how))]).toEqual([how, 1080, 'complete']);
  }
  expect([endOf(refused(503, 7)), endCauseOf(refused(503, 7))]).toEqual([undefined, undefined]);
  expect([endOf(refused(503, 7, 'page_left')), endCauseOf(refused(503, 7, 'page_left'))]).toEqual([61_000, 'page_left']);
  expect(endOf(refused(200, 0))).toBeUndefined();
});

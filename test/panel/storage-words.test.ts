import { expect, test } from 'vitest';
import type { TabSession } from '../../lib/model/session.ts';
import { dayChoices, removedWords, roomChoices, storageUse } from '../../lib/panel/storage-words.ts';

const NOW = new Date(2026, 10, 25, 14, 0).getTime();
const DAY = 86_400_000;
const budget = { bytes: 500_000_000, days: 7 };
const session = (diskBytes: number, age: number, more: Partial<TabSession> = {}): TabSession => ({ id: `${age}`, tabId: 1, run: 'r', startedMs: 0, lastMs: NOW - age * DAY, url: '', paused: false, rev: 1, removedRev: 0, clearedMs: 0, bytes: 0, diskBytes, exchanges: 1, unrecorded: 0, ...more });

test('use: how much of how much, how many sessions, since when; tabs without a call are no sessions', () => {
  expect(storageUse([], budget, NOW)).toEqual({ bytes: 0, part: 0, title: '0 B of 500 MB', detail: 'Nothing is stored' });
  expect(storageUse([session(183_000_000, 6), session(4_000, 0), session(900, 20, { exchanges: 0 })], budget, NOW)).toMatchObject({ title: '183 MB of 500 MB', detail: '2 sessions, oldest from 19 Nov' });
  expect(storageUse([session(1_000_000_000, 1, { pinned: true }), session(1, 0)], budget, NOW)).toMatchObject({ part: 1, title: '1 GB of 500 MB', detail: '2 sessions, 1 pinned, oldest from yesterday' });
  expect(storageUse([session(41_250_000, 0)], budget, NOW).detail).toBe('1 session');
});

test('what went by itself: what, why, when, how much', () => {
  const at = (ago: number): number => NOW - ago * DAY;
  expect(removedWords({ budget, removed: {} }, NOW)).toEqual([]);
  expect(removedWords({ budget, removed: {
    age: { atMs: at(0), sessions: 3, traces: 0, bytes: 41_200_000, days: 7 },
    room: { atMs: at(6), sessions: 0, traces: 1, bytes: 2_000_000 },
  } }, NOW)).toEqual(['3 sessions older than 7 days were removed today (41.2 MB)', '1 trace was removed to make room on 19 Nov (2 MB)']);
  expect(removedWords({ budget, removed: { room: { atMs: at(1), sessions: 1, traces: 14, bytes: 5_000 } } }, NOW)).toEqual(['1 session and 14 traces were removed to make room yesterday (5,000 B)']);
  expect(removedWords({ budget, removed: { age: { atMs: at(0), sessions: 1, traces: 0, bytes: 100_000, days: 1 } } }, NOW)).toEqual(['1 session older than 1 day was removed today (100 kB)']);
});

test('what was set otherwise can be chosen too', () => {
  expect(roomChoices(500_000_000)).toEqual([1e8, 5e8, 1e9, 2e9, 5e9]);
  expect(roomChoices(7e8)).toContain(7e8);
  expect(dayChoices(undefined)).toEqual([1, 7, 30, 90]);
  expect(dayChoices(14)).toEqual([1, 7, 14, 30, 90]);
});

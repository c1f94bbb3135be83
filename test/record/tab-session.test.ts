import { expect, test } from 'vitest';
import { sessionIdOf } from '../../lib/record/tab-session.ts';

test('a tab id that comes back after a restart of the browser is another session', () => {
  expect(sessionIdOf('run-1', 7)).toBe(sessionIdOf('run-1', 7));
  expect(sessionIdOf('run-1', 7)).not.toBe(sessionIdOf('run-2', 7));
  expect(sessionIdOf('run-1', 7)).not.toBe(sessionIdOf('run-1', 8));
});

import { expect, test } from 'vitest';
import { endCauseOf } from '../../lib/trace/outcome.ts';
import type { Exchange } from '../../lib/model/exchange.ts';

const ended = (how: 'cancelled' | 'aborted' | 'cut', finish?: string): Exchange =>
  ({ end: { atMs: 1, how }, facts: finish === undefined ? {} : { finish: { raw: finish, reason: 'stop' } } }) as unknown as Exchange;

test('a stream closed after the model said its last word is complete; one stopped before it is not', () => {
  expect(endCauseOf(ended('cancelled', 'stop'))).toBe('complete');
  expect(endCauseOf(ended('aborted', 'end_turn'))).toBe('complete');
  expect(endCauseOf(ended('cancelled'))).toBe('cancelled');
  expect(endCauseOf(ended('cut', 'stop'))).toBe('cut');
});

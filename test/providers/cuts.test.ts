/** A body comes in pieces of any size: the same bytes give the same call, however they were cut. */
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../lib/model/exchange.ts';
import type { ModelCall } from '../../lib/model/call.ts';
import { callOf, endFold, feedFold, readCall, startFold, type LiveText } from '../../lib/trace/fold.ts';
import { chance } from '../chance.ts';
import { fixtures } from '../fixtures/fixture.ts';

/** @param size of the next piece */
function readInPieces(exchange: Exchange, request: Uint8Array, response: Uint8Array, size: () => number): { call: ModelCall; live: LiveText[] } {
  const fold = startFold(exchange, request);
  const live: LiveText[] = [];
  for (let at = 0; at < response.length;) {
    const end = Math.min(response.length, at + size());
    live.push(...feedFold(fold, response.subarray(at, end)));
    at = end;
  }
  live.push(...endFold(fold));
  return { call: callOf(fold), live };
}

const wordsOf = (live: readonly LiveText[]): string => live.map(({ text }) => text).join('');

describe.each(fixtures().map((each) => [each.name, each] as const))('%s', (_, { exchange, request, response, expected }) => {
  test('byte by byte, and at random places, inside characters too', () => {
    const whole = readInPieces(exchange, request, response, () => Infinity);
    expect(whole.call).toEqual(expected);
    const below = chance(response.length);
    const sizes = [() => 1, ...Array.from({ length: 20 }, () => () => 1 + below(40))];
    for (const size of sizes) {
      const { call, live } = readInPieces(exchange, request, response, size);
      expect(call).toEqual(expected);
      expect(wordsOf(live)).toBe(wordsOf(whole.live));
    }
  });

  test('lines that end with CRLF', () => {
    const text = new TextDecoder().decode(response).replaceAll(/\r?\n/g, '\r\n');
    const below = chance(text.length);
    const { firstTokenByte: _byte, ...call } = readInPieces(exchange, request, new TextEncoder().encode(text), () => 1 + below(7)).call;
    const { firstTokenByte: _other, ...same } = readCall(exchange, request, response);
    expect(call).toEqual(same);
  });
});

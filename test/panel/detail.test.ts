import { describe, expect, test } from 'vitest';
import { numbersOf } from '../../lib/panel/call-numbers.ts';
import { readsOf } from '../../lib/panel/reading.ts';
import { streamShapeOf } from '../../lib/panel/stream-shape.ts';
import { isInferred, whyOf } from '../../lib/panel/why.ts';
import { span } from './made-span.ts';

const usage = { input: 498, output: 114, total: 612, cacheRead: 200, reasoning: 96 };
const cards = (...parameters: Parameters<typeof numbersOf>) => Object.fromEntries(numbersOf(...parameters).map((card) => [card.id, `${card.value} | ${card.caption}`]));

describe('numbers of a span', () => {
  test('a model call: first token, speed after it, tokens with their parts, duration', () => {
    expect(cards(span('a', { startMs: 0, endMs: 1700, firstTokenMs: 300, usage }), [], 0)).toEqual({
      'first-token': '300 ms | first token', rate: '81 tok/s | after the first', tokens: '498 → 114 | 200 cached · 96 reasoning', duration: '1.7 s | duration',
    });
  });

  test('what is not known is not made up', () => {
    expect(cards(span('a', { startMs: 0, endMs: undefined }), [], 2500)).toEqual({ 'first-token': '– | first token', rate: '– | after the first', tokens: '– | tokens in → out', duration: '2.5 s | so far' });
    expect(cards(span('a', { startMs: 0, endMs: 500 }), [], 0)).toEqual({ duration: '500 ms | duration' });
    // An answer that came in one piece has no speed.
    expect(cards(span('a', { startMs: 0, endMs: 300, firstTokenMs: 299, usage }), [], 0)).not.toHaveProperty('rate');
  });

  test('an agent: calls, tools and the sum of tokens', () => {
    const below = [span('a', { usage }), span('b', { usage: { input: 10, output: 5, total: 15 } }), span('t', { kind: 'TOOL' })];
    expect(cards(span('agent', { kind: 'AGENT' }), below, 0)).toMatchObject({ calls: '2 | calls · 1 tools', tokens: '508 → 119 | 200 cached · 96 reasoning' });
  });
});

test('an agent reads its last model call; a tool the call that asked and the one that carried the result', () => {
  expect(readsOf(span('agent', { kind: 'AGENT', exchange: 'doc/1', resultExchange: 'doc/3' }))).toEqual({ main: 'doc/3' });
  expect(readsOf(span('tool', { kind: 'TOOL', exchange: 'doc/1', resultExchange: 'doc/2' }))).toEqual({ main: 'doc/1', followUp: 'doc/2' });
});

describe('how an answer came in', () => {
  test('reads, bytes and the longest pause', () => {
    expect(streamShapeOf({ times: Float64Array.of(100, 120, 900, 910), ends: Uint32Array.of(10, 20, 30, 44) })).toMatchObject({ reads: 4, firstMs: 100, lastMs: 910, bytes: 44, longestGapMs: 780, longestGapAtMs: 120 });
    expect(streamShapeOf({ times: new Float64Array(), ends: new Uint32Array() })).toBeUndefined();
  });

  test('a curve of very many reads stays small and keeps both ends', () => {
    const times = Float64Array.from({ length: 50_000 }, (_, index) => index);
    const curve = streamShapeOf({ times, ends: Uint32Array.from(times, (time) => time + 1) })?.curve ?? [];
    expect(curve.length).toBeLessThan(250);
    expect([curve[0], curve.at(-1)]).toEqual([[0, 1], [49_999, 50_000]]);
  });
});

const link = (relation: 'root' | 'continues', confidence: number) => ({ relation, evidence: 'history', confidence, detail: 'why' } as const);

test('a place is known, inferred, or nothing is before it', () => {
  expect(whyOf(span('a', { link: link('continues', 0.99) })).certainty).toBe('known');
  expect(whyOf(span('a', { link: link('continues', 0.75) }))).toMatchObject({ certainty: 'inferred', confidencePercent: 75, detail: 'why' });
  expect(whyOf(span('a', { link: link('root', 1) })).certainty).toBe('root');
  expect(isInferred(link('root', 0.1))).toBe(false);
});

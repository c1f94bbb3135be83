/** What is packed comes back, whatever the spans say. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutlineSpan } from '../../lib/model/span.ts';
import { numberAt, packNumbers } from '../../lib/store/columns.ts';
import { cut, inBlocks, packSpans, unpackSpans } from '../../lib/store/outline-blocks.ts';

const hex = (digits: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
/** Any text, half characters too. */
const text = fc.oneof(fc.constantFrom('', 'gpt-5-mini', 'a', '\0', '\ud800', 'x'.repeat(400)), fc.string({ unit: 'binary', maxLength: 20 }));
const number = fc.oneof(fc.nat(), fc.constantFrom(0, -0, 254, 255, 256, 65_534, 65_535, 4_294_967_294, 4_294_967_295, -1, 1e300), fc.double({ noNaN: true }));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const span: fc.Arbitrary<OutlineSpan> = fc.record({
  spanId: hex(16), parentSpanId: maybe(hex(16)), kind: fc.constantFrom('LLM', 'TOOL', 'AGENT', 'CHAIN', 'RETRIEVER'), name: text, label: text, title: maybe(text), startMs: number, endMs: maybe(number),
  status: fc.constantFrom('unset', 'error'), statusMessage: maybe(text), errorType: maybe(text), httpStatus: maybe(number), endCause: maybe(fc.constantFrom('complete', 'cut', 'error')),
  exchange: fc.oneof(text, fc.tuple(hex(32), fc.nat()).map(([document, n]) => `${document}/${n}`)), toolIndex: maybe(number), model: maybe(text),
  usage: maybe(fc.record({ input: number, output: number, total: number, cacheRead: maybe(number), cacheWrite: maybe(number), reasoning: maybe(number), audioInput: maybe(number), audioOutput: maybe(number) })),
  finish: maybe(fc.constantFrom('stop', 'length')), firstByteMs: maybe(number), firstTokenMs: maybe(number), retryOf: maybe(hex(16)), missingBytes: maybe(number),
  link: fc.record({ relation: fc.constantFrom('root', 'continues', 'retries'), confidence: fc.double({ min: 0, max: 1, noNaN: true }).map((n) => n + 0) }), rev: fc.nat(),
} as const);

test('spans come back from a block as they were', () => {
  fc.assert(fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
    expect(unpackSpans(packSpans(spans))).toEqual(spans);
  }), { numRuns: 500 });
});

test('a row as the recorder writes it comes back without what only its detail shows', () => {
  const row = { source: 'tab', traceId: 't', provider: 'openai', headMs: 3, spanId: '00000000000000a1', kind: 'LLM', name: 'chat', label: 'gpt', startMs: 1.5, status: 'unset', exchange: 'doc/1', link: { relation: 'root', evidence: 'none', confidence: 1, detail: 'long' }, rev: 7 } as const;
  expect(unpackSpans(packSpans([row]))).toEqual([{ spanId: '00000000000000a1', kind: 'LLM', name: 'chat', label: 'gpt', startMs: 1.5, status: 'unset', exchange: 'doc/1', link: { relation: 'root', confidence: 1 }, rev: 7 }]);
});

test('numbers keep their value and their absence in whatever is narrow enough', () => {
  fc.assert(fc.property(fc.array(maybe(number)), (values) => {
    const column = packNumbers(values);
    expect(values.map((_, row) => numberAt(column, row))).toEqual(values);
  }), { numRuns: 500 });
  expect(packNumbers([1, undefined, 254])).toBeInstanceOf(Uint8Array);
  expect(packNumbers([1, 255])).toBeInstanceOf(Uint16Array);
  expect(packNumbers([undefined, undefined])).toBeUndefined();
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('a small trace has no blocks; of a large one every span is in one', () => {
  expect(inBlocks(numbers(64))).toEqual([]);
  for (const count of [65, 512, 513, 5_000]) expect(inBlocks(numbers(count)).flat()).toEqual(numbers(count));
  expect(cut(numbers(3))).toEqual([[0, 1, 2]]);
});

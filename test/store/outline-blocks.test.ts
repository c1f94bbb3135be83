/** What is packed comes back, whatever the spans say. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutlineSpan } from '../../lib/model/span.ts';
import { joinColumns, Line, numberAt, packNumbers, splitColumns } from '../../lib/store/columns.ts';
import { blocksToCut, inBlocks, inFullBlocks, packSpans } from '../../lib/store/outline-blocks.ts';
import { plainSpans } from './plain-spans.ts';

const hex = (digits: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
/** Any text, half characters too. */
const text = fc.oneof(fc.constantFrom('', 'gpt-5-mini', 'a', '\0', '\ud800', 'x'.repeat(400)), fc.string({ unit: 'binary', maxLength: 20 }));
const number = fc.oneof(fc.nat(), fc.constantFrom(0, -0, 254, 255, 256, 65_534, 65_535, 4_294_967_294, 4_294_967_295, -1, 1e300), fc.double({ noNaN: true }));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const span: fc.Arbitrary<OutlineSpan> = fc.record({
  spanId: hex(16), parentSpanId: maybe(hex(16)), kind: fc.constantFrom('LLM', 'TOOL', 'AGENT', 'CHAIN', 'RETRIEVER'), name: text, label: text, title: maybe(text), startMs: number, endMs: maybe(number),
  status: fc.constantFrom('unset', 'error'), statusMessage: maybe(text), errorType: maybe(text), httpStatus: maybe(number), endCause: maybe(fc.constantFrom('complete', 'cut', 'error')),
  exchange: fc.oneof(text, fc.tuple(hex(32), fc.oneof(fc.nat(), fc.constantFrom('', '007', '-1', '1e3', '4294967295', '9'.repeat(20)))).map(([document, n]) => `${document}/${n}`)), toolIndex: maybe(number), model: maybe(text),
  usage: maybe(fc.record({ input: number, output: number, total: number, cacheRead: maybe(number), cacheWrite: maybe(number), reasoning: maybe(number), audioInput: maybe(number), audioOutput: maybe(number) })),
  finish: maybe(fc.constantFrom('stop', 'length')), firstByteMs: maybe(number), firstTokenMs: maybe(number), retryOf: maybe(hex(16)), missingBytes: maybe(number),
  link: fc.record({ relation: fc.constantFrom('root', 'continues', 'retries'), confidence: fc.double({ min: 0, max: 1, noNaN: true }).map((n) => n + 0) }), rev: fc.nat(),
} as const);

test('spans come back from a block as they were', () => {
  fc.assert(fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
    expect(plainSpans(packSpans(spans))).toEqual(spans);
  }), { numRuns: 500 });
});

test('a row as the recorder writes it comes back without what only its detail shows', () => {
  const row = { source: 'tab', traceId: 't', provider: 'openai', headMs: 3, spanId: '00000000000000a1', kind: 'LLM', name: 'chat', label: 'gpt', startMs: 1.5, status: 'unset', exchange: 'doc/1', link: { relation: 'root', evidence: 'none', confidence: 1, detail: 'long' }, rev: 7 } as const;
  expect(plainSpans(packSpans([row]))).toEqual([{ spanId: '00000000000000a1', kind: 'LLM', name: 'chat', label: 'gpt', startMs: 1.5, status: 'unset', exchange: 'doc/1', link: { relation: 'root', confidence: 1 }, rev: 7 }]);
});

test('numbers keep their value and their absence in whatever is narrow enough', () => {
  fc.assert(fc.property(fc.array(maybe(number)), (values) => {
    const column = packNumbers(values);
    expect(values.map((_, row) => numberAt(column, row))).toEqual(values);
  }), { numRuns: 500 });
  const line = fc.tuple(number, number, fc.nat(20)).map(([base, step, length]) => Array.from({ length }, (_, row) => base + step * row).map((value) => Number.isFinite(value) ? value : 0));
  fc.assert(fc.property(fc.array(fc.oneof(fc.array(maybe(number)), line)), (all) => {
    const columns = splitColumns(joinColumns(all.map(packNumbers)));
    expect(all.map((values, place) => values.map((_, row) => numberAt(columns[place], row)))).toEqual(all);
  }));
  expect(packNumbers([1, undefined, 254])).toBeInstanceOf(Uint8Array);
  expect(packNumbers([1, 255, 3])).toBeInstanceOf(Uint16Array);
  expect([packNumbers([7, 7, 7]), packNumbers([3, 4, 5]), packNumbers([9])]).toEqual([new Line(3, 7, 0), new Line(3, 3, 1), new Line(1, 9, 0)]);
  expect(joinColumns([packNumbers(numbers(5_000))]).byteLength).toBeLessThan(50);
  expect(packNumbers([undefined, undefined])).toBeUndefined();
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('a small trace has no blocks; of a large one every span is in one', () => {
  expect(inBlocks(numbers(64))).toEqual([]);
  for (const count of [65, 512, 513, 5_000]) {
    expect(inBlocks(numbers(count)).flat()).toEqual(numbers(count));
    expect(inFullBlocks(numbers(count)).flat()).toEqual(numbers(count));
  }
  expect(inFullBlocks(numbers(9_000)).map(({ length }) => length)).toEqual([4_096, 4_096, 512, 296]);
});

test('spans that come in parts of any size lie as if they had come at once', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 20 }), (parts) => {
    let blocks: number[][] = [];
    let count = 0;
    for (const part of parts) {
      const again = blocksToCut(count, blocks.length, part);
      const waiting = [...blocks.slice(blocks.length - again).flat(), ...numbers(part).map((n) => count + n)];
      blocks = [...blocks.slice(0, blocks.length - again), ...inFullBlocks(waiting)];
      count += part;
    }
    expect(blocks).toEqual(inFullBlocks(numbers(count)));
  }), { numRuns: 50 });
  // As an earlier version left it: nothing is lost, and the last block alone is read again.
  expect([blocksToCut(5_000, 10, 500), blocksToCut(0, 0, 500), blocksToCut(4_096, 1, 500), blocksToCut(4_100, 2, 500), blocksToCut(8_000, 9, 500)]).toEqual([1, 0, 0, 1, 8]);
});

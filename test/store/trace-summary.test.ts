import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { joined, summarise, totalsAfter } from '../../lib/store/trace-summary.ts';
import { span } from '../panel/made-span.ts';

const row: fc.Arbitrary<SpanRow> = fc.record({
  spanId: fc.nat({ max: 1e6 }).map(String), kind: fc.constantFrom('LLM', 'TOOL', 'AGENT', 'EMBEDDING'), status: fc.constantFrom('unset', 'error'), startMs: fc.nat({ max: 5 }),
  endMs: fc.option(fc.nat({ max: 9 }), { nil: undefined }), httpStatus: fc.constantFrom(undefined, 200, 429), errorType: fc.constantFrom(undefined, 'cut', 'overloaded'),
  parentSpanId: fc.constantFrom(undefined, 'p'), title: fc.constantFrom(undefined, 'Plan', 'Go'), label: fc.oneof(fc.constantFrom('a', 'b'), fc.nat({ max: 60 }).map((n) => `l${n}`)),
  name: fc.oneof(fc.constant('chat'), fc.nat({ max: 90 }).map((n) => `tool ${n}`)), exchange: fc.nat({ max: 9 }).map((n) => `doc/${n}`),
  usage: fc.constantFrom(undefined, { input: 1, output: 2, total: 3 }),
} as const).map((fields) => span(fields.spanId, fields as Partial<SpanRow>));

test('however the spans of a trace are cut into parts, and in whatever order they come, its row says the same', () => {
  const spans = fc.uniqueArray(row, { minLength: 1, maxLength: 120, selector: ({ spanId }) => spanId });
  fc.assert(fc.property(spans, fc.array(fc.nat({ max: 119 }), { maxLength: 5 }), (all, cuts) => {
    const places = [0, ...cuts.filter((at) => at < all.length), all.length].toSorted((a, b) => a - b);
    const parts = places.flatMap((from, at) => places[at + 1] !== undefined && places[at + 1]! > from ? [all.slice(from, places[at + 1])] : []);
    expect(parts.toReversed().map(summarise).reduce(joined)).toEqual(summarise(all));
  }), { numRuns: 300 });
});

test('a filter finds every kind and state in a trace of a thousand different spans', () => {
  const many = Array.from({ length: 1000 }, (_, n) => span(String(n), { name: `a ${n}`, label: `tool ${n}` }));
  const { facets, labelled } = summarise([...many, span('x', { kind: 'TOOL', name: 'zzz', status: 'error' }), span('y', { kind: 'RETRIEVER', name: 'zzz', endMs: undefined })]);
  expect(labelled).toBe(false);
  expect(facets.length).toBeLessThan(70);
  expect(facets).toContainEqual({ kind: 'TOOL', status: 'error', name: 'zzz', model: 'gpt-5-mini-2026', endMs: 0 });
  expect(facets).toContainEqual({ kind: 'RETRIEVER', status: 'unset', name: 'zzz', model: 'gpt-5-mini-2026' });
});

test('totals follow what comes, changes and goes', () => {
  const one = summarise([span('a', { usage: { input: 1, output: 1, total: 2 } })]);
  const two = summarise([span('a', { usage: { input: 1, output: 9, total: 10 } }), span('b', { status: 'error' })]);
  const first = totalsAfter(undefined, undefined, one);
  expect(totalsAfter(first, one, two)).toEqual({ traces: 1, spans: 2, errors: 1, tokens: 10 });
  expect(totalsAfter(totalsAfter(first, one, two), two, undefined)).toEqual({ traces: 0, spans: 0, errors: 0, tokens: 0 });
});

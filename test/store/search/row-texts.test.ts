/** Texts kept in one string are found as they were, and never two of them as one. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRowTexts } from '../../../lib/store/search/row-texts.ts';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 20 });

test('each text holds what it held when it stood alone, and nothing of its neighbours', () => {
  fc.assert(fc.property(fc.array(letters, { minLength: 1, maxLength: 12 }), fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 4 }), (texts, query) => {
    const kept = createRowTexts(texts.length);
    const held = (): boolean[] => texts.map((_, place) => kept.mayHold(place, query));
    for (const [place, text] of [...texts.entries()].toReversed()) kept.put(place, text);
    const expected = texts.map((text) => text.includes(query));
    expect(held()).toEqual(expected);
    kept.seal();
    expect(held()).toEqual(expected);
  }), { numRuns: 2_000 });
});

test('a match does not reach from one text into the next', () => {
  const kept = createRowTexts(2);
  kept.put(0, 'a harb');
  kept.put(1, 'our and a har');
  kept.seal();
  expect([kept.mayHold(0, 'harbour'), kept.mayHold(1, 'harbour'), kept.mayHold(0, 'harb'), kept.mayHold(1, 'har')]).toEqual([false, false, true, true]);
});

test('a text that is not kept may hold anything; the others are not taken for all', () => {
  const kept = createRowTexts(2);
  kept.put(1, 'sunny');
  kept.seal();
  expect([kept.isSealed(), kept.has(0), kept.mayHold(0, 'rain'), kept.mayHold(1, 'rain')]).toEqual([false, false, true, false]);
  kept.put(0, 'rain');
  kept.seal();
  expect([kept.isSealed(), kept.mayHold(0, 'rain')]).toEqual([true, true]);
  kept.clear();
  expect([kept.isSealed(), kept.bytes(), kept.has(1), kept.mayHold(1, 'rain')]).toEqual([false, 0, false, true]);
});

test('what they take is told, together less than one by one', () => {
  const kept = createRowTexts(10);
  for (let place = 0; place < 10; place++) kept.put(place, 'x'.repeat(100));
  const before = kept.bytes();
  kept.seal();
  expect(before).toBeGreaterThanOrEqual(1_000);
  expect(kept.bytes()).toBeGreaterThanOrEqual(1_000);
  expect(kept.bytes()).toBeLessThan(before);
});

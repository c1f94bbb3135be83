/** The parts of the search that need no database. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compact } from '../../../lib/store/search/kept-texts.ts';
import { fieldsOf } from '../../../lib/store/search/fields.ts';
import { normalOf, queryOf, searchableOf } from '../../../lib/store/search/normal-form.ts';
import { hashesOf, mayHold, signatureOf } from '../../../lib/store/search/signature.ts';
import { snippetOf } from '../../../lib/store/search/snippet.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('a', 'B', 'ς', 'Σ', 'İ', '\uD83C', '\uDF89', '漢', ' ', '\n', '"', '\\', 'ﬁ', '{', '[') }));

test('a signature never says that a text is without what it holds', () => {
  fc.assert(fc.property(text, fc.nat(), fc.nat({ max: 12 }), (written, from, length) => {
    const searchable = normalOf(written.replaceAll('\0', ' '));
    const start = from % (searchable.length + 1);
    const signature = signatureOf(searchable);
    expect(mayHold(signature, 0, signature.length, hashesOf(searchable.slice(start, start + length)))).toBe(true);
  }), { numRuns: 5_000 });
});

test('a text that is kept in fewer bytes holds what it held', () => {
  fc.assert(fc.property(text, fc.nat(), fc.nat({ max: 12 }), (written, from, length) => {
    const start = from % (written.length + 1);
    const kept = compact(written);
    expect(kept).not.toMatch(/[^\0-\xff]/);
    expect(kept).toContain(compact(written.slice(start, start + length)));
  }), { numRuns: 5_000 });
});

test('a signature says of most of what is not in a text that it is not', () => {
  const words = Array.from({ length: 400 }, (_, i) => (i * 2_654_435_761 % 2 ** 32).toString(36));
  const signature = signatureOf(words.slice(0, 200).join(' '));
  const held = words.slice(200).filter((word) => mayHold(signature, 0, signature.length, hashesOf(word)));
  expect(held.length).toBeLessThan(20);
});

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

test('every string of a JSON is a field, unescaped, however the JSON is written', () => {
  fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
    const fields = new Set(fieldsOf(JSON.stringify(value, null, space)).map((field) => field.text));
    for (const string of stringsIn(value)) if (string !== '') expect(fields).toContain(string);
  }), { numRuns: 2_000 });
});

test('fields have their names; names of the app are found, those of the dialects are not; numbers and what is no JSON are', () => {
  expect(fieldsOf('{"role":"tool","content":"{\\"city\\":\\"S\\\\u00e3o Paulo\\"}","top_speed":21.5}')).toEqual([
    { key: 'role', text: 'tool' }, { key: 'content', text: '{"city":"S\\u00e3o Paulo"}' }, { key: 'city', text: 'São Paulo' }, { key: 'top_speed', text: 'top_speed' }, { key: 'top_speed', text: '21.5' },
  ]);
  expect(fieldsOf('],"tools":[')).toEqual([]);
  expect(fieldsOf('{"input":[0.25,-1e-7,3]}')).toEqual([]);
  expect(fieldsOf('[INST] hello "you" there')).toMatchObject([{ text: '[INST] hello ' }, { text: 'you' }, { text: ' there' }]);
  expect(fieldsOf('Bad gateway')).toEqual([{ key: '', text: 'Bad gateway' }]);
  expect(fieldsOf(`{"data":"${'iVBORw0KGgo'.repeat(200)}"}`).at(-1)?.text).toHaveLength(64);
});

test.each([['ﬁne', 'FINE'], ['E\u0301te\u0301', 'été'], ['ΟΔΟΣ Α', 'οδος'], ['İstanbul', 'i̇stanbul'], ['a\u00A0b\n\tc', 'a b c'], ['１２', '12'], ['\uD800', '\uD800']])('%j is found by %j', (written, typed) => {
  const searchable = searchableOf([{ key: '', text: written }]);
  expect(searchable).toContain(queryOf(typed));
});

test('a query does not reach from one field into the next', () => {
  const searchable = searchableOf([{ key: 'a', text: 'one\0' }, { key: 'b', text: 'two' }]);
  for (const typed of ['one two', 'one\0two', 'one\0\0two', 'onetwo']) expect(searchable).not.toContain(queryOf(typed));
});

test('a snippet is of the text as it was written', () => {
  expect(snippetOf('The harbour of Lisbon lies\non the Tagus', 'lisbon lies on')).toEqual({ before: 'The harbour of ', match: 'Lisbon lies on', after: ' the Tagus' });
  expect(snippetOf('a ﬁne day in İstanbul', normalOf('fine day'))).toEqual({ before: 'a ', match: 'ﬁne day', after: ' in İstanbul' });
  expect(snippetOf(`${'x'.repeat(100)}needle${'y'.repeat(300)}`, 'needle')).toEqual({ before: `…${'x'.repeat(40)}`, match: 'needle', after: `${'y'.repeat(160)}…` });
  expect(snippetOf('so 🎉 it is', '\uDF89 it')).toMatchObject({ match: '🎉 it' });
});

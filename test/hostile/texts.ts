/** Texts, numbers and JSON as a page that means harm would have them. */
import * as fc from 'fast-check';

/** Names that mean something to an object, to a key, to UTF-16, to HTML. */
export const NASTY = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length', 'toJSON', '', ' ', '\0', 'a\0b', '\u2028', '\u2029x', '\uFEFF',
  '\uD83D', 'x\uDE00y', '\uDE00\uD83D', '👩‍👩‍👧', 'İ', 'ﷺ', 'e\u0301', '"', '\\', '\\"', '\\u0000', '</script><img src=x onerror=alert(1)>', '../../document-1/1', 'document-1/1', 'NaN', '-0', '1e999',
  'n'.repeat(9_000), '\uD83D'.repeat(300), 'https://[', 'javascript:alert(1)', 'http://localhost:11434/api/chat', 'call_lisbon',
] as const;

const UNITS = ['a', 'Z', ' ', '\n', '\t', '"', '\\', '{', '}', '[', ']', ',', ':', '0', 'é', '\0', '\u2028', '\uD800', '\uDC00', '😀', '猫', '<', '&', '%'] as const;

export const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 16 }));

/** As JSON writes them. */
const number = fc.constantFrom('0', '-0', '-1', '7', '1.5', '1e308', '1e999', '-1e999', '1e-400', '4294967296', '9007199254740991', '9007199254740993', '1000000000000000', '123456789012345678901234567890');

const object = (entries: Array<[string, string]>): string => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;

/** Nested a hundred thousand times: deeper than any stack, and than V8 writes. */
export const deep = (levels = 100_000, inner = '{"a":[{"b":1}]}'): string => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;

/** JSON text of any value. */
export const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text.map((said) => JSON.stringify(said)), number, fc.constantFrom('null', 'true', 'false')),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }).map(object),
    fc.constantFrom('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', '{"toString":null,"valueOf":1,"length":-1}', deep(2_000)),
  ),
})).value;

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b/g;

/** JSON (or events of it) in which some keys and values are others. */
export function spoiled(given: string, changes: ReadonlyArray<readonly [place: number, value: string]>): string {
  const places = [...given.matchAll(TOKEN)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
  const chosen = new Map(changes.map(([place, value]) => [place % Math.max(1, places.length), value]));
  let [out, at] = ['', 0];
  for (const [place, { from, to }] of places.entries()) {
    const value = chosen.get(place);
    if (value === undefined) continue;
    const isKey = /^\s*:/.test(given.slice(to));
    out += given.slice(at, from) + (isKey && !value.startsWith('"') ? '"__proto__"' : value);
    at = to;
  }
  return out + given.slice(at);
}

/** Requests that repeat lists of earlier ones: what is read is what JSON.parse gives. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { CutRequest } from '../../lib/model/request-list.ts';
import { parseRequest } from '../../lib/providers/parse-request.ts';
import { newScan, scanOn, type Cut } from '../../lib/store/cut-body.ts';

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Cut as the store does it; like an earlier one as far as both begin with the same parts. */
function cut(text: string, earlier?: CutRequest): CutRequest {
  const bytes = encode(text);
  const scan = newScan();
  const cuts: Cut[] = [];
  while (scan.at < bytes.byteLength) cuts.push(...scanOn(scan, bytes.subarray(scan.at)));
  const lists: Array<{ from: number; list: { ends: number[]; items: number[] } }> = [];
  for (const { kind, at, items } of cuts) {
    if (kind === 'list') lists.push({ from: at + 1, list: { ends: [], items: [] } });
    else {
      const { from, list } = lists.at(-1) ?? { from: 0, list: { ends: [], items: [] } };
      list.ends.push(at - from);
      list.items.push(items);
    }
  }
  const request: CutRequest = { size: bytes.byteLength, bytes: (from, to) => bytes.subarray(from, to), members: scan.members, nested: scan.nested, lists: [] };
  return { ...request, lists: lists.map(({ from, list }, i) => {
    const before = earlier?.lists[i];
    const same = before?.list.ends.findLastIndex((end, n) => list.ends[n] === end && Buffer.from(bytes.subarray(from, from + end)).equals(earlier?.bytes(before.from, before.from + end) ?? bytes) && bytes[from + end] === 0x2c) ?? -1;
    return { from, list, ...(before && same >= 0 && { like: { list: before.list, parts: same + 1 } }) };
  }) };
}

const long = (text: string): string => JSON.stringify({ role: 'user', content: `${text} ${'and so on '.repeat(8)}` });
const body = (list: string, rest = ''): string => `{"model":"m","messages":[${list}]${rest}}`;
const A = [long('a'), long('b')].join(',');

const valueOf = (parsed: ReturnType<typeof parseRequest>): { messages: unknown[] } => {
  if (typeof parsed !== 'object') throw new Error(`It is ${parsed}`);
  return parsed.value as { messages: unknown[] };
};

test('what a request repeats is the same object, what is new is not', () => {
  const first = cut(body(A, ',"stream":true'));
  const before = valueOf(parseRequest(first)).messages;
  const second = cut(body(`${A},${long('c')}`, ',"stream":true'), first);
  const { messages, ...rest } = valueOf(parseRequest(second));
  expect({ messages, ...rest }).toEqual(JSON.parse(body(`${A},${long('c')}`, ',"stream":true')));
  expect(messages.map((message, i) => message === before[i])).toEqual([true, true, false]);
  // And on from there.
  const third = valueOf(parseRequest(cut(body(`${A},${long('c')},${long('d')}`), second)));
  expect(third.messages.map((message, i) => message === messages[i])).toEqual([true, true, true, false]);
});

describe('odd ones', () => {
  const first = cut(body(A));
  parseRequest(first);
  const odd: Record<string, string> = {
    'a comma behind the last': body(`${A},${long('c')},`),
    'a comma behind what is repeated': body(`${A}, `),
    'two lists of one name': body(`${A},${long('c')}`, `,"messages":[${long('d')}]`),
    'a name again': body(`${A},${long('c')}`, ',"messages":null'),
    'a list that ends as an object': `{"model":"m","messages":[${A},${long('c')}}`,
    'more behind it': `${body(`${A},${long('c')}`)} {}`,
    'no end': body(`${A},${long('c')}`).slice(0, -1),
    'a mark at the beginning': `\ufeff${body(`${A},${long('c')}`)}`,
    'a mark in front of a message': body(`${A},\ufeff${long('c')}`),
    'too many parts': body(`${A},${long('c')}`, `,"x":{"y":[${'{},'.repeat(limits.jsonParts)}{}]}`),
    'too many parts with those that are repeated': body(`${A},${long('c')}`, `,"x":{"y":[${'{},'.repeat(limits.jsonParts - 8)}{}]}`),
    'just not too many parts': body(`${A},${long('c')}`, `,"x":{"y":[${'{},'.repeat(limits.jsonParts - 9)}{}]}`),
  };
  test.each(Object.entries(odd))('%s', (_, text) => {
    const request = cut(text, first);
    expect(request.lists[0]?.like?.parts).toBeGreaterThan(0);
    const plain = parseRequest(encode(text));
    expect(JSON.stringify(parseRequest(request))).toBe(JSON.stringify(plain));
  });
});

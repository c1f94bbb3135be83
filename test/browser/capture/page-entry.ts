/** The capture room for a page without the extension: what it tells is kept, and read by the tests with `take()`. */
import { endOfOwnScript } from '../../../lib/capture/error-stacks.ts';
import { installCapture } from '../../../lib/capture/install.ts';
import type { PageRecord } from '../../../lib/model/record.ts';

interface Kept { road: 'post' | 'leaving'; record: PageRecord }

// Taken before the page can change them, as the product does.
const { defineProperty, setPrototypeOf, hasOwn } = Object;
const { fromCharCode } = String;
const { apply } = Reflect;
const { min } = Math;
const U8 = Uint8Array;
const kept: Kept[] = setPrototypeOf([], null) as Kept[];
const keep = (road: Kept['road']) => (records: PageRecord[]): void => {
  for (let i = 0; i < records.length; i++) kept[kept.length] = { road, record: records[i] as PageRecord };
};

/** An ordinary array (it crosses to the test) whose elements no setter of the page has caught. */
function arrayOf(length: number, at: (i: number) => unknown): unknown[] {
  const out: unknown[] = [];
  for (let i = 0; i < length; i++) defineProperty(out, i, { __proto__: null, value: at(i), enumerable: true, configurable: true, writable: true } as PropertyDescriptor);
  return out;
}

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 4096) text += apply(fromCharCode, undefined, new U8(bytes.buffer, from, min(4096, bytes.length - from))) as string;
  return text;
}

/** All records so far in a form that crosses to the test: bytes as one character each. */
function take(): unknown[] {
  return arrayOf(kept.length, (i) => {
    const { road, record } = kept[i] as Kept;
    if (record.kind === 'chunk') {
      const { times, ends } = record;
      const bytes = hasOwn(record, 'bytes') && record.bytes ? textOf(record.bytes) : undefined;
      return { ...record, bytes, times: arrayOf(times.length, (t) => times[t]), ends: arrayOf(ends.length, (e) => ends[e]), road };
    }
    if (record.kind !== 'start' && record.kind !== 'head') return { ...record, road };
    const { headers } = record;
    return { ...record, headers: arrayOf(headers.length, (h) => headers[h]), road };
  });
}

defineProperty(window, 'spanlightTest', { value: { take }, configurable: true });
installCapture(window, { post: keep('post'), leaving: keep('leaving'), wanted: () => true });
endOfOwnScript(new Error().stack);

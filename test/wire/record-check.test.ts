import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord } from '../../lib/model/record.ts';
import { RECORD_VERSION } from '../../lib/model/versions.ts';
import { checkBatch, checkRecord, weigh } from '../../lib/wire/record-check.ts';
import { chunk, leave, seeded } from './records.ts';

const start: PageRecord = { kind: 'start', exchange: 1, at: 1.7e12, clock: 5.5, transport: 'fetch', method: 'POST', url: 'http://localhost/v1/chat/completions', headers: [['content-type', 'application/json']], body: 'exact', bodySize: 12, removed: 1 };
const head: PageRecord = { kind: 'head', exchange: 1, clock: 6, status: 200, type: 'basic', url: 'http://localhost/v1/chat/completions', headers: [] };
const end: PageRecord = { kind: 'end', exchange: 1, clock: 7, how: 'error', bytes: 3, error: { name: 'TypeError', message: 'Failed to fetch' } };
const honest: PageRecord[] = [
  { kind: 'document', at: 1.7e12, url: 'http://localhost/', top: true }, start, head, chunk(1, 0, 3),
  { kind: 'chunk', exchange: 1, side: 'request', offset: 3, size: 9, times: Float64Array.of(1), ends: Uint32Array.of(9), reserialised: true },
  end, { kind: 'end', exchange: 2, clock: 7, how: 'complete', bytes: 0 }, leave(8),
];
const batch = (records: unknown, over: object = {}): unknown => ({ type: 'batch', version: RECORD_VERSION, relay: '0123456789abcdef', first: 10, records, ...over });
const big = chunk(1, 0, 2);
/** a list that says it is as long as a list can be */
const sparse = (): unknown[] => Object.assign([], { length: 2 ** 32 - 1 });

describe('checkRecord', () => {
  test.each(honest.map((record) => [record.kind, record]))('passes what the shim makes: %s', (_, record) => {
    expect(checkRecord(structuredClone(record))).toEqual(record);
  });

  test('returns nothing the page could still change, and no buffer larger than its part', () => {
    const view = new Uint8Array(new ArrayBuffer(1 << 20), 100, 2);
    const given = { ...big, bytes: view, times: big.times.slice() };
    const checked = checkRecord(given);
    view.fill(9);
    given.times[0] = 77;
    if (checked?.kind !== 'chunk') throw new Error('dropped');
    expect([...(checked.bytes ?? [])]).toEqual([0, 0]);
    expect(checked.bytes?.buffer.byteLength).toBe(2);
    expect(checked.times[0]).toBe(0.1);
  });

  const bad: Array<[string, unknown]> = [
    ['nothing', undefined], ['null', null], ['a text', 'start'], ['a function', () => start], ['an array', [start]],
    ['an unknown kind', { ...start, kind: 'constructor' }],
    ['no exchange', { ...start, exchange: undefined }], ['exchange 0', { ...start, exchange: 0 }], ['half an exchange', { ...start, exchange: 1.5 }],
    ['an exchange past counting', { ...start, exchange: 2 ** 60 }], ['a text as exchange', { ...start, exchange: '1' }],
    ['a time that is none', { ...start, clock: Number.NaN }], ['an endless time', { ...start, at: Infinity }], ['a time no Date holds', { ...start, at: 1e300 }], ['a time before time', { ...head, clock: -1 }], ['a start when time began', { ...start, at: 0 }], ['a start that no export can tell', { ...start, at: limits.latestMs }],
    ['another transport', { ...start, transport: 'carrier pigeon' }], ['another body form', { ...start, body: 'toString' }], ['a negative body', { ...start, bodySize: -1 }],
    ['headers that are no list', { ...start, headers: { length: 2 ** 31 } }], ['a status of four digits', { ...head, status: 2000 }],
    ['an end we do not know', { ...end, how: 'valueOf' }], ['an end with half a byte', { ...end, bytes: 0.5 }],
    ['a third side', { ...big, side: '__proto__' }], ['more bytes than size', { ...big, size: 1 }], ['fewer bytes than size', { ...big, size: 3, ends: Uint32Array.of(2) }],
    ['too many bytes', chunk(1, 0, limits.recordBytes + 1)], ['an end past counting', { ...big, offset: Number.MAX_SAFE_INTEGER - 1 }], ['a size past 32 bits', { ...big, bytes: undefined, size: 2 ** 33 }],
    ['ends past size', { ...big, ends: Uint32Array.of(3) }], ['ends that fall', { ...big, times: Float64Array.of(1, 2), ends: Uint32Array.of(2, 1) }],
    ['more ends than times', { ...big, ends: Uint32Array.of(1, 2) }], ['a time that is none among the times', { ...big, times: Float64Array.of(Number.NaN) }],
    ['too many reads', { ...big, times: new Float64Array(limits.recordReads + 1), ends: new Uint32Array(limits.recordReads + 1) }],
    ['bytes of another kind', { ...big, bytes: new Uint16Array(2) }], ['bytes as a list', { ...big, bytes: [1, 2] }], ['bytes as a buffer', { ...big, bytes: new ArrayBuffer(2) }],
    ['times of another kind', { ...big, times: new Float32Array(1) }], ['ends as a list', { ...big, ends: [2] }],
    ['something that pretends to be bytes', { ...big, bytes: Object.create(Uint8Array.prototype, { length: { value: 2 }, byteLength: { value: 2 }, [Symbol.toStringTag]: { value: 'Uint8Array' } }) as unknown }],
    ['a Map', new Map(Object.entries(start))], ['inherited parts', Object.create(start) as unknown],
  ];
  test.each(bad)('drops %s', (_, record) => expect(checkRecord(record)).toBeUndefined());

  test('runs no getter, wherever it lies', () => {
    let ran = 0;
    const trap = { get: () => ran++, enumerable: true };
    for (const key of Object.keys(start)) expect(checkRecord(Object.defineProperty({ ...start }, key, trap))).toBeUndefined();
    for (const key of ['size', 'times', 'ends', 'side', 'offset']) expect(checkRecord(Object.defineProperty({ ...big }, key, trap))).toBeUndefined();
    const headers = Object.defineProperty([], 0, trap);
    expect(checkRecord({ ...start, headers })).toEqual({ ...start, headers: [] });
    expect(ran).toBe(0);
  });

  test('is not answered by a polluted prototype', () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const polluted = { ...start, error: { name: 'x', message: 'y' }, how: 'complete', bytes: 1, reserialised: true };
    const added = Object.keys(polluted).filter((key) => !(key in prototype));
    try {
      for (const key of added) Object.defineProperty(prototype, key, { value: (polluted as Record<string, unknown>)[key], configurable: true, writable: true });
      expect(checkRecord({})).toBeUndefined();
      expect(checkRecord(Object.assign(Object.create(null), { kind: 'end', exchange: 1, clock: 1 }))).toBeUndefined();
      expect(Object.hasOwn(checkRecord({ kind: 'end', exchange: 1, clock: 1, how: 'complete', bytes: 1 }) ?? {}, 'error')).toBe(false);
    } finally {
      for (const key of added) delete prototype[key];
    }
  });

  test('a key __proto__ changes nothing', () => {
    const record = JSON.parse(JSON.stringify({ ...end }).replace('{', '{"__proto__":{"evil":1},')) as unknown;
    const checked = checkRecord(record);
    expect(checked).toEqual(end);
    expect(Object.getPrototypeOf(checked)).toBe(Object.prototype);
  });

  test('reads nothing deeper than a record goes: cycles and depth are harmless', () => {
    const cycle: Record<string, unknown> = { ...end };
    cycle['error'] = cycle;
    cycle['self'] = cycle;
    expect(checkRecord(cycle)).toEqual({ ...end, error: undefined });
    let deep: unknown = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(checkRecord({ ...start, headers: [deep, ['a', deep], ['b', 'c']] })).toEqual({ ...start, headers: [['b', 'c']] });
  });

  test('cuts texts and headers to their limits', () => {
    const long = 'x'.repeat(limits.textLength * 3);
    const checked = checkRecord({ ...start, url: long, headers: Array.from({ length: 1000 }, () => [long, long]) });
    if (checked?.kind !== 'start') throw new Error('dropped');
    expect(checked.url).toHaveLength(limits.textLength);
    expect(weigh(checked)).toBeLessThan(limits.recordBytes / 2);
    const short = checkRecord({ ...start, headers: Array.from({ length: 1000 }, (_, i) => [`h${i}`, '']) });
    expect(short?.kind === 'start' && short.headers).toHaveLength(limits.headers);
    expect(checkRecord({ ...start, headers: sparse() })).toEqual({ ...start, headers: [] });
  });

  test('a detached buffer is an empty one', () => {
    const bytes = new Uint8Array(2);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    expect(checkRecord({ ...big, bytes })).toBeUndefined();
    expect(checkRecord({ ...big, bytes, size: 0, ends: Uint32Array.of(0) })).toEqual({ ...chunk(1, 0, 0) });
  });
});

describe('checkBatch', () => {
  test.each<[what: string, bytes: Uint8Array, isTaken: boolean]>([
    ['that fill their memory are taken as they are', new Uint8Array(2), true],
    ['that are part of more are copied', new Uint8Array(new ArrayBuffer(3), 0, 2), false],
    ['that another thread may change are copied', new Uint8Array(new SharedArrayBuffer(2)), false],
    ['of a memory that may grow are copied', new Uint8Array(new ArrayBuffer(2, { maxByteLength: 1 << 20 })), false],
  ])('bytes %s', (_, bytes, isTaken) => {
    const checked = checkBatch(batch([{ ...big, bytes }]));
    const record = 'records' in checked ? checked.records[0]?.record : undefined;
    if (record?.kind !== 'chunk') throw new Error('dropped');
    expect(record.bytes).toEqual(new Uint8Array(2));
    expect(record.bytes?.buffer === bytes.buffer).toBe(isTaken);
    expect(record.bytes).not.toBe(bytes);
  });

  test('numbers the good records and counts the bad, whose numbers stay empty', () => {
    const checked = checkBatch(batch([start, 'junk', head, undefined, end]));
    expect(checked).toEqual({ relay: '0123456789abcdef', first: 10, next: 15, records: [{ seq: 10, record: start }, { seq: 12, record: head }, { seq: 14, record: end }], dropped: 2, skipped: false });
  });

  test('knows when records before it are lost', () => {
    expect(checkBatch(batch([start], { skipped: true }))).toMatchObject({ skipped: true });
    expect(checkBatch(batch([start], { skipped: 1 }))).toMatchObject({ skipped: false });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined], ['another message', { type: 'ping' }], ['another version', batch([start], { version: RECORD_VERSION + 1 })],
    ['no relay', batch([start], { relay: undefined })], ['a relay that is a path', batch([start], { relay: '../../x' })], ['an endless relay', batch([start], { relay: 'a'.repeat(1e6) })],
    ['a first below nought', batch([start], { first: -1 })], ['a first that is no number', batch([start], { first: '0' })], ['records that are no list', batch({ length: 1, 0: start })],
    ['too many records', batch(Array.from({ length: limits.messageRecords + 1 }, () => end))], ['a list of four milliards', batch(sparse())],
    ['too many bytes', batch(Array.from({ length: 20 }, () => chunk(1, 0, limits.recordBytes)))],
  ])('refuses %s', (_, value) => expect(checkBatch(value)).toEqual({ refused: expect.any(String) as string }));

  test('2,000 seeded mutations of honest records: nothing thrown, nothing unbounded, nothing of another shape', () => {
    const random = seeded(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const junk: readonly unknown[] = [undefined, null, true, -1, 1e308, Number.NaN, '', 'x'.repeat(20_000), 10n, Symbol('s'), [], cycle, {}, new Date(), new Map(), new Uint8Array(3), new Float64Array(1), new Uint32Array(2), new DataView(new ArrayBuffer(2)), /x/, new Error('e'), Object.create(null), () => 1];
    const shapes = new Set(honest.map((record) => record.kind));
    for (let i = 0; i < 2000; i++) {
      const record: Record<string, unknown> = { ...pick(honest) };
      for (let n = 0; n < 1 + random() * 3; n++) record[pick([...Object.keys(record), 'bytes', 'headers', 'error'])] = pick(junk);
      const checked = checkBatch(batch([record]));
      if ('refused' in checked) throw new Error(checked.refused);
      expect(checked.next).toBe(11);
      expect(checked.records.length + checked.dropped).toBe(1);
      for (const { record } of checked.records) {
        expect(shapes.has(record.kind)).toBe(true);
        expect(weigh(record)).toBeLessThan(2 * limits.recordBytes);
        expect(checkRecord(structuredClone(record))).toEqual(record);
      }
    }
  });
});

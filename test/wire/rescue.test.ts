import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord } from '../../lib/model/record.ts';
import { bareRescueKey, decodeRescue, encodeRescue, isRescueKey, rescueKey, type Rescue } from '../../lib/wire/rescue.ts';
import { chunk, count, leave } from './records.ts';

const relay = '0123456789abcdef';
const rescue = (records: PageRecord[]): Rescue => ({ relay, at: 1.7e12, first: 5, records });
/** As the browser's store gives it back. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('rescue', () => {
  test('comes back as it went, typed arrays and all', () => {
    const records: PageRecord[] = [
      { kind: 'start', exchange: 1, at: 1.7e12, clock: 5.5, transport: 'fetch', method: 'POST', url: 'http://localhost/v1/messages', headers: [['a', 'b']], body: 'exact', bodySize: 12, removed: 1 },
      { ...chunk(1, 0, 3), times: Float64Array.of(1.1, 2.2000000000000006), ends: Uint32Array.of(1, 3) }, { ...chunk(1, 3, 9), bytes: undefined },
      { kind: 'end', exchange: 1, clock: 7, how: 'aborted', bytes: 12, error: { name: 'AbortError', message: 'x' } }, leave(3),
    ];
    expect(decodeRescue(stored(encodeRescue(rescue(records))))).toEqual(rescue(records));
  });

  test('keeps to its room: the latest bytes go first, their sizes stay', () => {
    const records = Array.from({ length: 40 }, (_, i) => chunk(1, i * 100_000, 100_000));
    const value = encodeRescue(rescue([...records, leave(1)]));
    const size = JSON.stringify(value).length;
    expect(size).toBeLessThanOrEqual(limits.rescueBytes);
    expect(size).toBeGreaterThan(limits.rescueBytes - 140_000);
    const back = decodeRescue(stored(value));
    expect(back?.records).toHaveLength(41);
    const good = back?.records.filter((record) => record !== undefined) ?? [];
    const { stored: kept, missing } = count(good);
    expect(kept + missing).toBe(4_000_000);
    const firstBare = good.findIndex((record) => record.kind === 'chunk' && !record.bytes);
    expect(good.slice(firstBare).every((record) => record.kind !== 'chunk' || !record.bytes)).toBe(true);
  });

  test('of a body in whatever many pieces one size fits, in the place of its last, before what comes after', () => {
    const pieces = Array.from({ length: 2000 }, (_, i) => ({ ...chunk(i % 2 + 1, Math.floor(i / 2) * 40, 40), times: new Float64Array(40).fill(i), ends: Uint32Array.from({ length: 40 }, (_, n) => n + 1) }));
    const value = encodeRescue(rescue([chunk(3, 0, 40), ...pieces, leave(1)]), limits.rescueLeastBytes / 4);
    expect(JSON.stringify(value).length).toBeLessThanOrEqual(limits.rescueLeastBytes / 4);
    const { records = [] } = decodeRescue(stored(value)) ?? {};
    expect(records).toHaveLength(2002);
    expect(records[0]).toEqual(chunk(3, 0, 40)); // the first bytes have room
    expect(records.at(-1)).toEqual(leave(1));
    const good = records.filter((record) => record !== undefined);
    const { stored: kept, missing } = count(good);
    expect(kept + missing).toBe(40 + 80_000);
    const sizes = good.filter((record) => record.kind === 'chunk' && !record.bytes);
    expect(sizes.map((record) => records.indexOf(record))).toEqual([1999, 2000]);
  });

  test('where even that does not fit, the latest records are left out', () => {
    const value = encodeRescue(rescue(Array.from({ length: 4000 }, (_, i) => leave(i))), limits.rescueLeastBytes);
    expect(JSON.stringify(value).length).toBeLessThanOrEqual(limits.rescueLeastBytes);
    const { records = [] } = decodeRescue(stored(value)) ?? {};
    expect(records.length).toBeGreaterThan(2000);
    expect(records).toEqual(records.map((_, i) => leave(i)));
  });

  test('a bad record is an empty place', () => {
    const value = stored(encodeRescue(rescue([leave(1), chunk(1, 0, 3), chunk(1, 3, 3), leave(2)]))) as { records: Array<Record<string, unknown>> };
    Object.assign(value.records[1] ?? {}, { times: '%%%' });
    Object.assign(value.records[2] ?? {}, { ends: 'AAA=' });
    expect(decodeRescue(value)?.records).toEqual([leave(1), undefined, undefined, leave(2)]);
  });

  test.each<[string, unknown]>([['nothing', undefined], ['a text', 'x'], ['another version', { ...encodeRescue(rescue([])) as object, version: 0 }], ['no relay', { ...encodeRescue(rescue([])) as object, relay: 1 }], ['a time of nobody', { ...encodeRescue(rescue([])) as object, at: 1e300 }], ['no time', { ...encodeRescue(rescue([])) as object, at: Number.NaN }], ['no list', { ...encodeRescue(rescue([])) as object, records: {} }]])('%s is no rescue', (_, value) => {
    expect(decodeRescue(value)).toBeUndefined();
  });

  test('its key says whose it is', () => {
    expect(rescueKey(relay)).toBe(`rescue:${relay}`);
    expect(isRescueKey(rescueKey(relay))).toBe(true);
    expect(isRescueKey(bareRescueKey(relay))).toBe(true);
    expect([bareRescueKey(relay), rescueKey(relay)].toSorted()).toEqual([rescueKey(relay), bareRescueKey(relay)]);
    expect(isRescueKey('browserRun')).toBe(false);
    for (const key of [rescueKey(relay, true), bareRescueKey(relay, true)]) expect([isRescueKey(key), isRescueKey(key, true)]).toEqual([false, true]);
    expect(isRescueKey(rescueKey(relay), true)).toBe(false);
  });
});

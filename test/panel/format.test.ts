import { describe, expect, test } from 'vitest';
import { formatBytes, formatClock, formatCount, formatDuration, formatMoment, formatRate, formatSite, isLongJson, plural, prettyJson } from '../../lib/panel/format.ts';
import { jsonTokens } from '../../lib/panel/json-tokens.ts';

describe('format', () => {
  test.each([[0, '0 ms'], [0.4, '<1 ms'], [340.4, '340 ms'], [999.7, '1.0 s'], [8400, '8.4 s'], [59_990, '1m 00s'], [125_000, '2m 05s'], [3_599_999, '1h 00m'], [3_720_000, '1h 02m'], [-5, '–'], [Number.NaN, '–']])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('counts, bytes and rates', () => {
    expect([0, 498, 1934, 9999, 12_400, 999_949, 3_100_000].map(formatCount)).toEqual(['0', '498', '1,934', '9,999', '12.4k', '999.9k', '3.1M']);
    expect([0, 1204, 12_300, 3_200_000, 4_100_000_000].map(formatBytes)).toEqual(['0 B', '1,204 B', '12.3 kB', '3.2 MB', '4.1 GB']);
    expect([3.14, 84.2].map(formatRate)).toEqual(['3.1', '84']);
    expect([plural(1, 'trace'), plural(2, 'trace'), plural(2, 'reply', 'replies')]).toEqual(['1 trace', '2 traces', '2 replies']);
  });

  test('moments name the day only when it is not today', () => {
    const at = new Date(2026, 2, 14, 14, 7, 12).getTime();
    expect(formatClock(at)).toBe('14:07:12');
    expect(formatMoment(at, at + 1000)).toBe('14:07');
    expect(formatMoment(at, at + 24 * 3600_000)).toBe('14 Mar 14:07');
  });

  test('a site is a host, or whatever the address is', () => {
    expect(['http://localhost:5173/a?b', 'about:blank', ''].map(formatSite)).toEqual(['localhost:5173', 'about:blank', '']);
  });

  test('coloured JSON is the same text, and text that is no JSON is left alone', () => {
    const pretty = prettyJson('{"a \\"b\\"": ["x:y", -1.5e3, null, {"c": true}]}') ?? '';
    const tokens = jsonTokens(pretty);
    expect(tokens.map((token) => token.text).join('')).toBe(pretty);
    expect(tokens.filter((token) => token.kind === 'key').map((token) => token.text)).toEqual(['"a \\"b\\""', '"c"']);
    expect(tokens.filter((token) => token.kind === 'number').map((token) => token.text)).toEqual(['-1500', 'null', 'true']);
    expect(prettyJson('{"half":')).toBeUndefined();
    // Some seconds of the panel's one thread, and a hundred times the memory.
    const long = `[${'[1],'.repeat(500_000)}1]`;
    expect([prettyJson(long), isLongJson(long), isLongJson('data: {}\n\n'.repeat(300_000)), isLongJson('[1]')]).toEqual([undefined, true, false, false]);
    expect(prettyJson(`[${'1,'.repeat(500_000)}1]`)).toContain('\n  1,\n');
    // Two hundred million spaces; a little deeper, and it takes half a minute.
    expect(prettyJson(`[${Array.from({ length: 9_000 }, () => '['.repeat(100) + ']'.repeat(100)).join(',')}]`) === undefined).toBe(true);
    const wide = `[${Array.from({ length: 5_000 }, () => '{"[[[{\\"":[[]]}').join(',')}]`;
    expect(prettyJson(wide)).toBe(JSON.stringify(JSON.parse(wide), null, 2));
  });
});

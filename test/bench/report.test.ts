import { describe, expect, test } from 'vitest';
import { ceilingRow, closingLine, comparisonRow, percentileRow, speedRow, tableOf } from './report.ts';

const slower = comparisonRow('calls', 'µs', { base: [10, 10, 20], ours: [12, 12, 24] }, 1.1, false);
const small = ceilingRow('size', 'bytes', 4096.123456, 10240, { samples: 1 });

describe('report', () => {
  test('the closing line is one line of JSON in the form every bench shares', () => {
    const line = closingLine('page', [slower, small]);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      bench: 'page', pass: false,
      rows: [
        { name: 'calls', base: 10, ours: 12, ratio: 1.2, goal: 1.1, pass: false, samples: 3 },
        { name: 'size', base: null, ours: 4096.1, ratio: null, goal: 10240, pass: true },
      ],
    });
    expect(JSON.parse(closingLine('page', [small]))).toMatchObject({ pass: true });
  });

  test('of speeds the goal is the least', () => {
    const turns = { base: [100, 200], ours: [20, 40] };
    expect(speedRow('reading', 'MB/s', turns, 0.1)).toMatchObject({ ratio: 0.2, goal: 0.1, atLeast: true, pass: true });
    expect(speedRow('reading', 'MB/s', turns, 0.3).pass).toBe(false);
    expect(tableOf([speedRow('reading', 'MB/s', turns, 0.3)])).toMatch(/MISS\s+reading.*≥ 0\.3x$/);
  });

  test('of many samples the goal is held by one quantile, and all are told', () => {
    const samples = [...Array.from({ length: 98 }, () => 10), 90, 400];
    expect(percentileRow('search', 'ms', samples, 0.5, 50)).toMatchObject({ ours: 10, pass: true, percentiles: { p50: 10, worst: 400 } });
    const tail = percentileRow('search', 'ms', samples, 0.99, 50);
    expect(tail.pass).toBe(false);
    expect(tableOf([tail])).toContain('(p50 10, p90 10, p99 93.1, worst 400)');
  });

  test('the table names every row and marks the one that missed', () => {
    const [head, first, second] = tableOf([slower, small]).split('\n');
    expect(head).toContain('quartiles');
    expect(first).toMatch(/^MISS\s+calls.*1\.200x.*1\.1x$/);
    expect(second).toMatch(/^ok\s+size.*4096.*10240$/);
  });
});

import { describe, expect, test } from 'vitest';
import { keepsGoal, median, medianInterval, quantile, quartiles, roundRatios } from './statistics.ts';

/** So many samples from 0 to 1. */
const evenly = (count: number): number[] => Array.from({ length: count }, (_, n) => n / (count - 1));

describe('statistics', () => {
  test('median and quantiles, in any order, without changing the list', () => {
    const samples = [5, 1, 4, 2, 3];
    expect(median(samples)).toBe(3);
    expect(median([4, 1])).toBe(2.5);
    expect(quartiles(samples)).toEqual([2, 4]);
    expect(quantile(samples, 0.95)).toBeCloseTo(4.8);
    expect(quantile([7], 0.95)).toBe(7);
    expect(samples).toEqual([5, 1, 4, 2, 3]);
    expect(() => median([])).toThrow('no samples');
  });

  test('ratios pair the turns of one round, so that drift falls out', () => {
    expect(roundRatios({ base: [10, 20, 40], ours: [11, 22, 44] }).map((ratio) => ratio.toFixed(2))).toEqual(['1.10', '1.10', '1.10']);
    expect(() => roundRatios({ base: [1], ours: [1, 2] })).toThrow('1 turns against 2');
  });

  test('the interval of the median narrows with more samples', () => {
    expect(medianInterval([1, 2, 9])).toEqual([1, 9]);
    expect(medianInterval(evenly(25)).map((edge) => edge.toFixed(2))).toEqual(['0.30', '0.70']);
    expect(medianInterval(evenly(101)).map((edge) => edge.toFixed(2))).toEqual(['0.40', '0.60']);
  });

  test('a goal is kept by the median, or, where allowed, when the rounds cannot tell it from equal', () => {
    expect(keepsGoal([1.01, 1.02, 1.01], 1.02, false)).toBe(true);
    expect(keepsGoal([1.05, 1.06, 1.07], 1.02, true)).toBe(false);
    const even = [0.98, 0.99, 1.03, 1.04, 1.05];
    expect(keepsGoal(even, 1.02, false)).toBe(false);
    expect(keepsGoal(even, 1.02, true)).toBe(true);
    const slower = Array.from({ length: 80 }, (_, round) => 1.04 + (round % 9 - 4) * 0.02);
    expect(keepsGoal(slower, 1.02, true)).toBe(false);
    const useless = [0.5, 0.9, 1.1, 1.4, 1.5];
    expect(keepsGoal(useless, 1.02, true)).toBe(false);
  });
});

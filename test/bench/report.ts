/** How every bench reports: a table for people, then one line of JSON as the last line of its output. */
import { availableParallelism, loadavg } from 'node:os';
import { keepsGoal, median, medianInterval, quantile, quartiles, roundRatios, type Turns } from './statistics.ts';

interface Percentiles { p50: number; p90: number; p99: number; worst: number }

/** `ratio` = ours / base and is held against `goal`; a row without a base holds `ours` itself against it. */
export interface BenchRow {
  name: string;
  unit: string;
  base: number | null;
  ours: number;
  ratio: number | null;
  goal: number;
  /** the goal is the least the ratio may be, not the most */ atLeast?: true;
  pass: boolean;
  /** first and third quartile of the same figures */
  spread?: { base?: [number, number]; ours?: [number, number]; ratio?: [number, number] };
  /** of all samples, where the goal is held by one of these */ percentiles?: Percentiles;
  /** 95 % confidence interval of `ratio` */
  interval?: [number, number];
  /** samples (or rounds) behind the figures */
  samples: number;
}

/** Row of a comparison side by side: medians over all turns, ratio = median of the ratios of the rounds. */
export function comparisonRow(name: string, unit: string, turns: Turns, goal: number, orWithinSpread: boolean): BenchRow {
  const ratios = roundRatios(turns);
  return {
    name, unit, base: median(turns.base), ours: median(turns.ours), ratio: median(ratios), goal, pass: keepsGoal(ratios, goal, orWithinSpread),
    spread: { base: quartiles(turns.base), ours: quartiles(turns.ours), ratio: quartiles(ratios) }, interval: medianInterval(ratios), samples: ratios.length,
  };
}

/** Row of a comparison of speeds, where more is better. */
export function speedRow(name: string, unit: string, turns: Turns, least: number): BenchRow {
  const row = comparisonRow(name, unit, turns, least, false);
  return { ...row, atLeast: true, pass: (row.ratio ?? 0) >= least };
}

/** Row of a figure that has only a ceiling. */
export function ceilingRow(name: string, unit: string, ours: number, goal: number, more: { samples: number; spread?: [number, number] }): BenchRow {
  return { name, unit, base: null, ours, ratio: null, goal, pass: ours <= goal, ...(more.spread ? { spread: { ours: more.spread } } : {}), samples: more.samples };
}

/** Row of one quantile of many samples, which tells the others too. */
export function percentileRow(name: string, unit: string, samples: readonly number[], q: number, goal: number): BenchRow {
  const at = (of: number): number => quantile(samples, of);
  return { ...ceilingRow(name, unit, at(q), goal, { samples: samples.length }), percentiles: { p50: at(0.5), p90: at(0.9), p99: at(0.99), worst: at(1) } };
}

/** Digits beyond these carry no meaning: none of a unit's ten-thousandth, none beyond the fifth (people: the third). */
const rounded = (value: number, digits = 5): number => Number(Number(value.toPrecision(digits)).toFixed(4));
const figure = (value: number): string => (Math.abs(value) >= 1000 ? String(Math.round(value)) : String(rounded(value, 3)));
const percents = ({ p50, p90, p99, worst }: Percentiles): string => `p50 ${figure(p50)}, p90 ${figure(p90)}, p99 ${figure(p99)}, worst ${figure(worst)}`;
const range = ([low, high]: [number, number]): string => `${figure(low)}–${figure(high)}`;

/** The table: one line a row; beside each figure its quartiles, beside the ratio its 95 % interval. */
export function tableOf(rows: readonly BenchRow[]): string {
  const cells = rows.map(({ name, unit, base, ours, ratio, goal, atLeast, pass, spread, percentiles, interval, samples }) => [
    pass ? 'ok' : 'MISS', name, unit, String(samples),
    base === null ? '' : figure(base) + (spread?.base ? ` (${range(spread.base)})` : ''),
    figure(ours) + (spread?.ours ? ` (${range(spread.ours)})` : '') + (percentiles ? ` (${percents(percentiles)})` : ''),
    ratio === null ? '' : `${ratio.toFixed(3)}x` + (interval ? ` (${interval.map((edge) => edge.toFixed(3)).join('–')})` : ''),
    (atLeast ? '≥ ' : '') + (ratio === null ? figure(goal) : `${goal}x`),
  ]);
  const table = [['', 'row', 'unit', 'n', 'base (quartiles)', 'ours (quartiles)', 'ratio (95 %)', 'goal'], ...cells];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  return table.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

/** Threads that ran or waited for a core in the last minute, all programs together: when the bench began (with more than there
 *  are cores, others were at work, and figures by the clock tell of them too) and when it ended. */
interface Load { cores: number; before: number; after: number }
const loadOf = (): number => loadavg()[0] ?? 0;
const before = loadOf();

/** The closing line: `{"bench":…,"rows":[…],"pass":…}`. */
export function closingLine(bench: string, rows: readonly BenchRow[], load?: Load): string {
  const whole = { bench, rows, ...load && { load }, pass: rows.every((row) => row.pass) };
  return JSON.stringify(whole, (_, value: unknown) => (typeof value === 'number' ? rounded(value) : value));
}

/** Prints both and sets the exit code: 1 when a row missed its goal. Nothing may be printed afterwards. */
export function finish(bench: string, rows: readonly BenchRow[]): void {
  const load = { cores: availableParallelism(), before, after: loadOf() };
  const warning = before > load.cores ? `\nThe machine had other work (load ${figure(before)} on ${load.cores} cores): figures by the clock tell of it too.\n` : '';
  console.log(`\n${tableOf(rows)}\n${warning}\n${closingLine(bench, rows, load)}`);
  process.exitCode = rows.every((row) => row.pass) ? 0 : 1;
}

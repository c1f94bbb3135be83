/** Counts the verdicts; tells them as a table, a bounded list of what is wrong, and one line of JSON. */
import type { Fault, Verdict } from './judge.ts';
import type { Place } from './rows.ts';

export interface DialectCount { inference: number; recognised: number; parsed: number; withUsage: number; usageExact: number }
export interface Counts extends DialectCount {
  exchanges: number; notInference: number; falseInference: number; failures: number;
  byDialect: Record<string, DialectCount>;
}

/** Of one kind in one dialect the list shows so many. */
const SHOWN = 25;

export interface Tally {
  add(place: Place, verdict: Verdict): void;
  /** what is wrong, and the table */ report(): string;
  closingLine(): string;
}

const none = (): DialectCount => ({ inference: 0, recognised: 0, parsed: 0, withUsage: 0, usageExact: 0 });

export function createTally(): Tally {
  const { inference, recognised, parsed, withUsage, usageExact } = none();
  // In the order in which they are printed.
  const counts: Counts = { exchanges: 0, inference, recognised, parsed, notInference: 0, falseInference: 0, withUsage, usageExact, failures: 0, byDialect: {} };
  const listed = new Map<string, { shown: string[]; more: number }>();

  function list(place: Place, { dialect }: Verdict, kind: Fault['kind'], reasons: readonly string[]): void {
    const title = dialect === undefined ? kind : `${dialect}, ${kind}`;
    const entry = listed.get(title) ?? { shown: [], more: 0 };
    listed.set(title, entry);
    if (entry.shown.length < SHOWN) entry.shown.push(`  ${place.file}:${place.line}: ${reasons.join('; ')}`);
    else entry.more += 1;
  }

  function addInference(verdict: Verdict): void {
    const dialect = counts.byDialect[verdict.dialect ?? ''] ??= none();
    for (const count of [counts, dialect]) {
      count.inference += 1;
      for (const key of ['recognised', 'parsed', 'withUsage', 'usageExact'] as const) if (verdict[key]) count[key] += 1;
    }
  }

  return {
    add(place, verdict) {
      counts.exchanges += 1;
      if (verdict.counts === 'inference') addInference(verdict);
      else if (verdict.counts === 'not') counts.notInference += 1;
      if (verdict.falseInference) counts.falseInference += 1;
      if (verdict.faults.some(({ kind }) => kind === 'failure')) counts.failures += 1;
      for (const [kind, faults] of Object.entries(Object.groupBy(verdict.faults, ({ kind }) => kind))) list(place, verdict, kind as Fault['kind'], faults.map(({ reason }) => reason));
    },
    report() {
      const wrong = [...listed].toSorted(([a], [b]) => a.localeCompare(b)).map(([title, { shown, more }]) => [`${title}: ${shown.length + more}`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'));
      return [...wrong, tableOf(counts)].join('\n\n');
    },
    closingLine: () => JSON.stringify(counts),
  };
}

const cells = ({ inference, recognised, parsed, withUsage, usageExact }: DialectCount): string[] => [inference, recognised, parsed, withUsage, usageExact].map(String);

function tableOf({ byDialect, ...all }: Counts): string {
  const rows = Object.entries(byDialect).toSorted(([, a], [, b]) => b.inference - a.inference).map(([dialect, count]) => [dialect, ...cells(count)]);
  const table = [['dialect', 'inference', 'recognised', 'parsed', 'withUsage', 'usageExact'], ...rows, ['all', ...cells(all)]];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const drawn = table.map((row) => row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)).join('  '));
  return [...drawn, `${all.exchanges} exchanges: ${all.inference} inference, ${all.notInference} not (${all.falseInference} read as such), ${all.exchanges - all.inference - all.notInference} counted neither way; ${all.failures} failures`].join('\n');
}

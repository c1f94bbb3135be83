/** What sweeping holds up: the longest task of the thread that sweeps, which a batch of a page has to wait for. */
import { ceilingRow, type BenchRow } from './report.ts';
import type { StoreBrowser } from './store-browser.ts';
import { tasksBetween, traced } from './tasks.ts';

const SPANS = 10_000;
const LONGEST_MS = 50;

export async function sweepRows(job: StoreBrowser['job'], { browser }: StoreBrowser): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [left, what] of [[true, 'a session removed'], [false, 'the traces of an open tab removed']] as const) {
    await job('record', SPANS, left);
    const tasks = tasksBetween(await traced(browser, () => job('sweep')), 'sweep', 'swept');
    const longest = (of: 'cpu' | 'ms'): number => tasks.reduce((most, task) => Math.max(most, task[of]), 0);
    rows.push(
      ceilingRow(`sweep of 10,000 spans, ${what}: longest task, its own time`, 'ms', longest('cpu'), LONGEST_MS, { samples: tasks.length }),
      ceilingRow('the same by the clock', 'ms', longest('ms'), LONGEST_MS, { samples: tasks.length }),
    );
  }
  return rows;
}

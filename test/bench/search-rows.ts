/** Searching 100,000 texts: found all there is, and how soon. */
import { ceilingRow, percentileRow, type BenchRow } from './report.ts';
import type { Looked } from './search-page.ts';
import type { StoreBrowser } from './store-browser.ts';

const TEXTS = 100_000;
const QUERIES = 1_000;
/** Every so-manieth query is asked of a panel that was opened just now: each loads the index. */
const COLD_EACH = 20;
/** To the last hit takes as long as there are hits. */
const FEW = 1_000;

/** Asked before anything is in memory: their hits count, their times do not. */
const UNSETTLED = 50;

export async function searchRows(job: StoreBrowser['job']): Promise<BenchRow[]> {
  await job('fillTexts', TEXTS, QUERIES);
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let n = 0; n < QUERIES; n += COLD_EACH) cold.push(await job('lookCold', n));
  const unsettled = await job('lookForAll', 0, UNSETTLED);
  await job('lookWarm', 0); // loads the index
  await job('settled');
  for (let n = 0; n < QUERIES; n++) warm.push(await job('lookWarm', n));
  const all: Looked[] = [];
  for (let n = 0; n < QUERIES; n += 50) all.push(...await job('lookForAll', n, n + 50));
  await job('forgetTexts');

  const wrong = [...unsettled, ...all].filter(({ hits, expected }) => hits !== expected);
  for (const { query, hits, expected } of wrong.slice(0, 5)) console.log(`"${query}": ${hits} hits, by looking at each text ${expected}`);
  const few = all.filter(({ expected }) => expected <= FEW).map(({ ms }) => ms);
  return [
    ceilingRow('random queries whose hits are not those of looking at each of 100,000 texts', 'queries', wrong.length, 0, { samples: all.length }),
    ...timed('search of 100,000 texts, cold (index loaded first), what the panel shows', cold, 500),
    ...timed('search of 100,000 texts, warm, what the panel shows', warm, 100),
    ...timed('search of 100,000 texts, warm, to the last of up to 1,000 hits', few, 100),
  ];
}

const timed = (name: string, samples: readonly number[], goal: number): BenchRow[] => [
  percentileRow(`${name}: median`, 'ms', samples, 0.5, goal), percentileRow('the same: p99', 'ms', samples, 0.99, goal), percentileRow('the same: worst', 'ms', samples, 1, goal),
];

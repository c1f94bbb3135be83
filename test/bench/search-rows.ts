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

export async function searchRows(job: StoreBrowser['job']): Promise<BenchRow[]> {
  await job('fillTexts', TEXTS, QUERIES);
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let n = 0; n < QUERIES; n += COLD_EACH) cold.push(await job('lookCold', n));
  await job('lookWarm', 0); // loads the index
  await job('settled');
  for (let n = 0; n < QUERIES; n++) warm.push(await job('lookWarm', n));
  const all: Looked[] = [];
  for (let n = 0; n < QUERIES; n += 50) all.push(...await job('lookForAll', n, n + 50));
  await job('forgetTexts');

  const wrong = all.filter(({ hits, expected }) => hits !== expected);
  for (const { query, hits, expected } of wrong.slice(0, 5)) console.log(`"${query}": ${hits} hits, by looking at each text ${expected}`);
  const few = all.filter(({ expected }) => expected <= FEW).map(({ ms }) => ms);
  return [
    ceilingRow('random queries whose hits are not those of looking at each of 100,000 texts', 'queries', wrong.length, 0, { samples: all.length }),
    percentileRow('search of 100,000 texts, cold (index loaded first), what the panel shows: median', 'ms', cold, 0.5, 500),
    percentileRow('the same: p99', 'ms', cold, 0.99, 500),
    percentileRow('search of 100,000 texts, warm, what the panel shows: median', 'ms', warm, 0.5, 100),
    percentileRow('the same: p99', 'ms', warm, 0.99, 100),
    percentileRow('search of 100,000 texts, warm, to the last of up to 1,000 hits: median', 'ms', few, 0.5, 100),
    percentileRow('the same: p99', 'ms', few, 0.99, 100),
  ];
}

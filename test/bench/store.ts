/**
 * `npm run bench:store`: what writing and reading cost, in a page that runs lib/record and lib/store over the browser's own
 * IndexedDB. The worker's CPU and its waking are not measured here.
 */
import { join } from 'node:path';
import { launch } from '../browser/launch.ts';
import { serveBundle } from './bundle.ts';
import { ceilingRow, finish, speedRow, type BenchRow } from './report.ts';
import { playRounds } from './rounds.ts';
import { median, quartiles } from './statistics.ts';
import type { StoreJobs } from './store-page.ts';

const RUNS = 60;
const ROUNDS = 7;
const TURNS = 200;
/** characters of a question, and of an answer */
const TURN_SIZE = 2_000;
const SIZES = [1_000, 10_000, 100_000];
const OPENINGS = 15;
const QUERIES = ['saffron glacier', 'number 7919', 'lantern winter', 'nothing of it', 'umber 5543', 'compass velvet pepper', 'orchard', 'xyz'];

const growth = (name: string, small: number[] = [], large: number[] = [], goal = 1): BenchRow =>
  ceilingRow(name, 'times', median(large) / median(small), goal, { samples: large.length });

const served = await serveBundle(join(import.meta.dirname, 'store-page.ts'));
const launched = await launch();
const rows: BenchRow[] = [];
try {
  const page = await launched.browser.newPage();
  await page.goto(served.url);
  await page.waitForFunction(() => window.storeJobs !== undefined);
  const job = <Name extends keyof StoreJobs>(name: Name, ...given: Parameters<StoreJobs[Name]>): Promise<Awaited<ReturnType<StoreJobs[Name]>>> =>
    page.evaluate((name, given) => (window.storeJobs[name as Name] as (...given: unknown[]) => unknown)(...given), name as string, given) as Promise<Awaited<ReturnType<StoreJobs[Name]>>>;
  const several = async (measure: () => Promise<number>): Promise<number[]> => {
    const all: number[] = [];
    for (let i = 0; i <= OPENINGS; i++) all.push(await measure());
    return all.slice(1); // the first one warms up
  };

  await job('pipeline', RUNS); // what the other side writes
  rows.push(speedRow('spans written through the recorder, against raw rows', 'spans/s', await playRounds(ROUNDS, {
    base: async () => 1e6 / await job('raw'), ours: async () => 1e6 / await job('pipeline', RUNS),
  }), 0.4));

  const turns = await job('turns', TURNS, TURN_SIZE);
  const sum = (of: (turn: typeof turns[number]) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  rows.push(
    ceilingRow('bytes of content stored per new byte, 200 turns', 'bytes', sum(({ stored }) => stored) / sum(({ fresh }) => fresh), 1.3, { samples: TURNS }),
    ceilingRow('bytes of content of turn 200 / turn 10', 'times', (turns[TURNS - 1]?.stored ?? Number.NaN) / (turns[9]?.stored ?? Number.NaN), 1.2, { samples: 1 }),
  );

  const listed: number[][] = [];
  const opened: number[][] = [];
  for (const size of SIZES) {
    await job('fill', size, false);
    listed.push(await several(() => job('list', size)));
    opened.push(await several(() => job('outline', size, 7)));
    if (size < Math.max(...SIZES)) await job('empty', size);
  }
  rows.push(growth('newest 100 traces listed, 100,000 spans stored against 1,000', listed[0], listed[2], 2));
  rows.push(growth('a trace opened, 100,000 spans stored against 1,000', opened[0], opened[2], 2));

  const most = Math.max(...SIZES);
  const cold: number[] = [];
  for (let i = 0; i < 3; i++) cold.push(await job('searchCold', most));
  await job('search', most, 'to warm it');
  const warm: number[] = [];
  for (const query of QUERIES) {
    const { hits, ms } = await job('search', most, query);
    const expected = await job('bruteForce', most, query);
    if (hits !== expected) throw new Error(`"${query}": ${hits} hits, by looking at each text ${expected}`);
    if (expected < 1_000) warm.push(ms);
  }
  rows.push(ceilingRow('search over 100,000 texts, the index loaded first', 'ms', median(cold), 500, { samples: cold.length, spread: quartiles(cold) }));
  rows.push(ceilingRow('search over 100,000 texts, warm, under 1,000 hits', 'ms', median(warm), 100, { samples: warm.length, spread: quartiles(warm) }));
  await job('empty', most);

  const outlines: number[][] = [];
  for (const size of [1_000, 50_000]) {
    await job('fill', size, true);
    outlines.push(await several(() => job('outline', size, 1)));
    await job('empty', size);
  }
  rows.push(growth('outline of a trace of 50,000 spans against one of 1,000', outlines[0], outlines[1], 5));
} finally {
  await launched.close();
  served.close();
}
finish('store', rows);

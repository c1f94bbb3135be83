/** What writing and reading cost in the bench's page. */
import { ceilingRow, comparisonRow, speedRow, type BenchRow } from './report.ts';
import { playRounds } from './rounds.ts';
import { median } from './statistics.ts';
import { several, type StoreBrowser } from './store-browser.ts';

const RUNS = 60;
const ROUNDS = 7;
const TURNS = 200;
/** of which the time of turns is taken */
const TURN_RUNS = 5;
/** characters of a question, and of an answer */
const TURN_SIZE = 2_000;
const SIZES = [1_000, 10_000, 100_000];
const OPENINGS = 15;

type Job = StoreBrowser['job'];

export async function writingRows(job: Job): Promise<BenchRow[]> {
  await job('pipeline', RUNS); // what the other side writes
  return [speedRow('spans written through the recorder, against raw rows', 'spans/s', await playRounds(ROUNDS, {
    base: async () => 1e6 / await job('raw'), ours: async () => 1e6 / await job('pipeline', RUNS),
  }), 0.4)];
}

export async function contentRows(job: Job): Promise<BenchRow[]> {
  const turns = await job('turns', TURNS, TURN_SIZE, { weighed: [9, 10, TURNS - 1, TURNS] });
  const after = (turn: number): number => turns[turn - 1]?.stored ?? Number.NaN;
  const fresh = turns.reduce((total, turn) => total + turn.fresh, 0);
  const times = { base: [] as number[], ours: [] as number[] };
  for (let run = 0; run < TURN_RUNS; run++) {
    const { early, late } = await job('lateAndEarly', { turns: TURNS, late: 10, early: 10, size: TURN_SIZE });
    times.base.push(...early);
    times.ours.push(...late);
  }
  return [
    ceilingRow('bytes of content stored per new byte, 200 turns', 'bytes', after(TURNS) / fresh, 1.3, { samples: TURNS }),
    comparisonRow('time of turns 191-200 / turn 10', 'ms', times, 1.2, false),
    ceilingRow('bytes of content of turn 200 / turn 10', 'times', (after(TURNS) - after(TURNS - 1)) / (after(10) - after(9)), 1.2, { samples: 1 }),
  ];
}

const growth = (name: string, small: number[] = [], large: number[] = [], goal = 1): BenchRow =>
  ceilingRow(name, 'times', median(large) / median(small), goal, { samples: large.length });

export async function readingRows(job: Job): Promise<BenchRow[]> {
  const listed: number[][] = [];
  const opened: number[][] = [];
  for (const size of SIZES) {
    await job('fill', size, false);
    listed.push(await several(OPENINGS, () => job('list', size)));
    opened.push(await several(OPENINGS, () => job('outline', size, 7)));
    await job('empty', size);
  }
  const outlines: number[][] = [];
  for (const size of [1_000, 50_000]) {
    await job('fill', size, true);
    outlines.push(await several(OPENINGS, () => job('outline', size, 1)));
    await job('empty', size);
  }
  return [
    growth('newest 100 traces listed, 10,000 spans stored against 1,000', listed[0], listed[1], 2),
    growth('the same, 100,000 against 1,000', listed[0], listed[2], 2),
    growth('a trace opened, 10,000 spans stored against 1,000', opened[0], opened[1], 2),
    growth('the same, 100,000 against 1,000', opened[0], opened[2], 2),
    growth('outline of a trace of 50,000 spans against one of 1,000', outlines[0], outlines[1], 5),
  ];
}

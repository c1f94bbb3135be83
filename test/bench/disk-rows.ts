/** What lies in the browser's profile for what an agent said, when the browser has ended: keys, indexes, logs and all, less what the
 *  browser saves by packing. One run fits into the log, which the browser puts in order only once it has 4 MB: so there are some. */
import { ceilingRow, type BenchRow } from './report.ts';
import { openStoreProfile, type StoreBrowser } from './store-browser.ts';

const RUNS = 6;
const TURNS = 200;
/** characters of a question, and of an answer */
const TURN_SIZE = 2_000;

/** @param run keeps the database of one run and returns the new bytes in it
 *  @returns bytes on the disk for each of them */
async function onDisk(run: (job: StoreBrowser['job'], turns: number, name: string) => Promise<number>): Promise<number> {
  const profile = await openStoreProfile();
  try {
    let fresh = 0;
    const empty = await profile.after(async (job) => { await run(job, 0, 'empty'); });
    const full = await profile.after(async (job) => { for (let n = 0; n < RUNS; n++) fresh += await run(job, TURNS, `run-${n}`); });
    return (full - empty) / fresh;
  } finally {
    await profile.close();
  }
}

export async function diskRows(): Promise<BenchRow[]> {
  const content = await onDisk((job, turns, name) => job('content', turns, TURN_SIZE, name));
  const all = await onDisk(async (job, turns, name) => (await job('turns', turns, TURN_SIZE, { kept: name })).reduce((sum, { fresh }) => sum + fresh, 0));
  return [
    ceilingRow('bytes on disk of requests and answers per new byte of them, 200 turns', 'bytes', content, 1.3, { samples: RUNS }),
    ceilingRow('the same with all that is made of them: spans, evidence, search (ours)', 'bytes', all, 2.5, { samples: RUNS }),
  ];
}

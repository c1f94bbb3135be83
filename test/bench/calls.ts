/** What calls cost the page: calls that are not recorded, calls that are, and each chunk of a recorded stream. */
import type { Browser, CDPSession, Page } from 'puppeteer-core';
import { launch } from '../browser/launch.ts';
import { answerInPage, defineJobs, type Job } from './in-page.ts';
import { untilStored } from './recorded.ts';
import { ceilingRow, comparisonRow, type BenchRow } from './report.ts';
import { playRounds, type Turn } from './rounds.ts';
import { frame, serveAt } from './server.ts';
import { median, quartiles, type Turns } from './statistics.ts';

/** Fresh pages for every set of rounds: two processes running the same code differ by some percent for their whole life. */
const SETS = 4;

interface Measure {
  job: Job;
  name: string;
  unit: string;
  /** held against the ratio; of `added`, against the difference */ goal: number;
  orWithinSpread?: true;
  /** how often the job is done in one turn: long enough that the clock's 5 µs are nothing */ times: number;
  /** in each of the sets */ rounds: number;
  /** the extension records these calls */ recorded?: true;
  /** `clock`: what the page itself sees pass. `added`: the same, ours less base. `cpu`: what its main thread worked, with all that follows the call (the delivery of its records), and without waiting for a server that takes its time. */
  by: 'clock' | 'added' | 'cpu';
}

const MEASURES: Measure[] = [
  { job: 'get', name: 'call that does not match: GET, url only', unit: 'µs/call', goal: 1.02, orWithinSpread: true, times: 60, rounds: 15, by: 'clock' },
  { job: 'post', name: 'call that does not match: POST, JSON body', unit: 'µs/call', goal: 1.02, orWithinSpread: true, times: 60, rounds: 15, by: 'clock' },
  // A network call takes about a millisecond, which hides everything. The check of a GET should be about 0.1 µs; that of a
  // POST also searches the body. Goals of our own.
  { job: 'bareGet', name: 'the check alone, added: GET, url only', unit: 'µs/call', goal: 1, times: 20, rounds: 6, by: 'added' },
  { job: 'barePost', name: 'the check alone, added: POST, JSON body', unit: 'µs/call', goal: 2, times: 20, rounds: 6, by: 'added' },
  // Model calls come in bursts, seconds apart, so a turn is a burst, and the extension has stored it before the next begins.
  { job: 'json', name: 'call that matches, small answer, json()', unit: 'µs/call', goal: 1.1, times: 10, rounds: 15, recorded: true, by: 'clock' },
  { job: 'text', name: 'call that matches, small answer, text()', unit: 'µs/call', goal: 1.1, times: 10, rounds: 15, recorded: true, by: 'clock' },
  // Hundreds a second without end, as no app does it: the extension's own work on earlier calls then competes for the cores.
  { job: 'json', name: 'the same without pause, while earlier ones are stored', unit: 'µs/call', goal: 1.5, times: 80, rounds: 4, recorded: true, by: 'clock' },
  { job: 'madeStream', name: 'chunk of a 2,000-chunk stream, by reader', unit: 'µs/read', goal: 1.25, times: 3, rounds: 14, recorded: true, by: 'clock' },
  // Chunks a quarter of a millisecond apart, each in a task of its own, and on top of the reads
  // the messages that carry them to the extension. A goal of our own.
  { job: 'networkStream', name: 'same from the network, CPU of the page, delivery included', unit: 'µs/read', goal: 1.5, times: 1, rounds: 3, recorded: true, by: 'cpu' },
];

/** The row of a measure, from all its rounds. */
function rowOf({ name, unit, goal, orWithinSpread, by }: Measure, turns: Turns): BenchRow {
  if (by !== 'added') return comparisonRow(name, unit, turns, goal, orWithinSpread ?? false);
  const added = turns.ours.map((ours, round) => ours - (turns.base[round] ?? Number.NaN));
  return ceilingRow(name, unit, median(added), goal, { samples: added.length, spread: quartiles(added) });
}

interface Side { origin: string; page: Page; cdp: CDPSession; /** calls that the extension must have stored so far; undefined where it does not record */ expected: number | undefined }

/** ms of CPU the main thread of the page has used since its start. */
async function mainThread(side: Side): Promise<number> {
  const { metrics } = await side.cdp.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN) * 1000;
}

function turnOf(extensionPage: Page, side: Side, measure: Measure): Turn {
  return async () => {
    const before = await mainThread(side);
    const done = await side.page.evaluate((job, times) => window.benchJobs[job](times), measure.job, measure.times);
    if (measure.recorded && side.expected !== undefined) await untilStored(extensionPage, side.origin, side.expected += measure.times);
    const cpu = await mainThread(side) - before;
    return (measure.by === 'cpu' ? cpu : done.ms) * 1000 / done.units;
  };
}

const frames = 'The keeper of the lighthouse counted the waves one evening and found that there was one too many so she kept it'.split(' ').map((word) => frame({ content: ` ${word}` }));

/** A fresh page of the side, in a window of its own: a tab behind another one is treated as hidden. */
async function open(browser: Browser, origin: string): Promise<{ page: Page; cdp: CDPSession }> {
  const page = await browser.newPage({ type: 'window' });
  await page.evaluateOnNewDocument(answerInPage, frames, 2000);
  await page.goto(origin);
  if (!await page.evaluate(() => crossOriginIsolated)) throw new Error('the page is not isolated: its clock is too coarse');
  await page.evaluate(defineJobs);
  const cdp = await page.createCDPSession();
  await cdp.send('Performance.enable');
  return { page, cdp };
}

/**
 * Measures the sides at these two addresses, `recorded`: the second is one the extension records.
 * Throws when its calls do not arrive in the extension's database.
 */
export async function benchCalls(addresses: [base: string, ours: string], recorded: boolean): Promise<BenchRow[]> {
  const server = await serveAt(addresses);
  const launched = await launch({ networkEnabled: false });
  const results = new Map<Measure, { base: number[]; ours: number[] }>(MEASURES.map((measure) => [measure, { base: [], ours: [] }]));
  try {
    const extensionPage = await launched.originPage();
    const expected: [undefined, number | undefined] = [undefined, recorded ? 0 : undefined];
    for (let set = 0; set < SETS; set++) {
      // Who is opened first alternates too: the window on top is not the same in every set.
      const order = set % 2 === 0 ? [0, 1] : [1, 0];
      const sides: Side[] = [];
      for (const index of order) {
        const origin = server.origins[index] ?? '';
        sides[index] = { origin, ...await open(launched.browser, origin), expected: expected[index] };
      }
      const [base, ours] = sides;
      if (!base || !ours) throw new Error('a side is missing');
      for (const measure of MEASURES) {
        const turns: Turns = await playRounds(measure.rounds, { base: turnOf(extensionPage, base, measure), ours: turnOf(extensionPage, ours, measure) });
        results.get(measure)?.base.push(...turns.base);
        results.get(measure)?.ours.push(...turns.ours);
      }
      expected[1] = ours.expected;
      await Promise.all([base.page.close(), ours.page.close()]);
    }
  } finally {
    await launched.close();
    server.close();
  }
  return [...results].map(([measure, turns]) => rowOf(measure, turns));
}

/** Pages that end in mid-stream: closed, navigated, crashed; with the worker awake, asleep, killed about then, or killed with
 *  everything that it is told of the page. */
import type { Page } from 'puppeteer-core';
import { countsOf, leaveAfterMore, type Counts } from '../browser/nothing-lost/counted-page.ts';
import type { EndlessAnswer } from '../browser/nothing-lost/endless-answer.ts';
import { fallAsleep, openPage, quiet, startCalls, type Ground } from '../browser/nothing-lost/ground.ts';
import { until } from '../browser/stored.ts';
import type { Shown } from './panel-tells.ts';
import { judge, judgePanel, leftBehind, pause, wake, type Past, type Scenario } from './scenario.ts';
import type { Tally } from './tally.ts';

const WORKERS = ['awake', 'asleep', 'killed', 'down'] as const;

/** The page leaves by itself when every call has read some more; the worker is as told. */
async function leave(all: Ground, page: Page, how: 'reload' | 'away' | 'close', worker: (typeof WORKERS)[number], answers: Map<string, EndlessAnswer>, tally: Tally, random: (below: number) => number): Promise<void> {
  if (worker === 'asleep' || worker === 'down') await fallAsleep(all, answers);
  else await all.worker.running();
  if (worker === 'down') all.worker.keepDown();
  const more = 100 + random(1_500);
  if (how === 'close') {
    const closed = new Promise((resolve) => { page.once('close', resolve); });
    await page.exposeFunction('bindingLeave', () => { void page.close(); });
    await leaveAfterMore(page, more, 'bindingLeave');
    for (const answer of answers.values()) answer.resume();
    await kill();
    await closed;
  } else {
    const gone = page.waitForNavigation();
    await leaveAfterMore(page, more, how);
    for (const answer of answers.values()) answer.resume();
    await kill();
    await gone;
  }

  /** About when the page leaves. */
  async function kill(): Promise<void> {
    if (worker !== 'killed') return;
    await until(() => all.worker.status() === 'running', () => 'the worker runs');
    await pause(random(120));
    if (await all.worker.stop() === 'running') tally.kill();
  }
}

const left = (how: 'reload' | 'away' | 'close', times: number): Scenario => ({
  name: `${how}: pages left in mid-stream (${how}), ${times} times each with the worker awake, asleep, killed then, and killed whenever it wakes`,
  async run(all, tally, random) {
    const shown = new Map<string, Shown>();
    for (let time = 0; time < times * WORKERS.length; time++) {
      const worker = WORKERS[time % WORKERS.length] ?? 'awake';
      const page = await openPage(all);
      const names = [0, 1, 2, 3].map((n) => `${how}-${worker}-${time}-${n}`);
      const answers = await startCalls(all, page, names);
      await leave(all, page, how, worker, answers, tally, random);
      await until(() => names.every((name) => all.server.left[name]), () => 'the page sends its counts home');
      if (worker === 'down') {
        await pause(random(300));
        all.worker.letUp();
      }
      // What a worker was told of when it was killed it is not told again, but finds out when it wakes: somebody looks.
      if (worker === 'killed' || worker === 'down') await wake(all.origin);
      for (const [name, one] of await judge(all, tally, leftBehind(all, answers, how === 'close'))) shown.set(name, one);
      if (how !== 'close') await page.close();
      tally.run();
    }
    await judgePanel(await openPage(all), tally, shown);
  },
});

export const pagesLeave = (times: number): Scenario[] => [left('close', times), left('reload', times), left('away', times)];

export const pagesCrash = (times: number): Scenario => ({
  name: `crash: pages crashed in mid-stream, ${times} times, and loaded anew, closed, or left so`,
  async run(all, tally, random) {
    const shown = new Map<string, Shown>();
    for (let time = 0; time < times; time++) {
      const page = await openPage(all);
      const names = [0, 1, 2].map((n) => `crash-${time}-${n}`);
      const answers = await startCalls(all, page, names);
      await quiet(all, answers);
      const quietCounts = await countsOf(page);
      const [silent] = answers.keys();
      for (const [name, answer] of answers) if (name !== silent) answer.resume();
      const seen = await dieAfter(page, random(400), async () => {
        const session = await page.createCDPSession();
        const crashed = new Promise((resolve) => { page.once('error', resolve); });
        session.send('Page.crash').catch(() => {}); // answered by nobody
        await crashed;
      });
      if (time % 3 === 0) await page.reload();
      else if (time % 3 === 1) await page.close();
      else await wake(all.origin);
      const past = new Map([...answers].map(([name, answer]): [string, Past] => [name, { answer, read: quietCounts[name]?.read ?? 0, how: 'page_left', died: { seen: seen[name]?.read ?? 0 } }]));
      for (const [name, one] of await judge(all, tally, past)) shown.set(name, one);
      if (time % 3 !== 1) await page.close();
      tally.run();
    }
    await judgePanel(await openPage(all), tally, shown);
  },
});

/** Returns what the page counted last. */
export async function dieAfter(page: Page, ms: number, die: () => Promise<unknown>): Promise<Counts> {
  await pause(ms);
  const seen = await countsOf(page);
  await die();
  return seen;
}

/** Two windows with many tabs record at once, while the worker is killed now and then and tabs are closed. */
import type { Page } from 'puppeteer-core';
import { countsOf } from '../browser/nothing-lost/counted-page.ts';
import type { EndlessAnswer } from '../browser/nothing-lost/endless-answer.ts';
import { startCall, type Ground } from '../browser/nothing-lost/ground.ts';
import { until } from '../browser/stored.ts';
import type { Shown } from './panel-tells.ts';
import { judge, judgePanel, leftBehind, pause, type Past, type Scenario } from './scenario.ts';

const TABS = 6;
const CALLS = 2;

export const manyTabs = (times: number): Scenario => ({
  name: `windows: two windows of ${TABS} tabs each with ${CALLS} running calls, half of the tabs closed in mid-stream, ${times} times`,
  async run(all, tally, random) {
    for (let time = 0; time < times; time++) {
      const tabs: Array<{ page: Page; answers: Map<string, EndlessAnswer> }> = [];
      for (let n = 0; n < 2 * TABS; n++) {
        const page = await openTab(all, n === TABS);
        const answers = new Map<string, EndlessAnswer>();
        for (let call = 0; call < CALLS; call++) {
          const name = `tab-${time}-${n}-${call}`;
          answers.set(name, await startCall(all, page, name, { dialect: call === 0 ? 'openai' : 'anthropic', seed: random(1e9), pauseMs: 40 }, `tab${n}.test`));
        }
        tabs.push({ page, answers });
      }
      for (const { page } of tabs) await until(async () => Object.values(await countsOf(page)).every(({ read }) => read > 300), () => 'all tabs read');
      const past = new Map<string, Past>();
      for (const [n, { page, answers }] of tabs.entries()) {
        if (random(3) === 0 && all.worker.status() === 'running' && await all.worker.stop() === 'running') tally.kill();
        const closes = n % 2 === 0;
        if (closes) await page.close();
        else for (const answer of answers.values()) answer.end();
        if (!closes) await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the tab reads to the end');
        if (closes) await until(() => [...answers.keys()].every((name) => all.server.left[name]), () => 'the closed tab sends its counts home');
        const counts = closes ? {} : await countsOf(page);
        const judged = closes ? leftBehind(all, answers, true) : new Map([...answers].map(([name, answer]): [string, Past] => [name, { answer, read: counts[name]?.read ?? 0, how: 'complete' }]));
        for (const [name, one] of judged) past.set(name, one);
        await pause(random(60));
      }
      const shown: ReadonlyMap<string, Shown> = await judge(all, tally, past);
      const [, open] = tabs;
      if (open) await judgePanel(open.page, tally, shown);
      for (const { page } of tabs) if (!page.isClosed()) await page.close();
      tally.run();
    }
  },
});

async function openTab({ launched: { browser }, server }: Ground, inWindow: boolean): Promise<Page> {
  const page = await browser.newPage(inWindow ? { type: 'window' } : { type: 'tab' });
  await page.goto(server.url);
  return page;
}

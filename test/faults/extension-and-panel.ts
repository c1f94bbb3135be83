/** The extension loaded anew under open pages, and the panel closed while calls run. */
import type { Page } from 'puppeteer-core';
import { countsOf } from '../browser/nothing-lost/counted-page.ts';
import { openPage, quiet, startCalls, type Ground } from '../browser/nothing-lost/ground.ts';
import { watchWorker } from '../browser/nothing-lost/worker.ts';
import { until } from '../browser/stored.ts';
import { panelOf, panelTells, type Shown } from './panel-tells.ts';
import { judge, judgePanel, pause, type Past, type Scenario } from './scenario.ts';

export const extensionReloads = (times: number): Scenario => ({
  name: `reloaded: the extension loaded anew under running calls, ${times} times`,
  async run(given, tally, random) {
    const shown = new Map<string, Shown>();
    let all: Ground = given;
    for (let time = 0; time < times; time++) {
      const pages: Page[] = [await openPage(all), await openPage(all)];
      const past = new Map<string, Past>();
      const running = new Map<string, Awaited<ReturnType<typeof startCalls>>>();
      for (const [tab, page] of pages.entries()) {
        const answers = await startCalls(all, page, ['silent', 'flowing'].map((name) => `${name}-${time}-${tab}`));
        running.set(String(tab), answers);
        await quiet(all, answers);
        const read = await countsOf(page);
        for (const [name, answer] of answers) past.set(name, { answer, read: read[name]?.read ?? 0, how: 'recorder_gone', died: { seen: read[name]?.read ?? 0 } });
        answers.get(`flowing-${time}-${tab}`)?.resume();
      }
      await pause(random(300));
      // What pages read while the extension is replaced reaches nobody, so only what they had read until now must be stored.
      for (const page of pages) for (const [name, { read }] of Object.entries(await countsOf(page))) Object.assign(past.get(name)?.died ?? {}, { seen: read });
      await all.launched.reloadExtension(); // closes the extension's own pages
      const origin = await all.launched.originPage();
      all = { ...all, origin, worker: await watchWorker(origin) };
      for (const [name, one] of await judge(all, tally, past)) shown.set(name, one);
      for (const answers of running.values()) for (const answer of answers.values()) answer.end();
      for (const page of pages) await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads on as if nothing had been');
      const [page] = pages as [Page];
      await page.reload();
      const again = await startCalls(all, page, [`again-${time}`]);
      for (const answer of again.values()) answer.end();
      await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads the call after its reload');
      for (const [name, one] of await judge(all, tally, new Map([...again].map(([name, answer]): [string, Past] => [name, { answer, read: answer.sent().length, how: 'complete' }])))) shown.set(name, one);
      for (const page of pages) await page.close();
      tally.run();
    }
    await judgePanel(await openPage(all), tally, shown);
  },
});

export const panelCloses = (times: number): Scenario => ({
  name: `panel: the panel closed under running calls and opened again, ${times} times`,
  async run(all, tally, random) {
    const page = await openPage(all);
    const shown = new Map<string, Shown>();
    for (let time = 0; time < times; time++) {
      const panel = await panelOf(page);
      const answers = await startCalls(all, page, [0, 1, 2].map((n) => `panel-${time}-${n}`));
      await pause(random(300));
      await panel.devtools.close();
      await all.worker.running();
      if (time % 2 === 0 && await all.worker.stop() === 'running') tally.kill();
      await pause(random(300));
      for (const answer of answers.values()) answer.end();
      await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads all to the end');
      const counts = await countsOf(page);
      for (const [name, one] of await judge(all, tally, new Map([...answers].map(([name, answer]): [string, Past] => [name, { answer, read: counts[name]?.read ?? 0, how: 'complete' }])))) shown.set(name, one);
      const again = await panelOf(page);
      for (const fault of await panelTells(again.frame, shown)) tally.check(false, fault);
      await again.devtools.close();
      tally.run();
    }
  },
});

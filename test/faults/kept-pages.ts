/** Pages that the browser keeps or loads ahead: the back/forward cache, out and in again, and prerendering. */
import { countsOf, leaveAfterMore, type CountedWindow } from '../browser/nothing-lost/counted-page.ts';
import { endlessAnswer } from '../browser/nothing-lost/endless-answer.ts';
import { fallAsleep, openPage, quiet, startCalls, startOne, type Ground } from '../browser/nothing-lost/ground.ts';
import { nameOf, storedWhen, until } from '../browser/stored.ts';
import type { Shown } from './panel-tells.ts';
import { judge, judgePanel, pause, type Past, type Scenario } from './scenario.ts';
import type { Tally } from './tally.ts';

const WHEN = ['finished', 'running', 'unstored'] as const;

export const backForward = (times: number): Scenario => ({
  name: `bfcache: into the back/forward cache and out, ${times} times each with a finished, a running and an unstored call`,
  options: { backForwardCache: true },
  async run(all, tally, random) {
    const shown = new Map<string, Shown>();
    for (let time = 0; time < times * WHEN.length; time++) {
      const when = WHEN[time % WHEN.length] ?? 'finished';
      const page = await openPage(all);
      const name = `bfcache-${when}-${time}`;
      const answer = await startOne(all, page, name, when === 'finished');
      if (when === 'unstored') await fallAsleep(all, new Map([[name, answer]]));
      const gone = page.waitForFunction(() => location.pathname === '/elsewhere');
      if (when === 'finished') await page.goto(`${all.server.url}/elsewhere`);
      else {
        await leaveAfterMore(page, 100 + random(1_000), 'away');
        answer.resume();
      }
      await gone;
      await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === name && end), 'while the page is away the call has an end');
      if (await all.worker.stop() === 'running') tally.kill();
      await page.evaluate(() => { history.back(); });
      await page.waitForFunction(() => location.pathname === '/' && 'counts' in window);
      const kept = await page.evaluate(() => (window as unknown as CountedWindow).cameBack);
      if (when === 'finished') tally.check(kept, 'the browser kept the page of a finished call');
      answer.end();
      if (kept) await until(async () => (await countsOf(page))[name]?.how !== 'running', () => 'the page hears how it ended');
      const after = `after-${name}`;
      const [more] = (await startCalls(all, page, [after])).values();
      more?.end();
      await until(async () => (await countsOf(page))[after]?.how === 'done', () => 'the page reads the later call to its end');
      const counted = kept ? (await countsOf(page))[name] : all.server.left[name];
      const past = new Map<string, Past>([[name, { answer, read: counted?.read ?? 0, how: counted?.how === 'done' ? 'complete' : 'page_left' }]]);
      if (more) past.set(after, { answer: more, read: more.sent().length, how: 'complete' });
      for (const [called, one] of await judge(all, tally, past)) shown.set(called, one);
      await page.close();
      tally.run();
    }
    await judgePanel(await openPage(all), tally, shown);
  },
});

/** A page loaded ahead makes a call before it is shown, and is shown, or never. */
export const prerender = (times: number): Scenario => ({
  name: `prerender: pages loaded ahead with a running call, shown ${times} times, given up ${times} times`,
  async run(all, tally, random) {
    const shown = new Map<string, Shown>();
    for (let time = 0; time < 2 * times; time++) {
      const isShown = time % 2 === 0;
      for (const [name, one] of await loadedAhead(all, tally, `prerender-${isShown ? 'shown' : 'given-up'}-${time}`, isShown, random)) shown.set(name, one);
      tally.run();
    }
    await judgePanel(await openPage(all), tally, shown);
  },
});

async function loadedAhead(all: Ground, tally: Tally, name: string, isShown: boolean, random: (below: number) => number): Promise<Map<string, Shown>> {
  const page = await openPage(all);
  const path = `/${name}/v1/chat/completions`;
  const answer = endlessAnswer({ dialect: 'openai', seed: random(1e9) });
  all.models.answer(path, answer.script);
  const ahead = `${all.server.url}/?${new URLSearchParams({ begin: name, url: all.models.url + path })}`;
  await page.evaluate((url) => {
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.text = JSON.stringify({ prerender: [{ urls: [url], eagerness: 'immediate' }] });
    document.head.append(rules);
  }, ahead);
  await until(() => answer.sent().length > 1_000 + random(2_000), () => 'the page loaded ahead makes its call');
  if (!isShown) {
    await quiet(all, new Map([[name, answer]]));
    const read = answer.sent().length;
    answer.resume();
    await pause(random(300));
    await page.goto(`${all.server.url}/elsewhere`);
    const past: Past = { answer, read, how: 'page_left', died: { seen: read } };
    const shown = await judge(all, tally, new Map([[name, past]]));
    await page.close();
    return shown;
  }
  if (random(2) === 0 && await all.worker.stop() === 'running') tally.kill();
  await page.evaluate((url) => { location.assign(url); }, ahead);
  // The driver's frame changes with the page that is shown.
  await until(() => page.evaluate((name) => location.search.includes(name), name).catch(() => false), () => 'the page loaded ahead is shown');
  const activated = await page.evaluate(() => performance.getEntriesByType('navigation').some((entry) => (entry as PerformanceNavigationTiming & { activationStart: number }).activationStart > 0));
  tally.check(activated, `${name}: the page that was loaded ahead is the one shown`);
  answer.end();
  await until(async () => (await countsOf(page))[name]?.how === 'done', () => 'the page reads it to the end');
  const shown = await judge(all, tally, new Map<string, Past>([[name, { answer, read: (await countsOf(page))[name]?.read ?? 0, how: 'complete' }]]));
  await page.close();
  return shown;
}

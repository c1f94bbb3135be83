/** The disk is full: so full that no more bodies are stored, so full that nothing can be, and then there is room again. */
import type { Page } from 'puppeteer-core';
import { limits } from '../../lib/model/limits.ts';
import { countsOf } from '../browser/nothing-lost/counted-page.ts';
import { openPage, startCall, type Ground } from '../browser/nothing-lost/ground.ts';
import type { EndlessAnswer } from '../browser/nothing-lost/endless-answer.ts';
import { nameOf, storedWhen, until } from '../browser/stored.ts';
import type { Shown } from './panel-tells.ts';
import { judge, judgePanel, leftBehind, pause, type Past, type Scenario } from './scenario.ts';

/** `tight`: room for rows alone. `none`: for nothing. */
const KINDS = ['tight', 'none', 'none, worker killed', 'none, page left'] as const;

export const diskFull = (times: number): Scenario => ({
  name: `quota: the disk fills up in mid-stream (${KINDS.join('; ')}) and is emptied again, ${times} times each`,
  async run(all, tally, random) {
    const shown = new Map<string, Shown>();
    const setQuota = await quotaOf(all);
    for (let time = 0; time < times * KINDS.length; time++) {
      const kind = KINDS[time % KINDS.length] ?? 'tight';
      const page = await openPage(all);
      const answers = await startAll(all, page, `quota-${time}`, random);
      // Without its request a call has no words to be found by.
      await storedWhen(all.origin, ({ exchanges }) => [...answers.keys()].every((name) => exchanges.some(({ url, request }) => nameOf(url) === name && request.stored > 0)), 'the requests are stored');
      await setQuota(kind === 'tight' ? 'tight' : 'none');
      // How much room there is the worker asks from time to time, and when it starts.
      if (kind === 'tight' && await all.worker.stop() === 'running') tally.kill();
      await pause(1_000 + random(1_000));
      if (kind === 'none, worker killed' && await all.worker.stop() === 'running') tally.kill();
      if (kind === 'none, page left') {
        await page.reload();
        await until(() => [...answers.keys()].every((name) => all.server.left[name]), () => 'the page sends its counts home');
        await pause(random(500));
        await setQuota('free');
        for (const [name, one] of await judge(all, tally, new Map([...leftBehind(all, answers, false)].map(([called, past]) => [called, Object.assign(past, { mayMiss: true as const })])))) shown.set(name, one);
      } else {
        // Half of them end while nothing can be stored.
        for (const [n, answer] of [...answers.values()].entries()) if (n % 2 === 0) answer.end();
        await pause(random(1_000));
        await setQuota('free');
        for (const answer of answers.values()) answer.end();
        await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads all to the end');
        const judged = await judge(all, tally, new Map([...answers].map(([name, answer]): [string, Past] => [name, { answer, read: answer.sent().length, how: 'complete', mayMiss: true }])));
        for (const [name, one] of judged) shown.set(name, one);
        const missing = [...judged.values()].reduce((sum, one) => sum + one.missing, 0);
        if (kind === 'tight') tally.check(missing > 0, 'where there is room for rows alone, bytes are missing');
        console.log(`  ${kind}: ${missing} bytes missing`);
      }
      await page.close();
      tally.run();
    }
    await judgePanel(await openPage(all), tally, shown);
  },
});

async function startAll(all: Ground, page: Page, name: string, random: (below: number) => number): Promise<Map<string, EndlessAnswer>> {
  const answers = new Map<string, EndlessAnswer>();
  for (let n = 0; n < 4; n++) answers.set(`${name}-${n}`, await startCall(all, page, `${name}-${n}`, { dialect: n % 2 === 0 ? 'openai' : 'anthropic', seed: random(1e9), piece: 800 }));
  await until(async () => Object.values(await countsOf(page)).filter(({ read }) => read > 1_000).length === 4, () => 'all flow');
  return answers;
}

async function quotaOf({ launched, origin }: Ground): Promise<(room: 'free' | 'tight' | 'none') => Promise<void>> {
  const session = await origin.createCDPSession();
  const own = `chrome-extension://${launched.extensionId}`;
  return async (room) => {
    const { usage } = await session.send('Storage.getUsageAndQuota', { origin: own });
    await session.send('Storage.overrideQuotaForOrigin', { origin: own, ...(room !== 'free' && { quotaSize: room === 'none' ? 1 : usage + limits.diskReserve }) });
  };
}

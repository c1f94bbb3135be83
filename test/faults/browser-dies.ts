/** The browser is killed (SIGKILL) with running calls and started again on the same profile, over and over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../browser/launch.ts';
import { countsOf } from '../browser/nothing-lost/counted-page.ts';
import { openPage, quiet, startCalls, type Ground } from '../browser/nothing-lost/ground.ts';
import { nameOf, storedWhen } from '../browser/stored.ts';
import { watchWorker } from '../browser/nothing-lost/worker.ts';
import { dieAfter } from './pages-leave.ts';
import { holdWrite } from './inside-worker.ts';
import { judge, judgePanel, type Past, type Scenario } from './scenario.ts';

export const browserKilled = (times: number): Scenario => ({
  name: `browser: killed with SIGKILL and started again on its profile, ${times} times, every other time in mid-write`,
  async run(given, tally, random) {
    const userDataDir = await mkdtemp(join(tmpdir(), 'spanlight-faults-'));
    const again = async (): Promise<Ground> => {
      const launched = await launch({ userDataDir });
      const origin = await launched.originPage();
      return { ...given, launched, origin, worker: await watchWorker(origin) };
    };
    let all = await again();
    const past = new Map<string, Past>();
    try {
      for (let time = 0; time < times; time++) {
        const page = await openPage(all);
        const done = await startCalls(all, page, [`done-${time}`]);
        for (const [name, answer] of done) {
          answer.end();
          await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === name && end), `${name} has an end`);
          past.set(name, { answer, read: answer.sent().length, how: 'complete' });
        }
        const answers = await startCalls(all, page, [0, 1, 2].map((n) => `killed-${time}-${n}`));
        await quiet(all, answers);
        const counts = await countsOf(page);
        const [silent] = answers.keys();
        for (const [name, answer] of answers) if (name !== silent) answer.resume();
        await all.worker.running();
        const write = time % 2 === 1 ? await holdWrite(all.launched, random(20)) : undefined;
        await write?.held;
        const seen = await dieAfter(page, random(300), () => {
          const process = all.launched.browser.process();
          const died = new Promise((resolve) => { process?.once('exit', resolve); });
          process?.kill('SIGKILL');
          return died;
        });
        for (const [name, answer] of answers) past.set(name, { answer, read: counts[name]?.read ?? 0, how: 'page_left', died: { seen: seen[name]?.read ?? 0 } });
        tally.run();
        all = await again();
      }
      await judgePanel(await openPage(all), tally, await judge(all, tally, past));
    } finally {
      await all.launched.close();
      await rm(userDataDir, { recursive: true, force: true });
    }
  },
});

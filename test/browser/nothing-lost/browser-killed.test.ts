/** The whole browser dies at once and is started again with the same profile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startModelServer } from '../../lab/model-server.ts';
import { launch } from '../launch.ts';
import { countsOf, startPageServer } from './counted-page.ts';
import { openPage, quiet, startCalls, type Ground } from './ground.ts';
import { expectAccounted, nameOf, readStored, storedWhen } from '../stored.ts';
import { watchWorker } from './worker.ts';

async function standOn(userDataDir: string, models: Ground['models'], server: Ground['server']): Promise<Ground> {
  const launched = await launch({ userDataDir });
  const origin = await launched.originPage();
  return { launched, models, server, origin, worker: await watchWorker(origin) };
}

test('browser killed with running calls: what was stored is there, the calls get an end (what the page read since is not counted, nobody was left to)', async () => {
  const userDataDir = await mkdtemp(join(tmpdir(), 'spanlight-profile-'));
  const [models, server] = await Promise.all([startModelServer(), startPageServer()]);
  let { launched, ...rest } = await standOn(userDataDir, models, server);
  try {
    const all: Ground = { launched, ...rest };
    const page = await openPage(all);
    const answers = await startCalls(all, page, ['done', 'silent', 'flowing']);
    const [done, silent, flowing] = ['done', 'silent', 'flowing'].map((name) => answers.get(name));
    if (!done || !silent || !flowing) throw new Error('all were started');
    done.end();
    await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === 'done' && end), 'one has an end');
    await quiet(all, new Map([['silent', silent]]));
    const silentRead = silent.sent().length;
    const before = await readStored(all.origin);
    const process = launched.browser.process();
    const died = new Promise((resolve) => { process?.once('exit', resolve); });
    const read = await countsOf(page);
    process?.kill('SIGKILL');
    await died;

    ({ launched, ...rest } = await standOn(userDataDir, models, server));
    const again: Ground = { launched, ...rest };
    const stored = await storedWhen(again.origin, ({ exchanges }) => exchanges.length === 3 && exchanges.every(({ end }) => end), 'all have an end');
    expectAccounted(stored, 'done', { read: done.sent().length, sent: done.sent(), how: 'complete' });
    expectAccounted(stored, 'silent', { read: silentRead, sent: silent.sent(), how: 'page_left' });
    const flowed = (of: typeof stored): number => of.exchanges.find(({ url }) => nameOf(url) === 'flowing')?.response.read ?? 0;
    expectAccounted(stored, 'flowing', { read: flowed(stored), sent: flowing.sent(), how: 'page_left' });
    expect(flowed(stored)).toBeGreaterThanOrEqual(flowed(before));
    expect(flowed(stored)).toBeLessThanOrEqual(flowing.sent().length);
    console.log(`stored ${flowed(stored)} of at least ${read['flowing']?.read} bytes that the page had read when the browser was killed`);
    expect(stored.sessions).toHaveLength(1);

    const page2 = await openPage(again);
    const [answer] = (await startCalls(again, page2, ['later'])).values();
    answer?.end();
    const after = await storedWhen(again.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === 'later' && end), 'a new call has an end');
    const sent = answer?.sent() ?? Buffer.alloc(0);
    const { row } = expectAccounted(after, 'later', { read: sent.length, sent, how: 'complete' });
    expect(row.session).not.toBe(stored.sessions[0]?.id);
  } finally {
    await launched.close();
    await server.close();
    await models.close();
    await rm(userDataDir, { recursive: true, force: true });
  }
});

/** The service worker is killed over and over while twenty answers stream into four tabs: while it writes, between, and when it
 *  has nothing to do. */
import type { Page } from 'puppeteer-core';
import { countsOf, type Counts } from '../browser/nothing-lost/counted-page.ts';
import type { EndlessAnswer } from '../browser/nothing-lost/endless-answer.ts';
import { openPage, quiet, startCall, type Ground } from '../browser/nothing-lost/ground.ts';
import { watchRelay } from '../browser/nothing-lost/relay-watch.ts';
import { readStored, until } from '../browser/stored.ts';
import { holdWrite, type HeldWrite } from './inside-worker.ts';
import { panelOf, panelTells } from './panel-tells.ts';
import { judge, pause, type Past, type Scenario } from './scenario.ts';

type Moment = 'write' | 'batch' | 'idle';

/** Six connections are the most a browser has to one host. */
const HOSTS = ['localhost', '127.0.0.1', 'one.test', 'two.test'];

const share: Record<Moment, number> = { write: 0.4, batch: 0.5, idle: 0.1 };

function drawn(kills: number, random: (below: number) => number): Moment[] {
  const moments = (Object.keys(share) as Moment[]).flatMap((moment) => Array.from({ length: Math.ceil(kills * share[moment]) }, () => moment));
  for (let i = moments.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [moments[i], moments[j]] = [moments[j] as Moment, moments[i] as Moment];
  }
  return moments;
}

export const workerKills = (kills: number): Scenario => ({
  name: `kills: the worker killed ${kills} times under 20 streams`,
  async run(all, tally, random) {
    const pages: Page[] = [];
    for (const _ of HOSTS) pages.push(await openPage(all));
    const [first] = pages as [Page];
    const panel = await panelOf(first);
    const watch = await watchRelay(first);
    const answers = new Map<string, EndlessAnswer>();
    for (const [tab, page] of pages.entries()) {
      for (let n = 0; n < 5; n++) answers.set(`stream${tab}${n}`, await startCall(all, page, `stream${tab}${n}`, { dialect: n % 2 === 0 ? 'openai' : 'anthropic', seed: random(1e9), piece: 200, pauseMs: 80 }, HOSTS[tab]));
    }
    const counts = async (): Promise<Counts> => Object.assign({}, ...await Promise.all(pages.map(countsOf))) as Counts;
    await until(async () => Object.values(await counts()).filter(({ read }) => read > 0).length === 20, () => 'all twenty flow');

    const hits = { write: 0, batch: 0, idle: 0 };
    for (const [i, moment] of drawn(kills, random).entries()) {
      const inWrite = await killAt(moment, all, answers, watch.nextMessage, random);
      if (inWrite !== undefined) {
        tally.kill(inWrite);
        hits[moment === 'write' && !inWrite ? 'batch' : moment]++;
      }
      for (const answer of answers.values()) answer.resume();
      if (i % 10 === 9) for (const fault of await inconsistencies(all.origin)) tally.check(false, `after kill ${i + 1}: ${fault}`);
      if (i % 50 === 49) console.log(`  ${i + 1}: ${JSON.stringify(hits)}`);
    }
    tally.run();
    tally.check(hits.write >= kills / 4, `only ${hits.write} kills fell into a write`);
    for (const answer of answers.values()) answer.end();
    await until(async () => Object.values(await counts()).every(({ how }) => how === 'done'), () => 'the pages read all to the end');
    const read = await counts();
    const shown = await judge(all, tally, new Map([...answers].map(([name, answer]): [string, Past] => [name, { answer, read: read[name]?.read ?? 0, how: 'complete' }])));
    tally.check(Object.entries(read).every(([name, { read }]) => read === answers.get(name)?.sent().length), 'the pages read all that was sent');
    for (const fault of await panelTells(panel.frame, shown)) tally.check(false, `panel open all the time: ${fault}`);
    console.log(`  ${JSON.stringify(hits)}; messages of the first tab that were lost with the worker: ${(await watch.messages()).filter(({ answer }) => answer === 'lost').length}`);
  },
});

/** What a half of a write would leave: rows and bytes that do not fit together. The database opens, or this throws. */
async function inconsistencies(origin: Page): Promise<string[]> {
  const { exchanges, segments, documents, sessions, spans } = await readStored(origin, ['exchanges', 'segments', 'documents', 'sessions', 'spans']);
  const faults: string[] = [];
  for (const { id, response } of exchanges) {
    const sizes = segments.filter(({ exchange }) => exchange === id).map(({ size }) => size);
    const sum = sizes.reduce((all, size) => all + size, 0);
    if (sum !== response.stored || response.stored + response.missing !== response.read) faults.push(`${id}: ${sum} bytes are there, the row tells of ${JSON.stringify(response)}`);
    if (spans.filter(({ exchange }) => exchange === id).length !== 1) faults.push(`${id}: not one span`);
  }
  for (const { id, rev } of sessions) if ([...documents.filter(({ session }) => session === id), ...exchanges.filter(({ session }) => session === id)].some((row) => row.rev > rev)) faults.push(`${id}: rows are newer than their session`);
  return faults;
}

/** The worker may end by itself before it writes so much. */
async function heldWrite(launched: Ground['launched'], random: (below: number) => number): Promise<HeldWrite> {
  let write = await holdWrite(launched, random(60));
  for (let tries = 1; tries < 3 && !await write.held; tries++) write = await holdWrite(launched, random(60));
  await write.held;
  return write;
}

/** Undefined when the worker was not running; else whether a write was open when it was killed. */
async function killAt(moment: Moment, all: Ground, answers: Map<string, EndlessAnswer>, nextMessage: () => Promise<void>, random: (below: number) => number): Promise<boolean | undefined> {
  const { launched, worker } = all;
  await worker.running();
  if (moment === 'idle') await quiet(all, answers);
  const write = moment === 'write' ? await heldWrite(launched, random) : undefined;
  if (write) {
    await pause(random(15));
  } else if (moment === 'batch') {
    if (random(2) === 0) await nextMessage();
    // A transaction takes some ms: kills fall before it, into it and behind it.
    await pause(random(30));
  }
  const inWrite = write?.isOpen() ?? false;
  return await worker.stop() === 'running' ? inWrite : undefined;
}

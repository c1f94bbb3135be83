/** The service worker is stopped again and again while ten answers stream, with the panel open: nothing is lost, nothing
 *  comes twice, and the panel shows what is stored. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chance } from '../../chance.ts';
import { startModelServer, type ModelServer } from '../../lab/model-server.ts';
import { openPanel } from '../devtools-panel.ts';
import { launch, type Launched } from '../launch.ts';
import { panelTraces } from '../panel-dom.ts';
import { begin, countsOf, startPageServer, type Counts, type PageServer } from './counted-page.ts';
import { endlessAnswer, type EndlessAnswer } from './endless-answer.ts';
import { watchRelay } from './relay-watch.ts';
import { expectAccounted, readStored, storedWhen, until } from './stored.ts';
import { watchWorker } from './worker.ts';

const STOPS = 54;

let launched: Launched;
let models: ModelServer;
let server: PageServer;

beforeAll(async () => {
  [launched, models, server] = await Promise.all([launch(), startModelServer(), startPageServer()]);
});
afterAll(async () => {
  await launched?.close();
  await server?.close();
  await models?.close();
});

test('ten streams over 54 stops of the worker, idle, in mid-stream and in mid-write: every byte is stored once', async () => {
  const random = chance(2026);
  const page = await launched.browser.newPage();
  await page.goto(server.url);
  const origin = await launched.originPage();
  const worker = await watchWorker(origin);
  const panel = await openPanel(page);
  const watch = await watchRelay(page);
  const frame = await addFrame(page, server.otherUrl);
  const answers = new Map<string, EndlessAnswer>();
  for (let n = 0; n < 10; n++) {
    const dialect = n % 2 === 0 ? 'openai' : 'anthropic';
    const name = `stream${n}`;
    const path = `/${name}/v1/${dialect === 'openai' ? 'chat/completions' : 'messages'}`;
    const answer = endlessAnswer({ dialect, seed: n, pauseMs: 40 });
    answers.set(name, answer);
    models.answer(path, answer.script);
    // Six connections a host: the frame has its own.
    await (n < 5 ? begin(page, name, models.url + path) : begin(frame, name, models.url.replace('localhost', '127.0.0.1') + path));
  }
  const counts = async (): Promise<Counts> => ({ ...await countsOf(page), ...await countsOf(frame) });
  await until(async () => Object.values(await counts()).filter(({ read }) => read > 0).length === 10, () => 'all ten flow');

  const hits = { write: 0, stream: 0, idle: 0 };
  let storedUnanswered = 0;
  const moments = Object.keys(hits) as Array<keyof typeof hits>;
  for (let stop = 0; stop < STOPS; stop++) {
    const moment = stop % 9 === 8 ? 'idle' : moments[stop % 2] as 'write' | 'stream';
    if (moment === 'idle') await quiet(origin, answers, counts);
    await worker.running();
    if (moment === 'write') await watch.nextMessage();
    // A transaction takes some ms: stops fall before it, into it and behind it.
    if (moment !== 'idle') await pause(random(moment === 'write' ? 12 : 150));
    if (await worker.stop() === 'running') hits[moment]++;
    const under = (await watch.messages()).at(-1);
    if (under && under.answer !== 'acknowledged' && (await readStored(origin, ['documents'])).documents.some(({ top, nextSeq }) => top && nextSeq >= under.end)) storedUnanswered++;
    for (const answer of answers.values()) answer.resume();
  }
  for (const answer of answers.values()) answer.end();
  await until(async () => Object.values(await counts()).every(({ how }) => how === 'done'), () => 'the page reads all to the end');
  const stored = await storedWhen(origin, ({ exchanges }) => exchanges.length === 10 && exchanges.every(({ end }) => end), 'all ten have an end');

  const read = await counts();
  for (const [name, answer] of answers) {
    const sent = answer.sent();
    expect.soft(read[name], name).toEqual({ read: sent.length, how: 'done' });
    expect.soft(expectAccounted(stored, name, { read: sent.length, sent, how: 'complete' }).missing).toBe(0);
  }
  expect(stored.spans).toHaveLength(10);
  expect(stored.live).toBe(0);
  const messages = await watch.messages();
  const lost = messages.filter(({ answer }) => answer === 'lost').length;
  console.log(`stops ${JSON.stringify(hits)}; of ${messages.length} messages of the top document ${lost} were lost with the worker, ${storedUnanswered} of them after they were stored`);
  expect(hits.write + hits.stream + hits.idle).toBeGreaterThanOrEqual(50);
  expect(lost).toBeGreaterThanOrEqual(10);
  // What was lost was sent again, and nothing else.
  expect(messages.filter(({ first }, i) => messages.slice(0, i).some(({ end }) => end > first)).length).toBe(lost);

  const shown = stored.spans.map(({ title }) => title ?? '').toSorted();
  for (const opened of ['open all the time', 'opened anew']) {
    if (opened === 'opened anew') await Promise.all([panel.frame.waitForNavigation(), panel.frame.evaluate(() => location.reload())]);
    await until(async () => (await panelTraces(panel.frame)).every(({ running }) => !running) && (await panelTraces(panel.frame)).length >= 10, () => 'the panel shows ten ended traces');
    expect((await panelTraces(panel.frame)).map(({ title }) => title).toSorted(), opened).toEqual(shown);
  }
}, 300_000);

/** Nothing flows and all that was read is stored: the worker has nothing to do. */
async function quiet(origin: Page, answers: Map<string, EndlessAnswer>, counts: () => Promise<Counts>): Promise<void> {
  for (const answer of answers.values()) answer.pause();
  await until(async () => {
    const sum = Object.values(await counts()).reduce((all, { read }) => all + read, 0);
    const { exchanges } = await readStored(origin, ['exchanges']);
    return sum === exchanges.reduce((all, { response }) => all + response.stored, 0) && sum === [...answers.values()].reduce((all, answer) => all + answer.sent().length, 0);
  }, () => 'all is stored while nothing flows');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

async function addFrame(page: Page, url: string): Promise<Awaited<ReturnType<Page['waitForFrame']>>> {
  await page.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, url);
  const frame = await page.waitForFrame((candidate) => candidate.url().startsWith(url));
  await frame.waitForFunction(() => 'begin' in window);
  return frame;
}

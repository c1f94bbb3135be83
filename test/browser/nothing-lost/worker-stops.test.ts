/** The service worker is stopped again and again while ten answers stream, with the panel open: nothing is lost, nothing
 *  comes twice, and the panel shows what is stored. */
import type { Frame, Page } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { chance } from '../../chance.ts';
import { openPanel } from '../devtools-panel.ts';
import { panelTraces } from '../panel-dom.ts';
import { countsOf, type Counts } from './counted-page.ts';
import type { AnswerShape, EndlessAnswer } from './endless-answer.ts';
import { ground, openPage, quiet, startCall } from './ground.ts';
import { watchRelay } from './relay-watch.ts';
import { expectAccounted, readStored, storedWhen, until } from '../stored.ts';

const STOPS = 54;

const all = ground();

test('ten streams over 54 stops of the worker, idle, in mid-stream and in mid-write: every byte is stored once', async () => {
  const random = chance(2026);
  const { server, origin, worker } = all;
  const page = await openPage(all);
  const panel = await openPanel(page);
  const watch = await watchRelay(page);
  const frame = await addFrame(page, server.otherUrl);
  const answers = new Map<string, EndlessAnswer>();
  for (let n = 0; n < 10; n++) {
    const name = `stream${n}`;
    const shape: AnswerShape = { dialect: n % 2 === 0 ? 'openai' : 'anthropic', seed: n, pauseMs: 40 };
    answers.set(name, await (n < 5 ? startCall(all, page, name, shape) : startCall(all, frame, name, shape, '127.0.0.1')));
  }
  const counts = async (): Promise<Counts> => ({ ...await countsOf(page), ...await countsOf(frame) });
  await until(async () => Object.values(await counts()).filter(({ read }) => read > 0).length === 10, () => 'all ten flow');

  const hits = { write: 0, stream: 0, idle: 0 };
  let storedUnanswered = 0;
  const moments = Object.keys(hits) as Array<keyof typeof hits>;
  for (let stop = 0; stop < STOPS; stop++) {
    const moment = stop % 9 === 8 ? 'idle' : moments[stop % 2] as 'write' | 'stream';
    if (moment === 'idle') await quiet(all, answers);
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

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

async function addFrame(page: Page, url: string): Promise<Frame> {
  await page.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, url);
  const frame = await page.waitForFrame((candidate) => candidate.url().startsWith(url));
  await frame.waitForFunction(() => 'begin' in window);
  return frame;
}

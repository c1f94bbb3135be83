/** What every test here stands on: browser, model server, page server, a look into the database and at the worker. */
import type { BrowserContext, Frame, Page } from 'puppeteer-core';
import { afterAll, beforeAll } from 'vitest';
import { startModelServer, type ModelServer } from '../../lab/model-server.ts';
import { launch, type Launched, type LaunchOptions } from '../launch.ts';
import { countsOf, startPageServer, type CountedWindow, type PageServer } from './counted-page.ts';
import { endlessAnswer, type AnswerShape, type EndlessAnswer } from './endless-answer.ts';
import { readStored, until } from '../stored.ts';
import { watchWorker, type Worker } from './worker.ts';

export interface Ground {
  launched: Launched;
  models: ModelServer;
  server: PageServer;
  /** of the extension's origin: reads the database, wakes nobody */ origin: Page;
  worker: Worker;
}

export async function standUp(options: LaunchOptions = {}): Promise<Ground> {
  const [launched, models, server] = await Promise.all([launch(options), startModelServer(), startPageServer()]);
  const origin = await launched.originPage();
  return { launched, models, server, origin, worker: await watchWorker(origin) };
}

export async function takeDown({ launched, models, server }: Ground): Promise<void> {
  await launched.close();
  await server.close();
  await models.close();
}

/** Made before all tests of the file, closed after them. */
export function ground(options: LaunchOptions = {}): Ground {
  const all = {} as Ground;
  beforeAll(async () => { Object.assign(all, await standUp(options)); });
  afterAll(async () => { if (all.launched) await takeDown(all); });
  return all;
}

/** A page that counts. */
export async function openPage({ launched, server }: Ground, context: BrowserContext = launched.browser.defaultBrowserContext()): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url);
  return page;
}

/** Starts a call in the page. Its name is found in its URL. `host`: six connections are the most a page has to one. */
export async function startCall({ models }: Ground, page: Page | Frame, name: string, shape: AnswerShape, host = 'localhost'): Promise<EndlessAnswer> {
  const path = `/${name}/v1/${shape.dialect === 'openai' ? 'chat/completions' : 'messages'}`;
  const answer = endlessAnswer(shape);
  models.answer(path, answer.script);
  await page.evaluate((name, url) => { (window as unknown as CountedWindow).begin(name, url); }, name, models.url.replace('localhost', host) + path);
  return answer;
}

/** The same for several calls of one page; resolves when the page has read of all of them. */
export async function startCalls(ground: Ground, page: Page, names: string[], shape: Omit<AnswerShape, 'dialect' | 'seed'> = {}): Promise<Map<string, EndlessAnswer>> {
  const answers = new Map<string, EndlessAnswer>();
  for (const [seed, name] of names.entries()) answers.set(name, await startCall(ground, page, name, { dialect: seed % 2 === 0 ? 'openai' : 'anthropic', seed, ...shape }));
  await until(async () => {
    const counts = await countsOf(page);
    return names.every((name) => (counts[name]?.read ?? 0) > 1000);
  }, () => `all of ${names.join(', ')} flow`);
  return answers;
}

/** Holds the answers back until all that was sent is stored: nothing flows, and the worker has nothing to do. */
export async function quiet({ origin }: Ground, answers: Map<string, EndlessAnswer>): Promise<void> {
  for (const answer of answers.values()) answer.pause();
  const sent = (): number => [...answers.values()].reduce((sum, answer) => sum + answer.sent().length, 0);
  let stored = 0;
  await until(async () => {
    const { exchanges } = await readStored(origin, ['exchanges']);
    stored = exchanges.filter(({ url }) => answers.has(new URL(url).pathname.split('/')[1] ?? '')).reduce((sum, { response }) => sum + response.stored, 0);
    return stored === sent();
  }, () => `all that was sent is stored: ${sent()} bytes, of which ${stored} are`);
}

/** One call, `finished`: which the page has read to its end. */
export async function startOne(ground: Ground, page: Page, name: string, finished: boolean): Promise<EndlessAnswer> {
  const answer = (await startCalls(ground, page, [name])).get(name);
  if (!answer) throw new Error('it was started');
  if (!finished) return answer;
  answer.end();
  await until(async () => (await countsOf(page))[name]?.how === 'done', () => 'the page reads it to the end');
  return answer;
}

/** The worker sleeps, and what was read so far is stored. */
export async function fallAsleep(ground: Ground, answers: Map<string, EndlessAnswer>): Promise<void> {
  await quiet(ground, answers);
  await ground.worker.stop();
}

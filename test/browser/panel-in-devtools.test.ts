/** The panel where it lives: DevTools' theme, private windows, and a service worker that dies. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoServer } from '../lab/demo-server.ts';
import type { DemoServer } from '../lab/demo-server.ts';
import { openDemo, press } from '../lab/drive-demo.ts';
import { startModelServer } from '../lab/model-server.ts';
import type { ModelServer } from '../lab/model-server.ts';
import { openPanel } from './devtools-panel.ts';
import { launch } from './launch.ts';
import type { Launched } from './launch.ts';
import { openTrace, tracesSettled, treeRows } from './panel-dom.ts';

let launched: Launched;
let models: ModelServer;
let demo: DemoServer;

beforeAll(async () => {
  launched = await launch({ incognito: true });
  models = await startModelServer();
  demo = await startDemoServer({ models: models.url });
});
afterAll(async () => {
  await launched?.close();
  await demo?.close();
  await models?.close();
});

const stored = (page: Page): Promise<number> => page.evaluate(async () => {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('spanlight');
    opening.addEventListener('success', () => resolve(opening.result));
    opening.addEventListener('error', () => reject(new Error('The database did not open')));
  });
  const counting = database.transaction('exchanges').objectStore('exchanges').count();
  await new Promise((resolve) => { counting.addEventListener('success', resolve); });
  database.close();
  return counting.result;
});

test('follows the theme of DevTools while it is open', async () => {
  const page = await launched.browser.newPage();
  await openDemo(page, demo.url);
  const panel = await openPanel(page);
  for (const theme of ['dark', 'light'] as const) {
    await panel.theme(theme);
    await panel.frame.waitForSelector(`[data-theme="${theme}"]`);
  }
  await page.close();
});

test('a worker killed in mid-stream, twice, costs nothing', async () => {
  const page = await launched.browser.newPage();
  await openDemo(page, demo.url, 2);
  const panel = await openPanel(page);
  const ended = press(page, 'chat-openai');
  for (const part of ['Friday', 'Saturday']) {
    await page.waitForFunction((words: string) => document.querySelector('.answer')?.textContent?.includes(words), {}, part);
    // The one killed last is listed for a while.
    await expect.poll(async () => {
      await launched.worker();
      return launched.killWorker();
    }, { timeout: 60_000 }).toBe(true);
  }
  expect(await ended).toBe('done');
  await tracesSettled(panel.frame, 1);
  await openTrace(panel.frame, 'Plan a long weekend');
  await panel.frame.waitForFunction(() => document.querySelector('[role="treeitem"]')?.getAttribute('data-running') === 'false');
  expect(await treeRows(panel.frame)).toEqual([{ kind: 'LLM', label: 'gpt-5-mini', level: 1, tokens: '254', status: 'unset', running: false }]);
  await page.close();
});

test('what a private window did stays in it', async () => {
  const before = await stored(await launched.originPage());
  const secret = await launched.browser.createBrowserContext();
  const page = await secret.newPage();
  await openDemo(page, demo.url, 20);
  const panel = await openPanel(page);
  await press(page, 'chat-whole');
  await tracesSettled(panel.frame, 1);
  expect(await stored(await launched.originPage(secret))).toBe(1);
  expect(await stored(await launched.originPage())).toBe(before);
  await secret.close();
});

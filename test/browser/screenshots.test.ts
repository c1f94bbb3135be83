/**
 * Pictures of every view and state of the panel in real DevTools, light and dark, wide and docked narrow, and a contact
 * sheet of them all, under test/output/screenshots/. What can be told without eyes is asserted: the state is there with
 * its one button, nothing sticks out sideways, nothing was blocked by the panel's content security policy.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoServer, type DemoServer } from '../lab/demo-server.ts';
import { openDemo, press, runScenario } from '../lab/drive-demo.ts';
import { startModelServer, type ModelServer } from '../lab/model-server.ts';
import { openPanel, type DevtoolsPanel } from './devtools-panel.ts';
import { startFaultServer } from './fault-server.ts';
import { EXTENSION, launch, type Launched } from './launch.ts';
import { openTrace, tracesSettled } from './panel-dom.ts';

const OUTPUT = join(import.meta.dirname, '../output/screenshots');
const WIDTHS = [1400, 400] as const;
/** A PNG of one colour has fewer bytes than this, one with a word on it more. */
const BLANK = 6_000;

let launched: Launched;
let models: ModelServer;
let demo: DemoServer;
/** A site nobody allowed. */
let stranger: Server;
const pictures: Array<{ name: string; width: number }> = [];

beforeAll(async () => {
  await rm(OUTPUT, { recursive: true, force: true });
  await mkdir(OUTPUT, { recursive: true });
  models = await startModelServer();
  demo = await startDemoServer({ models: models.url });
  stranger = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title><p>A site of someone else.'));
  await new Promise<void>((resolve) => { stranger.listen(0, '127.0.0.1', resolve); });
  launched = await launch();
});
afterAll(async () => {
  await contactSheet();
  await launched?.close();
  await demo?.close();
  await models?.close();
  stranger?.close();
});

/** All four pictures of what is shown now. */
async function picture(panel: DevtoolsPanel, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await panel.resize(width, width > 600 ? 620 : 760);
    for (const theme of ['light', 'dark'] as const) {
      await panel.theme(theme);
      await panel.frame.waitForSelector(`[data-theme="${theme}"]`);
      const file = `${name}-${theme}-${width}`;
      await settledPicture(panel, join(OUTPUT, `${file}.png`));
      pictures.push({ name: file, width });
    }
    const [inner, room] = await panel.frame.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(inner, `${name} at ${width} px sticks out sideways`).toBeLessThanOrEqual(room ?? 0);
  }
  await panel.resize(1400, 620);
}

/** Layout and list follow a resize a few frames later, and until then Chromium may draw nothing of the panel's frame: a
 *  picture counts once there is something on it and the next one is the same (or it is alive). */
async function settledPicture(panel: DevtoolsPanel, path: string): Promise<void> {
  let before = Buffer.alloc(0);
  for (let look = 0; look < 20; look++) {
    await panel.frame.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
    await panel.picture(path);
    const now = await readFile(path);
    const isBlank = now.length < BLANK;
    if (!isBlank && (now.equals(before) || look >= 5)) return;
    before = now;
  }
  throw new Error(`Nothing to be seen on ${path}`);
}

async function stateOf(panel: DevtoolsPanel, id: string): Promise<void> {
  await panel.frame.waitForSelector(`[data-state="${id}"]`);
  expect(await panel.frame.$$eval(`[data-state="${id}"] [data-testid="state-action"]`, (buttons) => buttons.length), `${id} has one button`).toBe(1);
  await picture(panel, `state-${id}`);
}

async function chooseRow(panel: DevtoolsPanel, kind: string, index = 0): Promise<void> {
  const row = (await panel.frame.$$(`[role="treeitem"][data-kind="${kind}"]`))[index];
  const span = await row?.evaluate((element) => element.getAttribute('data-span'));
  await row?.click();
  await panel.frame.waitForSelector(`[data-testid="detail"][data-span="${span}"]`);
}

const chooseTab = async (panel: DevtoolsPanel, name: string): Promise<void> => (await panel.frame.waitForSelector(`::-p-xpath(//*[@role="tab"][contains(., ${JSON.stringify(name)})])`))?.click();

test('the views', async () => {
  const page = await launched.browser.newPage();
  const panel = await openDemoWithPanel(page);
  const violations: string[] = [];
  panel.devtools.on('console', (message) => { if (/Content Security Policy/i.test(message.text())) violations.push(message.text()); });
  await stateOf(panel, 'nothing_yet');

  for (const id of ['chat-openai', 'agent-openai', 'agent-anthropic', 'rag', 'error-retry', 'error-outage']) await runScenario(page, id);
  await press(page, 'chat-openai');
  await press(page, 'follow-rain');
  await tracesSettled(panel.frame, 8);

  await openTrace(panel.frame, 'Find me a sunny weekend');
  await picture(panel, 'agent');
  await chooseRow(panel, 'LLM', 1);
  for (const tab of ['Messages', 'Timing', 'Raw', 'Attributes', 'Why here']) {
    await chooseTab(panel, tab);
    await picture(panel, `call-${tab.toLowerCase().replace(' ', '-')}`);
  }
  await chooseTab(panel, 'Messages');
  await chooseRow(panel, 'TOOL', 1);
  await picture(panel, 'tool');
  await openTrace(panel.frame, 'The ryokan');
  await chooseRow(panel, 'LLM', 0);
  await picture(panel, 'reasoning');
  await openTrace(panel.frame, 'stroller');
  await chooseRow(panel, 'RETRIEVER');
  await picture(panel, 'retrieval');
  await chooseRow(panel, 'EMBEDDING');
  await picture(panel, 'embedding');
  await openTrace(panel.frame, 'Recommend a small hotel');
  await chooseRow(panel, 'LLM', 0);
  await picture(panel, 'retry');
  await openTrace(panel.frame, 'When does the ferry');
  await chooseRow(panel, 'LLM', 2);
  await picture(panel, 'outage');

  const before = await panel.frame.$$eval('[data-trace]', (rows) => rows.length);
  await (await page.waitForSelector('#chat-long:enabled'))?.click();
  await panel.frame.waitForFunction((count: number) => document.querySelectorAll('[data-trace]').length > count, { polling: 50 }, before);
  await openTrace(panel.frame, 'Write the full guide');
  await chooseRow(panel, 'LLM');
  await panel.frame.waitForFunction(() => (document.querySelector('[data-live="true"] .text')?.textContent?.length ?? 0) > 200, { polling: 50 });
  await picture(panel, 'running');
  await page.click('#stop');
  await panel.frame.waitForSelector('[role="treeitem"][data-running="false"]');
  await picture(panel, 'stopped');

  await page.reload();
  await panel.frame.waitForSelector('[data-testid="mark"]');
  await (await panel.frame.waitForSelector('[data-testid="record"][aria-pressed="true"]:enabled'))?.click();
  await stateOf(panel, 'paused');
  expect(violations).toEqual([]);
  await page.close();
});

test('a call without an answer, calls that were not seen, and the sites', async () => {
  const [home, api] = await Promise.all([startFaultServer(), startFaultServer()]);
  const page = await launched.browser.newPage();
  await page.goto(`http://localhost:${home.port}/`);
  const panel = await openPanel(page);
  const target = `http://127.0.0.1:${api.port}`;
  await page.evaluate(async (target, frame) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"model":"llama4","messages":[{"role":"user","content":"Are you there, Ollama?"}]}' };
    await fetch(`${target}/api/chat?case=preflight%20refused`, init).catch(() => {});
    await new Promise((resolve) => {
      const worker = new Worker('/worker.js');
      worker.addEventListener('message', resolve);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has none
      worker.postMessage([`${target}/v1/chat/completions`, init]);
    });
    const made = document.createElement('iframe');
    made.src = frame;
    document.body.append(made);
  }, target, `http://stranger.test:${home.port}/frame`);
  const stranger = await page.waitForFrame((candidate) => candidate.url().includes('stranger.test'));
  await stranger.evaluate((target) => fetch(`${target}/v1/chat/completions`, { method: 'POST', body: '{"model":"m-1","messages":[]}' }).then((response) => response.text()), target);
  await openTrace(panel.frame, 'Are you there');
  await panel.frame.waitForSelector('[data-testid="why-failed"]');
  await picture(panel, 'why-failed');
  await (await panel.frame.waitForSelector('::-p-xpath(//*[@data-testid="unseen"][starts-with(., "2 model calls")])'))?.click();
  await picture(panel, 'unseen');
  await panel.resize(400, 760);
  expect(await panel.frame.$$eval('[data-testid="unseen-list"], [data-testid="unseen-list"] *', (parts) => parts.filter((part) => !part.matches('.cut') && part.getBoundingClientRect().right > innerWidth).map(({ className }) => className))).toEqual([]);
  await panel.frame.click('[data-testid="unseen"]');
  await panel.frame.click('[data-testid="sites"]');
  await picture(panel, 'sites');
  await panel.frame.click('[data-testid="storage"]');
  await picture(panel, 'storage');
  await page.close();
  await Promise.all([home.close(), api.close()]);
});

test('a site that was not allowed', async () => {
  const page = await launched.browser.newPage();
  await page.goto(`http://elsewhere.test:${(stranger.address() as AddressInfo).port}/`);
  const panel = await openPanel(page);
  await stateOf(panel, 'site_not_allowed');
  await page.close();
});

// On the browser's own pages DevTools loads no extension at all.
test('a page that no extension may watch', async () => {
  const page = await launched.browser.newPage();
  await page.goto('data:text/html,<title>A page without an origin</title>');
  const panel = await openPanel(page);
  await stateOf(panel, 'unrecordable');
  await page.close();
});

test('the extension updated under the page, and under the panel', async () => {
  const page = await launched.browser.newPage();
  await openDemoWithPanel(page);
  await launched.reloadExtension();
  await page.bringToFront();
  const again = await openPanel(page);
  await stateOf(again, 'page_orphaned');
  await page.close();
});

test('a page that was there before recording', async () => {
  await launched.browser.uninstallExtension(launched.extensionId);
  const page = await launched.browser.newPage();
  await openDemo(page, demo.url);
  await launched.browser.installExtension(EXTENSION);
  const panel = await openPanel(page);
  await stateOf(panel, 'needs_reload');
  await page.close();
});

async function openDemoWithPanel(page: Page): Promise<DevtoolsPanel> {
  await openDemo(page, demo.url, 4);
  const panel = await openPanel(page);
  await panel.resize(1400, 620);
  return panel;
}

/** One picture of all pictures, to be looked at after every change of the panel. */
async function contactSheet(): Promise<void> {
  const page = await launched.browser.newPage();
  const figures = await Promise.all(pictures.map(async ({ name, width }) => `<figure><img width="${width > 600 ? 420 : 160}" src="data:image/png;base64,${(await readFile(join(OUTPUT, `${name}.png`))).toString('base64')}"><figcaption>${name}</figcaption></figure>`));
  await page.setViewport({ width: 2420, height: 900 });
  await page.setContent(`<style>body{margin:12px;font:11px system-ui;background:#888;display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start}figure{margin:0}figcaption{padding:2px 0}img{display:block}</style>${figures.join('')}`);
  await page.screenshot({ path: join(OUTPUT, 'contact-sheet.png'), fullPage: true });
  await writeFile(join(OUTPUT, 'pictures.json'), JSON.stringify(pictures.map(({ name }) => `${name}.png`)));
}

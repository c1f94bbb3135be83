/** Model calls that nobody recorded: counted, listed with the reason, and never one that is recorded. In the built extension
 *  and in DevTools. */
import type { Frame, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startDemoServer } from '../lab/demo-server.ts';
import { demoScenarios, openDemo, runScenario } from '../lab/drive-demo.ts';
import { startModelServer } from '../lab/model-server.ts';
import { openPanel } from './devtools-panel.ts';
import { startFaultServer, type FaultServer } from './fault-server.ts';
import { EXTENSION, launch, type Launched } from './launch.ts';
import { storedWhen } from './stored.ts';

let launched: Launched;
let home: FaultServer;
let api: FaultServer;

beforeAll(async () => {
  [launched, home, api] = await Promise.all([launch(), startFaultServer(), startFaultServer()]);
});
afterAll(async () => {
  await launched?.close();
  await Promise.all([home?.close(), api?.close()]);
});

const INIT = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"model":"m-1","messages":[{"role":"user","content":"hi"}]}' };
const at = (name: string): string => `http://127.0.0.1:${api.port}/v1/chat/completions?case=${name}&key=sk-0123456789`;

const fetched = (page: Pick<Page, 'evaluate'>, url: string): Promise<string> => page.evaluate((url, init) => fetch(url, init).then((response) => response.text(), String), url, INIT);
const byXhr = (page: Page, url: string): Promise<number> => page.evaluate((url, { method, headers, body }) => new Promise<number>((resolve) => {
  const request = new XMLHttpRequest();
  request.open(method, url);
  request.setRequestHeader('content-type', headers['content-type']);
  request.addEventListener('loadend', () => resolve(request.status));
  request.send(body);
}), url, INIT);
const byWorker = (page: Page, url: string, kind: 'file' | 'blob'): Promise<string> => page.evaluate(async (url, init, kind) => {
  const script = kind === 'file' ? '/worker.js' : URL.createObjectURL(new Blob([await fetch('/worker.js').then((response) => response.text())], { type: 'text/javascript' }));
  const worker = new Worker(script);
  return new Promise<string>((resolve) => {
    worker.addEventListener('message', ({ data }) => resolve(String(data)));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has none
    worker.postMessage([url, init]);
  });
}, url, INIT, kind);

interface Line { reason: string; text: string }

/** The lines of the list once there are so many, latest first. */
async function unseen(frame: Frame, count: number): Promise<Line[]> {
  const isOpen = await frame.$('[data-testid="unseen-list"]');
  await frame.waitForFunction((count: number) => document.querySelector('[data-testid="unseen"]')?.textContent?.startsWith(`${count} model call`), { polling: 50 }, count);
  if (!isOpen) await frame.click('[data-testid="unseen"]');
  await frame.waitForSelector('[data-testid="unseen-call"]');
  return frame.$$eval('[data-testid="unseen-call"]', (lines) => lines.map((line) => ({ reason: line.getAttribute('data-reason') ?? '', text: line.textContent ?? '' })));
}

test('calls of workers, of XMLHttpRequest and of a foreign frame are counted with their reason, recorded ones are not', async () => {
  const page = await launched.browser.newPage();
  await page.goto(`http://localhost:${home.port}/`);
  const { frame } = await openPanel(page);
  await frame.waitForSelector('[data-state="nothing_yet"]');

  // Recorded: three alike at once, one that is redirected, one that gets no answer, and one that fails at CORS.
  await Promise.all([1, 2, 3].map(() => fetched(page, at('open'))));
  expect(await fetched(page, at('redirect'))).toContain('chat.completion');
  expect(await fetched(page, at('closes'))).toContain('Failed to fetch');
  expect(await fetched(page, at('no%20header'))).toContain('Failed to fetch');
  // Not recorded, and to the very same place as the first three.
  expect(await byXhr(page, at('open'))).toBe(200);
  expect(await byWorker(page, at('open'), 'file')).toContain('chat.completion');
  expect(await byWorker(page, at('open'), 'blob')).toContain('chat.completion');
  await page.evaluate((url) => new Promise((resolve) => {
    const framed = document.createElement('iframe');
    framed.src = url;
    framed.addEventListener('load', resolve);
    document.body.append(framed);
  }), `http://stranger.test:${home.port}/frame`);
  const stranger = await page.waitForFrame((candidate) => candidate.url().includes('stranger.test'));
  expect(await fetched(stranger, at('open'))).toContain('chat.completion');
  // No model calls, and so nobody's loss.
  await page.evaluate((port) => fetch(`http://127.0.0.1:${port}/v1/models?case=open`, { method: 'POST', body: '{}' }), api.port);

  const lines = await unseen(frame, 4);
  expect(lines.map(({ reason }) => reason)).toEqual(['other_frame', 'worker', 'worker', 'not_fetch']);
  expect(lines[0]?.text).toContain(`frame of stranger.test:${home.port}`);
  expect(lines[2]?.text).toContain('worker.js');
  for (const { text } of lines) {
    expect(text).toContain(`POST http://127.0.0.1:${api.port}/v1/chat/completions`);
    // A key in the URL is shown nowhere.
    expect(text).not.toContain('sk-0123456789');
  }
  const stored = await storedWhen(await launched.originPage(), ({ exchanges }) => exchanges.filter(({ end }) => end).length >= 6, 'six calls are stored');
  expect(stored.exchanges).toHaveLength(6);
  expect(await frame.$eval('[data-testid="unseen"]', (button) => button.getAttribute('title'))).toBe(`4 model calls of this tab not seen: 1 sent with XMLHttpRequest, 2 from a worker, 1 from a frame of stranger.test:${home.port}`);

  // What is deleted was recorded all the same.
  const traces = await frame.$$eval('[data-trace]', (rows) => rows.length);
  await frame.click('[data-trace]');
  await frame.click('[data-testid="delete-trace"]');
  await frame.waitForFunction((before: number) => document.querySelectorAll('[data-trace]').length < before, { polling: 50 }, traces);
  expect(await byXhr(page, at('open'))).toBe(200);
  expect((await unseen(frame, 5)).map(({ reason }) => reason)).toEqual(['not_fetch', 'other_frame', 'worker', 'worker', 'not_fetch']);

  // It stays right: a call that is recorded from now on adds nothing, and what is cleared does not turn up here.
  await frame.click('[data-testid="clear"]');
  await frame.waitForFunction(() => document.querySelector('[data-testid="unseen"]') === null);
  await fetched(page, at('open'));
  expect(await byXhr(page, at('open'))).toBe(200);
  expect((await unseen(frame, 1)).map(({ reason }) => reason)).toEqual(['not_fetch']);
  await page.close();
});

test('what a service worker asks for on behalf of the page is no call that was not seen', async () => {
  const page = await launched.browser.newPage();
  await page.goto(`http://localhost:${home.port}/`);
  const { frame } = await openPanel(page);
  await frame.waitForSelector('[data-state="nothing_yet"]');
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js');
    await new Promise<void>((resolve) => {
      if (navigator.serviceWorker.controller) resolve();
      else navigator.serviceWorker.addEventListener('controllerchange', () => resolve());
    });
  });
  expect(await fetched(page, at('open'))).toContain('chat.completion');
  expect(await Promise.all([1, 2].map(() => fetched(page, at('open'))))).toHaveLength(2);
  expect(await byXhr(page, at('open'))).toBe(200);
  expect((await unseen(frame, 1)).map(({ reason }) => reason)).toEqual(['not_fetch']);
  await page.evaluate(async () => { for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister(); });
  await page.close();
});

test('nothing of the whole demo is missed, with its retries, cuts and stops', async () => {
  const models = await startModelServer();
  const demo = await startDemoServer({ models: models.url });
  onTestFinished(async () => { await Promise.all([demo, models].map((server) => server.close())); });
  const page = await launched.browser.newPage();
  await openDemo(page, demo.url, 20);
  const { frame } = await openPanel(page);
  await frame.waitForSelector('[data-state="nothing_yet"]');
  for (const [id] of demoScenarios) await runScenario(page, id);
  // The one that is not recorded ended last: when it is counted, all others have been judged.
  expect(await byXhr(page, at('open'))).toBe(200);
  expect((await unseen(frame, 1)).map(({ reason }) => reason)).toEqual(['not_fetch']);
  await page.close();
});

test('the list offers to record the frame’s site', async () => {
  const page = await launched.browser.newPage();
  await page.goto(`http://stranger.test:${home.port}/`);
  const { frame, devtools } = await openPanel(page);
  await frame.waitForSelector('[data-state="site_not_allowed"]');
  await fetched(page, at('open'));
  expect((await unseen(frame, 1)).map(({ reason }) => reason)).toEqual(['site_not_allowed']);
  // Who stands on a line stays there when another call comes.
  await frame.focus('[data-testid="unseen-allow"]');
  await frame.$eval('[data-testid="unseen-call"]', (line) => { line.setAttribute('data-was-here', ''); });
  await fetched(page, at('open'));
  await unseen(frame, 2);
  expect(await frame.evaluate(() => document.activeElement?.closest('[data-testid="unseen-call"]')?.hasAttribute('data-was-here'))).toBe(true);
  await devtools.keyboard.press('Escape');
  await frame.waitForFunction(() => document.querySelector('[data-testid="unseen-list"]') === null, { polling: 50, timeout: 5_000 });
  expect(await frame.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('unseen');
  await unseen(frame, 2);
  await frame.evaluate(() => {
    const watched = window as unknown as { asked: unknown };
    chrome.permissions.request = async (what: chrome.permissions.Permissions) => {
      watched.asked = { what, byHand: navigator.userActivation.isActive };
      return false;
    };
  });
  await frame.click('[data-testid="unseen-allow"]');
  expect(await frame.evaluate(() => (window as unknown as { asked: unknown }).asked)).toEqual({ what: { origins: ['http://stranger.test/*'] }, byHand: true });
  await page.close();
});

test('calls of a page that was there before recording; a panel that is loaded anew knows the earlier ones', async () => {
  await launched.browser.uninstallExtension(launched.extensionId);
  const page = await launched.browser.newPage();
  await page.goto(`http://localhost:${home.port}/`);
  await launched.browser.installExtension(EXTENSION);
  const { frame } = await openPanel(page);
  await frame.waitForSelector('[data-state="needs_reload"]');
  await fetched(page, at('open'));
  await unseen(frame, 1);
  await Promise.all([frame.waitForNavigation(), frame.evaluate(() => location.reload())]);
  await frame.waitForSelector('[data-state="needs_reload"]');
  await fetched(page, at('open'));
  const lines = await unseen(frame, 2);
  expect(lines.map(({ reason }) => reason)).toEqual(['page_was_there', 'page_was_there']);
  expect(lines[0]?.text).toContain('Reload the page');
  await page.close();
});

/** Whatever happens to the worker, the page, the tab or the extension: what the page read is stored or counted as missing. */
import type { BrowserContext, Page } from 'puppeteer-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDemoServer, type DemoServer } from '../lab/demo-server.ts';
import { startModelServer, type ModelServer } from '../lab/model-server.ts';
import { launch, type Launched } from './launch.ts';
import { readStored, storedWhen, type Stored, type StoredCall } from './stored.ts';

let launched: Launched;
let models: ModelServer;
let demo: DemoServer;
let origin: Page;

beforeEach(async () => {
  launched = await launch({ incognito: true });
  models = await startModelServer();
  demo = await startDemoServer({ models: models.url });
  origin = await launched.originPage();
});
afterEach(async () => {
  await launched?.close();
  await demo?.close();
  await models?.close();
});

/** A page in the background draws no frames. */
const POLL = { polling: 50 } as const;
const PATH = '/v1/chat/completions';
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

async function open(context?: BrowserContext): Promise<Page> {
  const page = await (context ?? launched.browser).newPage();
  await page.goto(demo.url);
  return page;
}

const event = (n: number, finish: string | null = null): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', model: 'gpt-5-mini', choices: [{ index: 0, delta: { content: `word-${n} ` }, finish_reason: finish }] })}\n\n`;

/** Starts `count` streams that go on until `enough`. The page writes down how much it read, where it outlives the page. */
async function stream(page: Page, count: number, enough: () => boolean = () => false): Promise<void> {
  models.answer(PATH, async (reply) => {
    reply.head(200, { 'content-type': 'text/event-stream' });
    let n = 0;
    while (!enough()) if (!await reply.write(Buffer.from(event(n++))) || !await reply.wait(40)) return;
    await reply.write(Buffer.from(`${event(n, 'stop')}data: [DONE]\n\n`));
    reply.end();
  }, count);
  await page.evaluate((url, count) => {
    for (let n = 0; n < count; n++) {
      void (async () => {
        // The browser opens six connections to one host.
        const host = n % 2 === 0 ? url : url.replace('localhost', '127.0.0.1');
        const response = await fetch(`${host}?n=${n}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-5-mini', stream: true, messages: [{ role: 'user', content: `stream ${n}` }] }) });
        const reader = (response.body as ReadableStream<Uint8Array>).getReader();
        let read = 0;
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          localStorage.setItem(`read-${n}`, String(read += value.byteLength));
        }
        localStorage.setItem(`done-${n}`, 'yes');
      })();
    }
  }, models.url + PATH, count);
  await page.waitForFunction((count) => Array.from({ length: count }, (_, n) => localStorage.getItem(`read-${n}`)).every((read) => Number(read) > 0), POLL, count);
}

/** Until every stream has been read to its end. */
const allDone = (page: Page, count: number): Promise<unknown> =>
  page.waitForFunction((count) => Array.from({ length: count }, (_, n) => localStorage.getItem(`done-${n}`)).every(Boolean), POLL, count);

/** Bytes that each stream's reader got, as written down. */
const readBy = (page: Page, count: number): Promise<number[]> => page.evaluate((count) => Array.from({ length: count }, (_, n) => Number(localStorage.getItem(`read-${n}`))), count);

const inOrder = (stored: Stored): StoredCall[] => stored.calls.toSorted((a, b) => Number(a.url.split('=')[1]) - Number(b.url.split('=')[1]));
const ended = (stored: Stored): boolean => stored.calls.length > 0 && stored.calls.every(({ end }) => end);

function expectWhole(stored: Stored, read: number[], how: string): void {
  const calls = inOrder(stored);
  expect(calls.map(({ response }) => response.read)).toEqual(read);
  expect(calls.map(({ response }) => response.stored + response.missing)).toEqual(read);
  expect(calls.map(({ size }) => size)).toEqual(calls.map(({ response }) => response.stored));
  expect(calls.map(({ end }) => end?.how)).toEqual(read.map(() => how));
  expect(stored.spans.map(({ exchange, endCause }) => `${exchange} ${endCause}`).toSorted()).toEqual(calls.map(({ id }) => `${id} ${how}`).toSorted());
  expect(stored.live).toBe(0);
}

test('the worker is stopped 50 times while 10 streams run: idle, in mid-stream, in mid-write', async () => {
  const page = await open();
  let stops = 0;
  await stream(page, 10, () => stops >= 50);
  while (stops < 50) {
    // Long enough that some batches get through in between: else the relay waits longer and longer before it tries again.
    await pause(Math.random() * 500);
    if (await launched.killWorker()) stops++;
  }
  await allDone(page, 10);
  const stored = await storedWhen(origin, (now) => now.calls.length === 10 && ended(now), 40_000);
  expectWhole(stored, await readBy(page, 10), 'complete');
  const sent = models.journal.map(({ response }) => response);
  expect(stored.calls.map(({ text }) => text).toSorted()).toEqual(sent.toSorted());
}, 180_000);

test('a page reloaded in mid-stream', async () => {
  const page = await open();
  await stream(page, 3);
  await page.reload();
  const stored = await storedWhen(origin, ended);
  expectWhole(stored, await readBy(page, 3), 'page_left');
  for (const { response } of stored.calls) expect(response.missing).toBe(0);
});

test('a page reloaded in mid-stream while the worker is stopped', async () => {
  const page = await open();
  await stream(page, 3);
  await launched.killWorker();
  await page.reload();
  const stored = await storedWhen(origin, (now) => ended(now) && now.rescues === 0);
  expectWhole(stored, await readBy(page, 3), 'page_left');
  for (const { response } of stored.calls) expect(response.missing).toBe(0);
});

test('a tab closed in mid-stream while the worker is stopped', async () => {
  const page = await open();
  const other = await open();
  await stream(page, 3);
  await launched.killWorker();
  await page.close();
  const stored = await storedWhen(origin, (now) => ended(now) && now.rescues === 0);
  expectWhole(stored, await readBy(other, 3), 'page_left');
  for (const { response } of stored.calls) expect(response.missing).toBe(0);
});

test('the extension reloaded under an open page', async () => {
  const page = await open();
  let enough = false;
  await stream(page, 2, () => enough);
  await launched.reloadExtension();
  const stored = await storedWhen(await launched.originPage(), ended);
  expect(stored.calls.map(({ end }) => end?.how)).toEqual(['recorder_gone', 'recorder_gone']);
  for (const { response, size } of stored.calls) expect([response.read, response.stored]).toEqual([response.stored + response.missing, size]);
  // The page goes on undisturbed.
  enough = true;
  await allDone(page, 2);
});

test('clear while five streams run: nothing of them comes back, the next call is recorded', async () => {
  const page = await open();
  let enough = false;
  await stream(page, 5, () => enough);
  const running = await storedWhen(origin, ({ calls, live }) => calls.length === 5 && live > 0);
  expect(running.calls).toHaveLength(5);
  const answer = await origin.evaluate((session) => chrome.runtime.sendMessage({ type: 'clear', session }), running.spans[0]?.source);
  expect(answer).toMatchObject({ ok: true });
  expect(await readStored(origin)).toMatchObject({ calls: [], spans: [], live: 0 });
  enough = true;
  await allDone(page, 5);
  await page.evaluate(() => localStorage.clear());
  await stream(page, 1, () => true);
  const stored = await storedWhen(origin, ended);
  expectWhole(stored, await readBy(page, 1), 'complete');
});

test('a page that comes back from the back/forward cache is recorded on', async () => {
  await launched.close();
  launched = await launch({ backForwardCache: true });
  origin = await launched.originPage();
  const page = await open();
  await page.evaluate(() => addEventListener('pageshow', (event) => { localStorage.setItem('restored', String(event.persisted)); }));
  await stream(page, 1, () => true);
  await allDone(page, 1);
  await page.goto(`${demo.url}/?elsewhere`);
  await launched.killWorker();
  await page.goBack();
  expect(await page.evaluate(() => localStorage.getItem('restored'))).toBe('true');
  await stream(page, 1, () => true);
  const stored = await storedWhen(origin, (now) => now.calls.length === 2 && ended(now));
  expect(stored.calls.map(({ end, response }) => [end?.how, response.missing])).toEqual([['complete', 0], ['complete', 0]]);
  expect(new Set(stored.calls.map(({ id }) => id.split('/')[0])).size).toBe(1);
});

test('a private window: its calls lie in its own database only', async () => {
  const context = await launched.browser.createBrowserContext();
  const page = await open(context);
  await stream(page, 1, () => true);
  const stored = await storedWhen(await launched.originPage(context), ended);
  expect(stored.calls.map(({ end }) => end?.how)).toEqual(['complete']);
  expect(await readStored(origin)).toMatchObject({ calls: [], spans: [] });
});

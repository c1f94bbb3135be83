/** A site the user allowed is recorded like a local one; one that is not allowed is not. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { expect, onTestFinished, test } from 'vitest';
import { startDemoServer } from '../lab/demo-server.ts';
import { startModelServer } from '../lab/model-server.ts';
import { openPanel } from './devtools-panel.ts';
import { EXTENSION, launch, type Launched } from './launch.ts';
import { openTrace, treeRows } from './panel-dom.ts';
import { storedWhen } from './stored.ts';

/** A build whose manifest grants one site: the prompt for it cannot be answered without a window. */
async function allowing(site: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spanlight-allowed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(EXTENSION, folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')) as object, host_permissions: [site] }));
  return folder;
}

const call = (page: Page, url: string): Promise<string> => page.evaluate(async (url) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] }) });
  return response.text();
}, url);

test('an allowed site is recorded from its first call on, another is not', async () => {
  const launched = await launch({ extension: await allowing('http://allowed.test/*') });
  const models = await startModelServer();
  const demo = await startDemoServer({ models: models.url });
  onTestFinished(async () => {
    await launched.close();
    await Promise.all([demo, models].map((server) => server.close()));
  });
  const origin = await launched.originPage();
  const scripts = await origin.waitForFunction(async () => {
    const registered = await chrome.scripting.getRegisteredContentScripts();
    return registered.length === 2 && registered.map(({ id, world }) => `${id} ${world}`);
  }, { polling: 50 });
  expect(await scripts.jsonValue()).toEqual(['a-relay ISOLATED', 'b-shim MAIN']);

  for (const site of ['other.test', 'allowed.test']) {
    const page = await launched.browser.newPage();
    await page.goto(demo.url.replace('localhost', site));
    await call(page, `${models.url}/v1/chat/completions`);
  }
  const stored = await storedWhen(origin, ({ exchanges }) => exchanges.some(({ end }) => end), 'a call has an end');
  expect(stored.exchanges.map(({ pageUrl, end }) => [new URL(pageUrl).hostname, end?.how])).toEqual([['allowed.test', 'complete']]);
});

/** What the page of the browser's settings does when a person allows a site there: the next request for it needs no prompt,
 *  which without a window nobody could answer. */
async function allowInSettings({ browser, extensionId }: Launched, site: string): Promise<void> {
  const settings = await browser.newPage();
  await settings.goto('chrome://extensions');
  await settings.evaluate(async (id, site) => {
    const { developerPrivate } = chrome as unknown as { developerPrivate: { addHostPermission(id: string, site: string): Promise<void> } };
    await developerPrivate.addHostPermission(id, site);
  }, extensionId, site);
  await settings.close();
}

interface Watched { asked: Array<{ what: chrome.permissions.Permissions; byHand: boolean; answer: string }> }

test('"Record this site" asks the browser for this one site; allowed, the panel asks for a reload, and then it records, until that is taken back', async () => {
  const launched = await launch();
  const models = await startModelServer();
  const demo = await startDemoServer({ models: models.url });
  onTestFinished(async () => {
    await launched.close();
    await Promise.all([demo, models].map((server) => server.close()));
  });
  const page = await launched.browser.newPage();
  await page.goto(demo.url.replace('localhost', 'asked.test'));
  const { frame } = await openPanel(page);
  const origins = (): Promise<string[]> => frame.evaluate(async () => (await chrome.permissions.getAll()).origins ?? []);
  const before = await origins();
  // Looks on: the request goes to the browser as it is.
  await frame.evaluate(() => {
    const request = chrome.permissions.request.bind(chrome.permissions);
    const watched = window as unknown as Watched;
    watched.asked = [];
    chrome.permissions.request = async (what: chrome.permissions.Permissions) => {
      const entry = { what, byHand: navigator.userActivation.isActive, answer: 'none yet' };
      watched.asked.push(entry);
      const answer = await request(what).catch((error: unknown) => String(error));
      entry.answer = String(answer);
      return answer === true;
    };
  });
  const asked = (): Promise<Watched['asked']> => frame.evaluate(() => (window as unknown as Watched).asked);
  const button = '[data-state="site_not_allowed"] [data-testid="state-action"]';

  expect(await (await frame.waitForSelector(button))?.evaluate(({ textContent }) => textContent)).toBe('Record this site');
  expect(await asked()).toEqual([]);
  await frame.click(button);
  await frame.waitForFunction(() => (window as unknown as Watched).asked.length > 0);
  const one = { what: { origins: ['http://asked.test/*'] }, byHand: true };
  expect(await origins()).toEqual(before);

  await allowInSettings(launched, 'http://asked.test/*');
  // The browser did not refuse: it still shows its prompt.
  expect(await asked()).toEqual([{ ...one, answer: 'none yet' }]);
  await frame.click(button);
  const reload = await frame.waitForSelector('[data-state="needs_reload"] [data-testid="state-action"]');
  expect((await asked()).at(-1)).toEqual({ ...one, answer: 'true' });
  expect((await origins()).filter((origin) => !before.includes(origin))).toEqual(['http://asked.test/*']);

  await Promise.all([page.waitForNavigation(), reload?.click()]);
  await frame.waitForSelector('[data-state="nothing_yet"]');
  await call(page, `${models.url}/v1/chat/completions`);
  await openTrace(frame, 'Hello');
  expect((await treeRows(frame)).map(({ kind }) => kind)).toEqual(['LLM']);

  // What was allowed can be taken back: the next page of the site is left alone, and what was recorded stays.
  await frame.evaluate(() => chrome.permissions.remove({ origins: ['http://asked.test/*'] }));
  await frame.waitForSelector('[data-testid="state-strip"][data-state="site_not_allowed"]');
  await frame.waitForFunction(async () => (await chrome.scripting.getRegisteredContentScripts()).length === 0, { polling: 50 });
  expect((await treeRows(frame)).map(({ kind }) => kind)).toEqual(['LLM']);
});

/** A site the user allowed is recorded like a local one, until it is removed; one that is not allowed is not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDemoServer } from '../lab/demo-server.ts';
import { startModelServer } from '../lab/model-server.ts';
import { allowing, call, isWatched, makeOptional, scriptsOf } from './allowed-site.ts';
import { demoOfTest } from './demo-ground.ts';
import { openPanel } from './devtools-panel.ts';
import { launch, type Launched } from './launch.ts';
import { openTrace, treeRows } from './panel-dom.ts';
import { storedWhen, until } from './stored.ts';

test('an allowed site is recorded from its first call on, another is not', async () => {
  const { launched, models, demo } = await demoOfTest({ extension: await allowing('http://allowed.test/*') });
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
  const { launched, models, demo } = await demoOfTest();
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

  // Removed in the panel: the page that is open is recorded no longer, nor the next one; what was recorded stays.
  await frame.click('[data-testid="sites"]');
  expect(await frame.$$eval('[data-testid="remove-site"]', (items) => items.map((item) => item.getAttribute('data-site')))).toEqual(['http://asked.test/*']);
  await frame.click('[data-testid="remove-site"]');
  await frame.waitForSelector('[data-testid="state-strip"][data-state="site_not_allowed"]');
  await frame.waitForFunction(async () => (await chrome.scripting.getRegisteredContentScripts()).length === 0, { polling: 50 });
  expect(await origins()).toEqual(before);
  await until(async () => !await isWatched(launched, page), () => 'the page’s relay answers no longer');
  await call(page, `${models.url}/v1/chat/completions`);
  await page.reload();
  await call(page, `${models.url}/v1/chat/completions`);
  const origin = await launched.originPage();
  const other = await launched.browser.newPage();
  await other.goto(demo.url);
  await call(other, `${models.url}/v1/chat/completions`);
  const stored = await storedWhen(origin, ({ exchanges }) => exchanges.some(({ pageUrl, end }) => end && pageUrl.startsWith(demo.url)), 'the later call of a local page is stored');
  expect(stored.exchanges.map(({ pageUrl }) => new URL(pageUrl).hostname).toSorted()).toEqual(['asked.test', 'localhost']);
  expect((await treeRows(frame)).map(({ kind }) => kind)).toEqual(['LLM']);
});

const BOTH = ['a-relay', 'b-shim'].map((id) => ({ id, matches: ['http://allowed.test/*'], persistAcrossSessions: true }));

test('scripts of allowed sites come back with an update and with the browser, from the permission alone', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'spanlight-profile-'));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  const folder = await allowing('http://allowed.test/*');
  const path = join(folder, 'manifest.json');
  const required = await readFile(path, 'utf8');
  const models = await startModelServer();
  const demo = await startDemoServer({ models: models.url });
  onTestFinished(async () => { await Promise.all([demo, models].map((server) => server.close())); });
  const first = await launch({ extension: folder, userDataDir: profile });
  try {
    expect(await scriptsOf(await first.originPage())).toEqual(BOTH);
    // Loading the folder again drops what was registered, as an update does.
    await makeOptional(folder, first);
    const origin = await first.originPage();
    expect(await scriptsOf(origin)).toEqual(BOTH);
    const page = await first.browser.newPage();
    await page.goto(demo.url.replace('localhost', 'allowed.test'));
    await call(page, `${models.url}/v1/chat/completions`);
    const stored = await storedWhen(origin, ({ exchanges }) => exchanges.some(({ end }) => end), 'a call has an end');
    expect(stored.exchanges.map(({ pageUrl }) => new URL(pageUrl).hostname)).toEqual(['allowed.test']);
  } finally {
    await first.close();
  }
  // A folder that is loaded by a driver does not last over a restart, nor does what was granted to it as an option.
  await writeFile(path, required);
  const second = await launch({ extension: folder, userDataDir: profile });
  onTestFinished(() => second.close());
  expect(await scriptsOf(await second.originPage())).toEqual(BOTH);
});

test('where all sites are allowed, a local page gets our scripts once', async () => {
  const { launched, models, demo } = await demoOfTest({ extension: await allowing('http://*/*') });
  const origin = await launched.originPage();
  await scriptsOf(origin);
  for (const host of ['localhost', '127.0.0.1', 'allowed.test']) {
    const page = await launched.browser.newPage();
    await page.goto(demo.url.replace('localhost', host));
    await call(page, `${models.url}/v1/chat/completions`);
  }
  const stored = await storedWhen(origin, ({ exchanges }) => exchanges.filter(({ end }) => end).length >= 3, 'three calls have an end');
  expect(stored.exchanges.map(({ pageUrl }) => new URL(pageUrl).hostname).toSorted()).toEqual(['127.0.0.1', 'allowed.test', 'localhost']);
  // A second relay would be a second document that told of itself.
  expect(stored.documents.map(({ url }) => new URL(url).hostname).toSorted()).toEqual(['127.0.0.1', 'allowed.test', 'localhost']);
});

test('where DevTools cannot ask, the button opens a page that does', async () => {
  const { launched, demo } = await demoOfTest();
  const page = await launched.browser.newPage();
  await page.goto(demo.url.replace('localhost', 'asked.test'));
  const { frame } = await openPanel(page);
  await frame.waitForSelector('[data-state="site_not_allowed"]');
  await allowInSettings(launched, 'http://asked.test/*');
  // As Firefox is told from others.
  await frame.evaluate(() => { (chrome.runtime as { getBrowserInfo?: unknown }).getBrowserInfo = () => {}; });
  await (await frame.waitForSelector('[data-state="site_not_allowed"] [data-testid="state-action"]'))?.click();
  const asking = await (await launched.browser.waitForTarget((target) => target.url().includes('/allow.html'))).page();
  expect(await asking?.waitForSelector('h1').then((title) => title?.evaluate(({ textContent }) => textContent))).toBe(`Record ${new URL(page.url()).host}?`);
  await asking?.click('[data-testid="state-action"]');
  await asking?.waitForSelector('[data-state="site_allowed"]');
  await frame.waitForSelector('[data-state="needs_reload"]');
  expect(await scriptsOf(await launched.originPage())).toEqual(BOTH.map((script) => ({ ...script, matches: ['http://asked.test/*'] })));

  await asking?.goto(asking.url().replace(/site=.*/, 'site=javascript:alert(1)'));
  expect(await asking?.waitForSelector('h1').then((title) => title?.evaluate(({ textContent }) => textContent))).toBe('No site was named');
});

/** A site the user allowed is recorded like a local one; one that is not allowed is not. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { expect, onTestFinished, test } from 'vitest';
import { startDemoServer } from '../lab/demo-server.ts';
import { startModelServer } from '../lab/model-server.ts';
import { EXTENSION, launch } from './launch.ts';
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

/** Sites of someone else that are allowed: builds that grant one, and what a test asks of the browser then. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { onTestFinished } from 'vitest';
import { EXTENSION, type Launched } from './launch.ts';

/** A build whose manifest grants one site: the prompt for it cannot be answered without a window. */
export async function allowing(site: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spanlight-allowed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(EXTENSION, folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')) as object, host_permissions: [site] }));
  return folder;
}

export const call = (page: Page, url: string): Promise<string> => page.evaluate(async (url) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] }) });
  return response.text();
}, url);

/** From now on the site of this folder is optional, as in the real manifest: what was granted lasts, and can be taken back. */
export async function makeOptional(folder: string, launched: Launched): Promise<void> {
  const path = join(folder, 'manifest.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')) as object, host_permissions: undefined }));
  await launched.reloadExtension();
}

/** Does a relay answer in the page? */
export async function isWatched(launched: Launched, page: Page): Promise<boolean> {
  const origin = await launched.originPage();
  const watched = await origin.evaluate(async (url) => {
    const [tab] = await chrome.tabs.query({ url });
    return tab?.id !== undefined && await chrome.tabs.sendMessage(tab.id, { type: 'ping' }).then((pong) => pong !== undefined, () => false);
  }, page.url().replace(/:\d+/, ''));
  await origin.close();
  return watched;
}

/** The registered scripts, once there are two. */
export async function scriptsOf(origin: Page): Promise<unknown> {
  const scripts = await origin.waitForFunction(async () => {
    const registered = await chrome.scripting.getRegisteredContentScripts();
    return registered.length === 2 && registered.map(({ id, matches, persistAcrossSessions }) => ({ id, matches, persistAcrossSessions }));
  }, { polling: 50 });
  return scripts.jsonValue();
}

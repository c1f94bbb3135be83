/** One browser, one server and one bundle for a test file; all closed when it ends. */
import { afterAll, beforeAll } from 'vitest';
import type { Browser, Page } from 'puppeteer-core';
import { startModelServer, type ModelServer } from './model-server.ts';
import { bundleCapture, launchBrowser, openPage } from './watched-page.ts';

export interface Setup {
  browser: Browser;
  server: ModelServer;
  /** A fresh page of the server with the capture room in it; `after` runs after it, before the page. */
  watched(after?: string): Promise<Page>;
  /** The same page without us. */
  bare(after?: string): Promise<Page>;
}

/** What every page has: `call(case, init, body)` is one chat call whose answer the test server knows by its case. */
const CALL = `globalThis.call = (name, init = {}, path = '/v1/chat/completions') => fetch(path + '?case=' + name, { method: 'POST', body: '{"model":"m","messages":[{"role":"user","content":"hi"}]}', ...init });
globalThis.pause = (ms) => new Promise((done) => setTimeout(done, ms));`;

export function setup(args: string[] = []): Setup {
  const all = {} as Setup;
  let script = '';
  beforeAll(async () => {
    [all.browser, all.server, script] = await Promise.all([launchBrowser(args), startModelServer(), bundleCapture()]);
  });
  afterAll(async () => {
    await all.browser?.close();
    await all.server?.[Symbol.asyncDispose]();
  });
  all.watched = (after = '') => openPage(all.browser, all.server.origin, [script, `${CALL}\n${after}`]);
  all.bare = (after = '') => openPage(all.browser, all.server.origin, [`${CALL}\n${after}`]);
  return all;
}

/** Runs statements of the page (with await and return) and answers what they return. */
export async function run(page: Page, code: string): Promise<unknown> {
  return page.evaluate(`(async () => { ${code} })()`);
}

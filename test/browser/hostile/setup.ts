/** One browser with the built extension and one loopback server for a test file, and pages whose first script is the test's. */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll } from 'vitest';
import { pieces, startModelServer, type ModelServer } from '../capture/model-server.ts';
import { launch, type Launched } from '../launch.ts';

export interface Setup {
  launched: Launched;
  server: ModelServer;
  /** The server again, as another site. */ otherOrigin: string;
  /** URL of a page with this markup. */
  url(markup: string): string;
  /** A new tab with a page whose first script this is; nothing of the page ran before it. */
  open(script: string, more?: { url?: (url: string) => string }): Promise<Page>;
}

/** What every page of these tests has: one chat call, answered by the case the server knows. */
const CALL = `globalThis.call = (name, init = {}, path = '/v1/chat/completions') => fetch(path + '?case=' + name, { method: 'POST', body: '{"model":"m","messages":[{"role":"user","content":"hi"}]}', ...init });
globalThis.pause = (ms) => new Promise((done) => setTimeout(done, ms));`;

export function setup(): Setup {
  const all = {} as Setup;
  let pages = 0;
  beforeAll(async () => {
    [all.launched, all.server] = await Promise.all([launch(), startModelServer()]);
    all.otherOrigin = all.server.origin.replace('127.0.0.1', 'localhost');
  });
  afterAll(async () => {
    await all.launched?.close();
    await all.server?.[Symbol.asyncDispose]();
  });
  all.url = (markup) => {
    const name = `page-${++pages}`;
    all.server.on(name, (response) => { response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(markup); });
    return `${all.server.origin}/?case=${name}`;
  };
  all.open = async (script, { url = (of: string) => of } = {}) => {
    const page = await all.launched.browser.newPage();
    await page.goto(url(all.url(`<!doctype html><title>page</title><body><script>${CALL}\n${script}</script>`)));
    return page;
  };
  return all;
}

/** Runs statements of the page (with await and return) and answers what they return. */
export async function run(page: Page, code: string): Promise<unknown> {
  return page.evaluate(`(async () => { ${code} })()`);
}

export const sse = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (delta: object, finish: string | null = null): string => sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm-1', choices: [{ index: 0, delta, finish_reason: finish }] });

/** The pieces of a streamed chat answer. */
export const streamed = (words: readonly string[]): string[] => [delta({ role: 'assistant', content: '' }), ...words.map((content) => delta({ content })), delta({}, 'stop'), 'data: [DONE]\n\n'];

/** A streamed chat answer that says these words. */
export const saying = (words: readonly string[], pauseMs = 5): ReturnType<typeof pieces> => pieces(streamed(words), pauseMs);

/** Resolves when `ready` says so; throws with `what` after a while. */
export async function eventually(what: string, ready: () => Promise<boolean>, waitMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline;) {
    if (await ready()) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error(`never happened: ${what}`);
}

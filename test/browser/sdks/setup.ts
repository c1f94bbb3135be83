/** The page in two places: where nothing is recorded (127.0.0.2) and where all is (localhost). */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { build } from 'vite';
import type { JournalEntry, ModelServer } from '../../lab/model-server.ts';
import type { Launched } from '../launch.ts';
import { answers } from './answers/all.ts';
import { giveAnswers, READ } from './answers/answer.ts';
import type { Got } from './got.ts';
import type { UseName } from './page.ts';

async function scriptOf(entry: string): Promise<string> {
  const built = await build({ configFile: false, logLevel: 'error', build: { write: false, target: 'esnext', rolldownOptions: { input: join(import.meta.dirname, entry), output: { format: 'iife' } } } });
  const script = (Array.isArray(built) ? built : [built]).flatMap((bundle) => 'output' in bundle ? bundle.output : []).find(({ type }) => type === 'chunk');
  return script?.type === 'chunk' ? script.code : '';
}

export interface Pages { plain: Page; watched: Page; close(): void }

export async function openPages({ browser }: Launched): Promise<Pages> {
  const code = await scriptOf('page.ts');
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(isScript ? code : '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => { server.listen(0, '0.0.0.0', resolve); });
  const { port } = server.address() as AddressInfo;
  const open = async (host: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(`http://${host}:${port}/`);
    await page.waitForFunction(() => window.uses !== undefined);
    return page;
  };
  return { plain: await open('127.0.0.2'), watched: await open('localhost'), close: () => void server.close() };
}

export interface Used { got: Got; /** the calls, as the server saw them */ sent: JournalEntry[] }

/** Each use has the server to itself, at paths that begin with its name. */
export const pathOf = (name: UseName): string => `/${name}`;

export async function use(page: Page, name: UseName, models: ModelServer): Promise<Used> {
  giveAnswers(models, pathOf(name), answers[name]);
  const before = models.journal.length;
  const got = await page.evaluate((name, base) => window.uses[name](base), name, models.url + pathOf(name)).catch((error: unknown) => { throw new Error(`the page’s ${name} failed`, { cause: error }); });
  await models.settled();
  return { got, sent: models.journal.slice(before).filter(({ path }) => !path.endsWith(READ)) };
}

/** Pages with and without the capture room, without the extension, so that these tests are quick. */
import { join } from 'node:path';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { build } from 'vite';
import { findChromium } from '../../lab/chromium.ts';

export interface ToldRecord {
  kind: 'document' | 'start' | 'head' | 'chunk' | 'end' | 'leave';
  road: 'post' | 'leaving';
  exchange: number; at: number; clock: number; url: string; top: boolean; method: string; headers: Array<[string, string]>; body: string; bodySize: number; removed: number;
  status: number; type: string; side: 'request' | 'response'; offset: number; size: number; bytes?: string; times: number[]; ends: number[]; reserialised?: true;
  how: string; error?: { name: string; message: string };
}

/** As the product is built: one minified script whose frames read `<anonymous>`. */
export async function bundleCapture(): Promise<string> {
  const result = await build({
    configFile: false, logLevel: 'silent',
    build: { write: false, minify: true, target: 'esnext', lib: { entry: join(import.meta.dirname, 'page-entry.ts'), formats: ['iife'], name: 'capture' } },
  });
  const output = Array.isArray(result) ? result[0]?.output : 'output' in result ? result.output : undefined;
  const chunk = output?.find((part) => part.type === 'chunk');
  if (!chunk) throw new Error('nothing was built');
  return `${chunk.code}\n//# sourceURL=<anonymous>`;
}

export async function launchBrowser(args: string[] = []): Promise<Browser> {
  return launch({ executablePath: findChromium(), headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...args] });
}

/** A fresh page of the server, in its own context since sockets are pooled. `script` runs before the page's own. */
export async function openPage(browser: Browser, url: string, scripts: string[]): Promise<Page> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  for (const script of scripts) await page.evaluateOnNewDocument(script);
  await page.goto(url);
  return page;
}

/** What capture has told, after its last flush. */
export async function told(page: Page, until: (records: ToldRecord[]) => boolean = () => true): Promise<ToldRecord[]> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    await new Promise((resolve) => { setTimeout(resolve, 60); });
    const records = await page.evaluate(() => (globalThis as unknown as { spanlightTest: { take(): unknown[] } }).spanlightTest.take()) as ToldRecord[];
    if (until(records)) return records;
    if (Date.now() > deadline) throw new Error(`never told: ${JSON.stringify(records).slice(0, 2000)}`);
  }
}

export const ended = (count = 1) => (records: ToldRecord[]): boolean => records.filter(({ kind }) => kind === 'end').length >= count;

/** The bytes of one side of an exchange, one character each; throws where there is a gap or a repeat. */
export function bytesOf(records: ToldRecord[], exchange = 1, side: 'request' | 'response' = 'response'): string {
  let text = '';
  for (const record of records) {
    if (record.kind !== 'chunk' || record.exchange !== exchange || record.side !== side) continue;
    if (record.offset !== text.length || record.bytes?.length !== record.size) throw new Error(`gap or repeat at ${text.length}: ${JSON.stringify({ ...record, bytes: record.bytes?.length })}`);
    if (record.ends.at(-1) !== record.size || record.times.length !== record.ends.length) throw new Error('times do not cover the bytes');
    text += record.bytes;
  }
  return text;
}

/** A browser with the page that does the jobs of `bench:store` (store-page.ts). */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { launch } from '../browser/launch.ts';
import { serveBundle, type BundledPage } from './bundle.ts';
import type { StoreJobs } from './store-page.ts';

export interface StoreBrowser {
  browser: Browser;
  job<Name extends keyof StoreJobs>(name: Name, ...given: Parameters<StoreJobs[Name]>): Promise<Awaited<ReturnType<StoreJobs[Name]>>>;
  close(): Promise<void>;
}

const serve = (): Promise<BundledPage> => serveBundle(join(import.meta.dirname, 'store-page.ts'));

export async function openStoreBrowser(): Promise<StoreBrowser> {
  const served = await serve();
  const browser = await openAt(served);
  return {
    ...browser,
    async close() {
      await browser.close();
      served.close();
    },
  };
}

async function openAt({ url }: BundledPage, userDataDir?: string): Promise<StoreBrowser> {
  const launched = await launch(userDataDir === undefined ? {} : { userDataDir });
  const page = await launched.browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => window.storeJobs !== undefined);
  return {
    browser: launched.browser,
    job: (name, ...given) => page.evaluate((name, given) => (window.storeJobs[name as keyof StoreJobs] as (...given: unknown[]) => unknown)(...given), name as string, given as unknown[]) as ReturnType<StoreBrowser['job']> as never,
    close: () => launched.close(),
  };
}

/** A profile in which one browser after the other works. */
export interface StoreProfile {
  /** What lies on the disk for the page's origin, in bytes, when the browser that did this has ended. */
  after(work: (job: StoreBrowser['job']) => Promise<void>): Promise<number>;
  close(): Promise<void>;
}

export async function openStoreProfile(): Promise<StoreProfile> {
  const served = await serve();
  const folder = await mkdtemp(join(tmpdir(), 'spanlight-bench-'));
  return {
    async after(work) {
      const browser = await openAt(served, folder);
      await work(browser.job);
      await browser.close();
      return bytesIn(join(folder, 'Default', 'IndexedDB'), (name) => name.startsWith('http_127.0.0.2_'));
    },
    async close() {
      served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function bytesIn(folder: string, counts: (name: string) => boolean): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && counts(relative(folder, path))) bytes += (await stat(path)).size;
  }
  return bytes;
}

/** The first one warms up. */
export async function several(count: number, measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i <= count; i++) all.push(await measure());
  return all.slice(1);
}

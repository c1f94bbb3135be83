/** A browser with the page that does the jobs of `bench:store` (store-page.ts). */
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { launch } from '../browser/launch.ts';
import { serveBundle } from './bundle.ts';
import type { StoreJobs } from './store-page.ts';

export interface StoreBrowser {
  browser: Browser;
  job<Name extends keyof StoreJobs>(name: Name, ...given: Parameters<StoreJobs[Name]>): Promise<Awaited<ReturnType<StoreJobs[Name]>>>;
  close(): Promise<void>;
}

export async function openStoreBrowser(): Promise<StoreBrowser> {
  const served = await serveBundle(join(import.meta.dirname, 'store-page.ts'));
  const launched = await launch();
  const page = await launched.browser.newPage();
  await page.goto(served.url);
  await page.waitForFunction(() => window.storeJobs !== undefined);
  return {
    browser: launched.browser,
    job: (name, ...given) => page.evaluate((name, given) => (window.storeJobs[name as keyof StoreJobs] as (...given: unknown[]) => unknown)(...given), name as string, given as unknown[]) as ReturnType<StoreBrowser['job']> as never,
    async close() {
      await launched.close();
      served.close();
    },
  };
}

/** The first one warms up. */
export async function several(count: number, measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i <= count; i++) all.push(await measure());
  return all.slice(1);
}

/** Looks into the extension's database, from inside its worker: a bench whose calls were not recorded measured nothing. */
import type { Browser } from 'puppeteer-core';

/** Exchanges stored with their end, of pages whose URL starts with this origin. */
export async function storedExchanges(browser: Browser, origin: string): Promise<number> {
  const target = await browser.waitForTarget((target) => target.type() === 'service_worker', { timeout: 5000 });
  const worker = await target.worker();
  if (!worker) throw new Error('the extension has no worker');
  return worker.evaluate(async (origin) => {
    // Opening a database that is not there would create it, empty, before the extension does.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'spanlight')) return 0;
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- this function is sent to the worker as text
    const settled = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(new Error(String(request.error))));
    });
    const database = await settled(indexedDB.open('spanlight'));
    try {
      const rows: Array<{ pageUrl: string; end?: unknown }> = await settled(database.transaction('exchanges').objectStore('exchanges').getAll());
      return rows.filter((row) => row.pageUrl.startsWith(origin) && row.end !== undefined).length;
    } finally {
      database.close();
    }
  }, origin);
}

/** Waits until as many are stored, so that the extension's own work on one turn does not run into the next. */
export async function untilStored(browser: Browser, origin: string, expected: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const stored = await storedExchanges(browser, origin);
    if (stored >= expected) return;
    if (performance.now() > deadline) throw new Error(`${origin}: ${expected} calls were made, ${stored} are stored. Is the built extension recording?`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

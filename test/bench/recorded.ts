/** Looks into the extension's database, from a page of its origin: a bench whose calls were not recorded measured nothing. */
import type { Page } from 'puppeteer-core';

/** Exchanges stored with their end, of pages whose URL starts with `origin`. */
function storedExchanges(extensionPage: Page, origin: string): Promise<number> {
  return extensionPage.evaluate(async (origin) => {
    // Opening a database that is not there would create it, empty, before the extension does.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'spanlight')) return 0;
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- this function is sent to the page as text
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
export async function untilStored(extensionPage: Page, origin: string, expected: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const stored = await storedExchanges(extensionPage, origin);
    if (stored >= expected) return;
    if (performance.now() > deadline) throw new Error(`${origin}: ${expected} calls were made, ${stored} are stored. Is the built extension recording?`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

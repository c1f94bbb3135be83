/** All that the extension keeps: every row of every IndexedDB store and all of chrome.storage, read in a page of its own
 *  origin that no code of ours runs in. */
import type { Page } from 'puppeteer-core';

/** A text found somewhere. Typed arrays come as one text for each way to read them. */
export interface FoundText { place: string; text: string }
export interface Stored { rows: Record<string, unknown[]>; texts: FoundText[] }

/** Rows as JSON would have them, typed arrays as `{ bytes: length }`; and, if asked for, every text in them. `only`: of
 *  this store alone. */
export function readStored(extensionPage: Page, withTexts = true, only?: string): Promise<Stored> {
  return extensionPage.evaluate(async (withTexts: boolean, only: string | undefined) => {
    const texts: Array<{ place: string; text: string }> = [];
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it runs in the page
    const ask = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(new Error('The database did not answer')));
    });
    const look = (value: unknown, place: string): unknown => {
      if (typeof value === 'string') {
        if (withTexts) texts.push({ place, text: value });
        return value;
      }
      if (ArrayBuffer.isView(value)) {
        if (withTexts) for (const encoding of ['latin1', 'utf-8', 'utf-16le', 'utf-16be']) texts.push({ place: `${place} (${encoding})`, text: new TextDecoder(encoding).decode(value) });
        return { bytes: value.byteLength };
      }
      if (Array.isArray(value)) return value.map((item, i) => look(item, `${place}[${i}]`));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => {
        if (withTexts) texts.push({ place: `${place}, a key`, text: key });
        return [key, look(item, `${place}.${key}`)];
      }));
    };
    const rows: Record<string, unknown[]> = {};
    for (const { name } of await indexedDB.databases()) {
      const database = await ask(indexedDB.open(name ?? ''));
      const stores = [...database.objectStoreNames].filter((store) => only === undefined || only === store);
      const tx = database.transaction(stores); // one, since the worker may be writing
      const all = await Promise.all(stores.map((store) => ask(tx.objectStore(store).getAll())));
      for (const [i, store] of stores.entries()) rows[store] = look(all[i], store) as unknown[];
      database.close();
    }
    if (only === undefined) for (const area of ['local', 'session', 'sync'] as const) rows[`chrome.storage.${area}`] = [look(await chrome.storage[area].get(), `chrome.storage.${area}`)];
    return { rows, texts };
  }, withTexts, only);
}

/** The spellings in which a text may hide in another: itself, percent-encoded, in JSON, in hex, in base64 at each of the
 *  three places it can have among its triples. */
function spellings(text: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const coded = Buffer.from('x'.repeat(before) + text).toString('base64').replace(/=+$/, '');
    return coded.slice(before === 0 ? 0 : 4, -4);
  });
  return [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), Buffer.from(text).toString('hex'), ...base64];
}

/** Which of the words are in the texts, and where. */
export function findAll(words: readonly string[], texts: readonly FoundText[]): string[] {
  return words.flatMap((word) => {
    const forms = spellings(word);
    return texts.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ place }) => `${word} in ${place}`);
  });
}

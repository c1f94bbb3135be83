/** What the extension has stored, read from its own origin without any code of ours. */
import type { Page } from 'puppeteer-core';

export interface StoredCall {
  id: string;
  url: string;
  pageUrl: string;
  end?: { how: string };
  response: { read: number; stored: number; missing: number };
  /** Bytes in the segments, as text. */ text: string;
  /** Sum of the segments' sizes. */ size: number;
}

export interface Stored { calls: StoredCall[]; spans: Array<{ source: string; exchange: string; kind: string; endCause?: string }>; live: number; rescues: number }

/** @param origin a page of the extension's origin (`Launched.originPage`) */
export function readStored(origin: Page): Promise<Stored> {
  return origin.evaluate(async () => {
    interface Segment { exchange: string; side: string; offset: number; size: number; bytes: Uint8Array }
    // It runs in the page: it cannot stand outside.
    // oxlint-disable-next-line unicorn/consistent-function-scoping
    const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error));
    });
    const database = await done(indexedDB.open('spanlight'));
    if (database.objectStoreNames.length === 0) {
      database.close();
      indexedDB.deleteDatabase('spanlight');
      return { calls: [], spans: [], live: 0, rescues: 0 };
    }
    const tx = database.transaction(['exchanges', 'segments', 'spans', 'live']);
    const all = <T>(store: string): Promise<T[]> => done(tx.objectStore(store).getAll() as IDBRequest<T[]>);
    const [exchanges, segments, spans, live] = await Promise.all([
      all<Omit<StoredCall, 'text' | 'size'>>('exchanges'), all<Segment>('segments'), all<Stored['spans'][number]>('spans'), all('live'),
    ]);
    database.close();
    const calls = exchanges.map((exchange) => {
      const own = segments.filter(({ exchange: id, side }) => id === exchange.id && side === 'response').toSorted((a, b) => a.offset - b.offset);
      const decoder = new TextDecoder();
      return { ...exchange, text: own.map(({ bytes }) => decoder.decode(bytes, { stream: true })).join(''), size: own.reduce((sum, { size }) => sum + size, 0) };
    });
    const kept = await chrome.storage.session.get();
    return { calls, spans, live: live.length, rescues: Object.keys(kept).filter((key) => key.startsWith('rescue:')).length };
  });
}

/** Reads until it is as wanted; returns the last state after `ms`, for the assertion to tell. */
export async function storedWhen(origin: Page, wanted: (stored: Stored) => boolean, ms = 20_000): Promise<Stored> {
  const until = Date.now() + ms;
  for (;;) {
    const stored = await readStored(origin);
    if (wanted(stored) || Date.now() > until) return stored;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

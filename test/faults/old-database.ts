/** A database of an earlier version in the extension's origin. As text in a page there, where nothing can be imported. */
import type { Page } from 'puppeteer-core';

interface Holding { held?: IDBDatabase; asked: boolean }

/** Makes it of what a file in test/store/databases holds, in so many copies, instead of what is there. Nobody may have it open.
 *  All of it is pinned: it says it is of 1970, and would go for its age. */
export function putBackIn(origin: Page, text: string, copies: number): Promise<void> {
  return origin.evaluate(async (text: string, copies: number) => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it runs in the page
    const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(new Error(String(request.error))));
    });
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it runs in the page
    const revived = (_: string, value: unknown): unknown => {
      const { $bytes, $floats, $ints } = (value ?? {}) as { $bytes?: string; $floats?: number[]; $ints?: number[] };
      if ($bytes !== undefined) return Uint8Array.fromBase64($bytes);
      if ($floats !== undefined) return new Float64Array($floats);
      return $ints === undefined ? value : new Uint32Array($ints);
    };
    interface Kept { version: number; stores: Record<string, { keyPath: string | string[]; indexes: Record<string, string | string[] | { each: string }>; rows: unknown[] }> }
    (window as unknown as Holding).held?.close();
    await done(indexedDB.deleteDatabase('spanlight'));
    const { version, stores } = JSON.parse(text, revived) as Kept;
    const opening = indexedDB.open('spanlight', version);
    opening.addEventListener('upgradeneeded', () => {
      for (const [name, { keyPath, indexes }] of Object.entries(stores)) {
        const store = opening.result.createObjectStore(name, { keyPath });
        for (const [index, path] of Object.entries(indexes)) {
          const each = typeof path === 'object' && 'each' in path;
          store.createIndex(index, each ? path.each : path, { multiEntry: each });
        }
      }
    });
    const database = await done(opening);
    for (let copy = 0; copy < copies; copy++) {
      // Each in sessions of its own: spans of one session would be the same.
      const names = (stores['sessions']?.rows ?? []).map((row) => row as { id: string }).map(({ id }) => id).filter((id) => !id.startsWith('import-'));
      const apart = names.reduce((so, id) => so.replaceAll(id, id.slice(0, -4) + copy.toString(16).padStart(4, '0')), text);
      const named = copy === 0 ? text : apart.replaceAll('document-', `document-${copy}-`).replaceAll('import-1', `import-${copy}-1`).replaceAll('00000000000000a1', copy.toString(16).padStart(16, 'a'));
      const tx = database.transaction(Object.keys(stores), 'readwrite');
      for (const [name, { rows }] of Object.entries((JSON.parse(named, revived) as Kept).stores)) for (const row of rows) tx.objectStore(name).put(name === 'sessions' ? { ...row as object, pinned: true } : row);
      await new Promise((resolve) => { tx.addEventListener('complete', resolve); });
    }
    database.close();
  }, text, copies);
}

/** Its version. As long as that is an old one it is held open, so that an upgrade waits until it is let go. */
export function versionIn(origin: Page): Promise<number> {
  return origin.evaluate(async () => {
    const own = window as unknown as Holding;
    own.held?.close();
    own.asked = false;
    const opening = indexedDB.open('spanlight');
    const database = await new Promise<IDBDatabase>((resolve) => { opening.addEventListener('success', () => resolve(opening.result)); });
    database.addEventListener('versionchange', () => { own.asked = true; });
    own.held = database;
    return database.version;
  });
}

/** Somebody wants to upgrade it. */
export function askedIn(origin: Page): Promise<boolean> {
  return origin.evaluate(() => (window as unknown as Holding).asked);
}

export function releaseIn(origin: Page): Promise<void> {
  return origin.evaluate(() => { (window as unknown as Holding).held?.close(); });
}

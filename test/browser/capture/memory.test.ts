/** What the page lets go of is collected as if we were not there, whether the call was recorded or turned out to be none. */
import { describe, expect, test } from 'vitest';
import type { Page } from 'puppeteer-core';
import { pieces } from './model-server.ts';
import { run, setup } from './setup.ts';

const all = setup(['--js-flags=--expose-gc']);

/** `other()` is at the path of a model call and none, which only its body tells. `fault()` is one whose body cannot be tagged,
 *  so that telling of it throws. `see` notes an object; `left` answers how many of them are still there. */
const IN_PAGE = `const url = '/v1/chat/completions?case=m';
  const other = () => fetch(url, { method: 'POST', body: new Blob(['hello']) });
  const bodyOf = Object.getOwnPropertyDescriptor(Response.prototype, 'body').get;
  const fault = async () => { const r = await call('m'); Object.preventExtensions(bodyOf.call(r)); await pause(150); return r; };
  const seen = [];
  const see = (object) => { seen.push(new WeakRef(object)); return object; };
  const left = async () => {
    for (let i = 0; i < 40 && seen.some((one) => one.deref()); i++) { await gc({ type: 'major', execution: 'async' }); await pause(20); }
    return seen.filter((one) => one.deref()).length;
  };
  /** Answered before its body is there, which \`known\` tells: by a worker of the page. */
  const early = async () => {
    await navigator.serviceWorker.register('/?case=worker');
    while (!navigator.serviceWorker.controller) await pause(10);
    let upload;
    const body = new ReadableStream({ type: 'bytes', start(controller) { upload = controller; } });
    const r = await fetch(new Request(url, { method: 'POST', body, duplex: 'half' }));
    const known = async () => { upload.enqueue(new TextEncoder().encode('hello')); upload.close(); await pause(150); };
    return { r, known };
  };`;

const WORKER = `onactivate = (event) => event.waitUntil(clients.claim());
  onfetch = (event) => { if (event.request.url.includes('case=m')) event.respondWith(new Response('x'.repeat(4e6))); };`;

async function withPage<T>(open: () => Promise<Page>, use: (page: Page) => Promise<T>): Promise<T> {
  all.server.on('m', pieces(['x'.repeat(1e6)], 1));
  all.server.on('worker', (response) => { response.writeHead(200, { 'content-type': 'text/javascript' }).end(WORKER); });
  const page = await open();
  const used = await use(page);
  await page.browserContext().close();
  return used;
}

describe('collected', () => {
  test.each([
    ['no call by its Blob, unread', `see(await other());`],
    ['no call by its Blob, read', `await see(await other()).text();`],
    ['no call by its Request', `await see(await fetch(new Request(url, { method: 'POST', body: 'hello' }))).text();`],
    ['no call, a reader in the middle', `await see(see(see(await other()).body).getReader()).read();`],
    ['no call, cloned', `const r = see(await other()); see(r.clone()); await r.text();`],
    ['no call, teed', `for (const branch of see(see(await other()).body).tee()) see(branch);`],
    ['no call, answered before that was known', `const { r, known } = await early(); await see(r).text(); await known();`],
    ['a fault of ours', `see(await fault());`],
    ['a fault of ours, then cloned', `const r = see(await fault()); see(r.clone()); await r.text();`],
    ['recorded, unread', `see(await call('m'));`],
    ['recorded, read', `await see(await call('m')).text();`],
    ['recorded, a reader in the middle', `await see(see(see(await call('m')).body).getReader()).read();`],
    ['recorded, cloned', `const r = see(await call('m')); see(r.clone()); await r.text();`],
    ['recorded, teed', `const [a, b] = see(see(await call('m')).body).tee(); see(b); await see(a.getReader()).read();`],
    ['recorded, piped', `await see(see(see(await call('m')).body).pipeThrough(new TextDecoderStream())).getReader().read();`],
    ['aborted before it was answered', `const stop = see(new AbortController()); setTimeout(() => { stop.abort(); }); await see(call('m', { signal: stop.signal })).catch(() => {});`],
  ])('%s', async (_name, code) => {
    for (const open of [all.bare, all.watched]) {
      expect(await withPage(open, (page) => run(page, `${IN_PAGE} await (async () => { ${code} })(); await pause(150); return left();`))).toBe(0);
    }
  });
});

/** How many bytes more cannot be collected after the code has run, of objects, texts and buffers. */
async function grown(code: string): Promise<number> {
  return withPage(() => all.watched(), async (page) => {
    const cdp = await page.createCDPSession();
    const used = async (): Promise<number> => {
      await run(page, `for (let i = 0; i < 5; i++) { await gc({ type: 'major', execution: 'async' }); await pause(20); }`);
      // Buffers are newer than the types.
      const { usedSize, backingStorageSize } = await cdp.send('Runtime.getHeapUsage') as { usedSize: number; backingStorageSize?: number };
      return usedSize + (backingStorageSize ?? 0);
    };
    const before = await used();
    await run(page, `${IN_PAGE} ${code}`);
    return await used() - before;
  });
}

describe('nothing of an answer is kept that came before its call was known to be none', () => {
  test('its text read and let go', async () => {
    expect(await grown(`const { r, known } = await early(); await r.text(); await known();`)).toBeLessThan(1e6); // of 4e6
  });

  test('its reader kept by the page', async () => {
    expect(await grown(`const { r, known } = await early(); globalThis.reader = r.body.getReader(); while (!(await reader.read()).done); await known();`)).toBeLessThan(1e6); // of 4e6
  });
});

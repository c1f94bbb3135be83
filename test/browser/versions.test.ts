/** Of different versions meet: a database of a later one under an open panel and a running worker, a relay of an earlier one. */
import type { Page } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { DATABASE_VERSION, RECORD_VERSION } from '../../lib/model/versions.ts';
import { openPanel } from './devtools-panel.ts';
import { countsOf } from './nothing-lost/counted-page.ts';
import { ground, openPage, startCalls } from './nothing-lost/ground.ts';
import { watchRelay } from './nothing-lost/relay-watch.ts';
import { expectAccounted, nameOf, readStored, storedWhen, until } from './stored.ts';

const all = ground();

test('a message of an older relay is refused, not misread, and what is of this version goes on', async () => {
  const page = await openPage(all);
  const relay = await watchRelay(page);
  const [answer] = (await startCalls(all, page, ['current'])).values();
  const start = { kind: 'start', exchange: 1, at: Date.now(), clock: 1, transport: 'fetch', method: 'POST', url: 'http://localhost/older/v1/chat/completions', headers: [], body: 'exact', bodySize: 0, removed: 0 };
  const records = [{ kind: 'document', at: 1, url: 'http://localhost/older', top: true }, start];
  const batch = (version: number, name: string): object => ({ type: 'batch', version, relay: name.repeat(32), first: 0, records });
  // It counts as delivered, or it would come again for ever.
  expect(await relay.say(batch(RECORD_VERSION - 1, 'a'))).toMatchObject({ next: 2 });
  answer?.end();
  const stored = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === 'current' && end), 'the call has an end');
  const sent = answer?.sent() ?? Buffer.alloc(0);
  expectAccounted(stored, 'current', { read: sent.length, sent, how: 'complete' });
  expect([stored.exchanges.length, stored.documents.length]).toEqual([1, 1]);
  // The same of this version is taken: it was refused for its version alone.
  expect(await relay.say(batch(RECORD_VERSION, 'b'))).toMatchObject({ next: 2 });
  await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url }) => nameOf(url) === 'older'), 'it is stored');
  await page.close();
});

interface Upgraded { version: number; precious: unknown; rows: Record<string, number> }

/** What a later version does when it starts: brings the database to its own schema. `make`: else it only looks. */
function openLater(origin: Page, version: number, make: boolean): Promise<Upgraded> {
  return origin.evaluate(async (version, make) => {
    const opening = make ? indexedDB.open('spanlight', version) : indexedDB.open('spanlight');
    opening.addEventListener('upgradeneeded', () => { opening.result.createObjectStore('later').put('precious', 1); });
    await new Promise((resolve, reject) => {
      opening.addEventListener('success', resolve);
      opening.addEventListener('error', () => reject(new Error(String(opening.error))));
    });
    const database = opening.result;
    const names = [...database.objectStoreNames].filter((name) => name !== 'later');
    const tx = database.transaction([...database.objectStoreNames], 'readonly');
    const counts = names.map((name) => [name, tx.objectStore(name).count()] as const);
    const precious = tx.objectStore('later').get(1);
    await new Promise((resolve) => { tx.addEventListener('complete', resolve); });
    database.close();
    return { version: database.version, precious: precious.result as unknown, rows: Object.fromEntries(counts.map(([name, { result }]) => [name, result])) };
  }, version, make);
}

test('a later version takes the database over though panel and worker have it open; they say so and leave it alone, the page goes on', async () => {
  const page = await openPage(all);
  const { frame } = await openPanel(page);
  const answers = await startCalls(all, page, ['later1', 'later2']);
  await frame.waitForSelector('[data-trace]');
  await all.worker.running();
  const upgraded = await openLater(all.origin, DATABASE_VERSION + 1, true);
  expect(upgraded).toMatchObject({ version: DATABASE_VERSION + 1, precious: 'precious' });
  for (const answer of answers.values()) answer.end();
  await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads all to the end');
  await frame.evaluate(() => { window.dispatchEvent(new Event('focus')); });
  const state = await frame.waitForSelector('[data-state="store_failed"]');
  expect(await state?.evaluate((element) => element.textContent)).toMatch(/written by a newer version of Spanlight\. Update the extension/);
  // Another worker comes to the same, at its start as well.
  await all.worker.stop();
  await page.reload();
  await startCalls(all, page, ['later3']);
  await all.worker.running();
  expect(await openLater(all.origin, DATABASE_VERSION + 1, false)).toEqual(upgraded);
  expect((await readStored(all.origin, ['exchanges'])).exchanges.some(({ url }) => nameOf(url) === 'later3')).toBe(false);
});

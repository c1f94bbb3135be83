/** What happens in a private window is stored in the private database alone, as safely as elsewhere. */
import { expect, test } from 'vitest';
import type { ExchangeRow } from '../../../lib/store/schema.ts';
import { openPanel } from '../devtools-panel.ts';
import { panelTraces } from '../panel-dom.ts';
import { countsOf, leaveAfterMore } from './counted-page.ts';
import { fallAsleep, ground, openPage, startCalls } from './ground.ts';
import { expectAccounted, nameOf, readStored, storedWhen, until } from '../stored.ts';
import { watchWorker } from './worker.ts';

const all = ground({ incognito: true });

test('a private window, its worker stopped in mid-stream and asleep when the page is left: all is in the private database, nothing in the regular one', async () => {
  const secret = await all.launched.browser.createBrowserContext();
  const page = await openPage(all, secret);
  const origin = await all.launched.originPage(secret);
  const own = { ...all, origin, worker: await watchWorker(origin) };
  const panel = await openPanel(page);
  const answers = await startCalls(own, page, ['whole', 'left']);
  await own.worker.stop();
  const [whole, left] = [answers.get('whole'), answers.get('left')];
  whole?.end();
  await until(async () => (await countsOf(page))['whole']?.how === 'done', () => 'the page reads it to the end');
  await own.worker.running();
  await fallAsleep(own, answers);
  await leaveAfterMore(page, 500, 'reload');
  left?.resume();
  await until(() => all.server.left['left'] !== undefined, () => 'the page sends its counts home');
  const isWhole = ({ url, end, response }: ExchangeRow): boolean => end !== undefined && (nameOf(url) !== 'left' || response.read >= (all.server.left['left']?.read ?? 0));
  const stored = await storedWhen(origin, ({ exchanges }) => exchanges.length === 2 && exchanges.every(isWhole), 'both have an end');
  const sent = whole?.sent() ?? Buffer.alloc(0);
  expect(expectAccounted(stored, 'whole', { read: sent.length, sent, how: 'complete' }).missing).toBe(0);
  expect(expectAccounted(stored, 'left', { read: all.server.left['left']?.read ?? 0, sent: left?.sent() ?? Buffer.alloc(0), how: 'page_left' }).missing).toBe(0);
  await until(async () => (await panelTraces(panel.frame)).filter(({ running }) => !running).length === 2, () => 'the private panel shows both');
  expect((await panelTraces(panel.frame)).map(({ title }) => title).toSorted()).toEqual(['left', 'whole']);

  const regular = await openPage(all);
  const seen = await startCalls(all, regular, ['seen']);
  for (const answer of seen.values()) answer.end();
  const { exchanges, documents, spans } = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ end }) => end), 'the regular window records its own');
  expect(exchanges.map(({ url }) => nameOf(url))).toEqual(['seen']);
  expect([documents.length, spans.length]).toEqual([1, 1]);
  await until(async () => (await all.origin.evaluate(async () => Object.keys(await chrome.storage.session.get()))).join(' ') === 'run', () => 'nothing lies on the shelf, which both share');
  expect((await readStored(all.origin)).documents).toHaveLength(1);
  expect((await readStored(origin)).exchanges).toHaveLength(2);
  await secret.close();
});

/** The page goes into the back/forward cache and comes back. */
import { expect, test } from 'vitest';
import { countsOf, leaveAfterMore, type CountedWindow } from './counted-page.ts';
import { fallAsleep, ground, openPage, startCalls, startOne } from './ground.ts';
import { expectAccounted, nameOf, storedWhen, until } from '../stored.ts';

const all = ground({ backForwardCache: true });

test.each([
  { what: 'a finished call', name: 'finished' },
  { what: 'a running call', name: 'running' },
  { what: 'a running call, the worker asleep', name: 'unstored' },
])('away and back with $what: recording goes on, nothing is doubled', async ({ name }) => {
  const page = await openPage(all);
  const answer = await startOne(all, page, name, name === 'finished');
  if (name === 'unstored') {
    await fallAsleep(all, new Map([[name, answer]]));
    await leaveAfterMore(page, 500, 'away');
    answer.resume();
    await page.waitForFunction(() => location.pathname === '/elsewhere');
  } else {
    await page.goto(`${all.server.url}/elsewhere`);
  }
  const isNamed = ({ url }: { url: string }): boolean => nameOf(url) === name;
  await storedWhen(all.origin, ({ exchanges }) => exchanges.some((call) => isNamed(call) && call.end), 'while the page is away the call has an end');
  await all.worker.stop();
  await page.evaluate(() => { history.back(); });
  await page.waitForFunction(() => location.pathname === '/' && 'counts' in window);
  // Chromium keeps a page with a running answer for a while, or not at all; with a finished one it does.
  const kept = await page.evaluate(() => (window as unknown as CountedWindow).cameBack);
  console.log(`${name}: Chromium ${kept ? 'kept the page' : 'loaded the page anew'}`);
  if (name === 'finished') expect(kept).toBe(true);

  answer.end();
  if (kept) await until(async () => (await countsOf(page))[name]?.how !== 'running', () => 'the page hears how it ended');
  const later = `after-${name}`;
  const [more] = (await startCalls(all, page, [later])).values();
  more?.end();
  const stored = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === later && end?.how === 'complete'), 'the call after that has an end');
  const sent = more?.sent() ?? Buffer.alloc(0);
  const { row } = expectAccounted(stored, later, { read: sent.length, sent, how: 'complete' });
  const counted = kept ? (await countsOf(page))[name] : all.server.left[name];
  const how = counted?.how === 'done' ? 'complete' : 'page_left';
  const before = expectAccounted(stored, name, { read: counted?.read ?? 0, sent: answer.sent(), how });
  expect(before.missing).toBe(0);
  expect(row.documentId === before.row.documentId).toBe(kept);
  await page.close();
});

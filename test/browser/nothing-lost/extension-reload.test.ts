/** The extension is updated under an open page: the page does not notice, what was stored stays, and after a reload of the
 *  page recording goes on. */
import { expect, test } from 'vitest';
import { openPanel } from '../devtools-panel.ts';
import { panelTraces } from '../panel-dom.ts';
import { countsOf } from './counted-page.ts';
import { ground, openPage, quiet, startCalls } from './ground.ts';
import { expectAccounted, nameOf, readStored, storedWhen, until, type Stored } from '../stored.ts';

const all = ground();
const hasEnded = ({ exchanges }: Stored, name: string): boolean => exchanges.some(({ url, end }) => nameOf(url) === name && end);
const flowingIn = ({ exchanges }: Stored): number => exchanges.find(({ url }) => nameOf(url) === 'flowing')?.response.read ?? 0;

test('the extension loaded anew under running calls: they end "recorder gone" with what was stored (what the page read since is not counted), the page goes on, a reload records again', async () => {
  const page = await openPage(all);
  const complaints: string[] = [];
  page.on('console', (message) => { complaints.push(message.text()); });
  page.on('pageerror', (error) => { complaints.push(String(error)); });
  const done = await startCalls(all, page, ['done']);
  for (const answer of done.values()) answer.end();
  await storedWhen(all.origin, (stored) => hasEnded(stored, 'done'), 'the first call has an end');
  const running = await startCalls(all, page, ['silent', 'flowing']);
  const [silent, flowing] = [running.get('silent'), running.get('flowing')];
  if (!silent || !flowing) throw new Error('both were started');
  await quiet(all, new Map([['silent', silent]]));
  const silentRead = silent.sent().length;
  const flowedBefore = flowingIn(await readStored(all.origin));

  await all.launched.reloadExtension(); // closes the extension's own pages
  const origin = await all.launched.originPage();
  const stored = await storedWhen(origin, (stored) => hasEnded(stored, 'silent') && hasEnded(stored, 'flowing'), 'the orphaned calls have an end');
  const sentDone = done.get('done')?.sent() ?? Buffer.alloc(0);
  expectAccounted(stored, 'done', { read: sentDone.length, sent: sentDone, how: 'complete' });
  expectAccounted(stored, 'silent', { read: silentRead, sent: silent.sent(), how: 'recorder_gone' });
  // What the page read in the last moment before had no one to go to any more, nor has what it reads from now on.
  const flowed = flowingIn(stored);
  expect(flowed).toBeGreaterThanOrEqual(flowedBefore);
  expectAccounted(stored, 'flowing', { read: flowed, sent: flowing.sent(), how: 'recorder_gone' });

  for (const answer of running.values()) answer.resume();
  for (const answer of running.values()) answer.end();
  await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads both to the end');
  expect((await countsOf(page))['flowing']?.read).toBe(flowing.sent().length);
  expect(complaints).toEqual([]);

  const panel = await openPanel(page);
  await panel.frame.waitForSelector('[data-state="page_orphaned"]');
  await Promise.all([page.waitForNavigation(), panel.frame.click('[data-testid="state-action"]')]);
  const again = await startCalls(all, page, ['again']);
  const answer = again.get('again');
  answer?.end();
  const after = await storedWhen(origin, (stored) => hasEnded(stored, 'again'), 'the call after the reload has an end');
  const sent = answer?.sent() ?? Buffer.alloc(0);
  expectAccounted(after, 'again', { read: sent.length, sent, how: 'complete' });
  expectAccounted(after, 'flowing', { read: flowed, sent: flowing.sent(), how: 'recorder_gone' });
  expect(after.exchanges).toHaveLength(4);
  await until(async () => (await panelTraces(panel.frame)).some(({ title, running }) => title === 'again' && !running), () => 'the panel shows the new call');
  expect(complaints).toEqual([]);
});

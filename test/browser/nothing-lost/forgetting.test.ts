/** Clear and delete in mid-stream: what was forgotten does not come back, whatever still arrives of it. */
import type { Frame } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { openPanel } from '../devtools-panel.ts';
import { openTrace, panelTraces } from '../panel-dom.ts';
import { countsOf } from './counted-page.ts';
import type { EndlessAnswer } from './endless-answer.ts';
import { ground, openPage, startCall, startCalls } from './ground.ts';
import { expectAccounted, nameOf, storedWhen, until, type Stored } from '../stored.ts';

const all = ground();
const titles = async (frame: Frame): Promise<string[]> => (await panelTraces(frame)).map(({ title }) => title).toSorted();

/** Ends a call that begins after all these, in the same page: when it is stored, so is (or is not) all that came before. */
async function afterwards(page: Awaited<ReturnType<typeof openPage>>, name: string): Promise<Stored> {
  const [answer] = (await startCalls(all, page, [name])).values();
  answer?.end();
  const stored = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === name && end), `${name} has an end`);
  const sent = answer?.sent() ?? Buffer.alloc(0);
  expectAccounted(stored, name, { read: sent.length, sent, how: 'complete' });
  return stored;
}

async function endAll(page: Awaited<ReturnType<typeof openPage>>, answers: Map<string, EndlessAnswer>): Promise<void> {
  for (const answer of answers.values()) answer.end();
  await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads all to the end');
}

test('clear while five calls stream, one of them not stored yet, the worker stopped before and after: nothing of them comes back', async () => {
  const page = await openPage(all);
  const panel = await openPanel(page);
  const answers = await startCalls(all, page, ['gone1', 'gone2', 'gone3', 'gone4']);
  await until(async () => (await titles(panel.frame)).length === 4, () => 'the panel shows four');
  all.worker.keepDown();
  answers.set('gone5', await startCall(all, page, 'gone5', { dialect: 'openai', seed: 5 }));
  await until(async () => ((await countsOf(page))['gone5']?.read ?? 0) > 1000, () => 'the fifth flows');
  all.worker.letUp();
  await panel.frame.click('[data-testid="clear"]');
  await until(async () => (await titles(panel.frame)).length === 0, () => 'the panel shows nothing');
  await all.worker.running();
  await all.worker.stop();
  await endAll(page, answers);
  const stored = await afterwards(page, 'new');
  expect(stored.exchanges.map(({ url }) => nameOf(url))).toEqual(['new']);
  const own = stored.exchanges[0]?.id;
  expect(stored.segments.filter(({ exchange }) => exchange !== own)).toEqual([]);
  expect([stored.spans.length, stored.bodies, stored.unusedPieces, stored.live]).toEqual([1, 1, 0, 0]);
  await until(async () => (await titles(panel.frame)).join() === 'new', () => 'the panel shows the new call alone');
  await page.close();
});

test('delete of one trace in mid-stream, the worker stopped right after: it stays away, the other call is whole', async () => {
  const page = await openPage(all);
  const panel = await openPanel(page);
  const answers = await startCalls(all, page, ['deleted', 'kept']);
  await until(async () => (await titles(panel.frame)).length === 2, () => 'the panel shows two');
  await openTrace(panel.frame, 'deleted');
  await panel.frame.click('[data-testid="delete-trace"]');
  await until(async () => (await titles(panel.frame)).join() === 'kept', () => 'the panel shows the other alone');
  await all.worker.stop();
  await endAll(page, answers);
  const stored = await afterwards(page, 'next');
  expect(stored.exchanges.filter(({ url }) => nameOf(url) === 'deleted')).toEqual([]);
  const sent = answers.get('kept')?.sent() ?? Buffer.alloc(0);
  expect(expectAccounted(stored, 'kept', { read: sent.length, sent, how: 'complete' }).missing).toBe(0);
  const known = new Set(stored.exchanges.map(({ id }) => id));
  expect(stored.segments.filter(({ exchange }) => !known.has(exchange))).toEqual([]);
  expect(stored.spans.filter(({ exchange }) => !known.has(exchange))).toEqual([]);
  expect([stored.bodies, stored.unusedPieces, stored.live]).toEqual([known.size, 0, 0]);
  await until(async () => (await titles(panel.frame)).join() === 'kept,next', () => 'the panel shows what is stored');
  await page.close();
});

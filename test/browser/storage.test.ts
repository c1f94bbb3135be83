/** What the user does with what is stored, in real DevTools: names, pins, deletes a session, sets the budget, deletes everything. */
import type { Frame } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { openPanel } from './devtools-panel.ts';
import { ground, openPage, startCalls } from './nothing-lost/ground.ts';
import { panelTraces } from './panel-dom.ts';
import { nameOf, readStored, storedWhen, until } from './stored.ts';

const all = ground();
const text = (frame: Frame, testId: string): Promise<string> => frame.$eval(`[data-testid="${testId}"]`, (element) => element.textContent ?? '');
const titles = async (frame: Frame): Promise<string[]> => (await panelTraces(frame)).map(({ title }) => title).toSorted();
const sessionLines = (frame: Frame): Promise<string[]> => frame.$$eval('[data-testid="session"]', (lines) => lines.map((line) => line.querySelector('.cut')?.textContent ?? ''));

/** One that made a call and was closed. */
async function earlier(name: string): Promise<void> {
  const page = await openPage(all);
  const [answer] = (await startCalls(all, page, [name])).values();
  answer?.end();
  await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === name && end), `${name} is stored`);
  await page.close();
}

/** What is done with a session shows when one points at it. */
async function press(frame: Frame, line: string, button: string): Promise<void> {
  const row = await frame.waitForSelector(`::-p-xpath(//*[@data-testid="session"][contains(., ${JSON.stringify(line)})])`);
  await row?.hover();
  await (await row?.$(`[data-testid="${button}"]`))?.click();
}

test('an earlier session is named and pinned, another deleted; the budget is set; all is deleted and the open page recorded from zero', async () => {
  await earlier('first');
  await earlier('second');
  const page = await openPage(all);
  const panel = await openPanel(page);
  const { frame } = panel;
  const answers = await startCalls(all, page, ['running']);
  await frame.waitForSelector('[data-trace]');
  await frame.click('[data-testid="earlier"]');
  await until(async () => (await sessionLines(frame)).length === 2, () => 'two earlier sessions');
  const [newer = '', older = ''] = await frame.$$eval('[data-testid="session"]', (lines) => lines.map((line) => line.getAttribute('data-session') ?? ''));

  // By keys alone: down to the line, on to its first button.
  await frame.focus('[data-testid="trace-list"]');
  await panel.devtools.keyboard.press('End');
  await panel.devtools.keyboard.press('Tab');
  while (await frame.evaluate(() => document.activeElement?.closest('[data-testid="session"]') === null)) await panel.devtools.keyboard.press('Tab');
  await panel.devtools.keyboard.press('Enter');
  await frame.waitForSelector('[data-testid="session-name"]');
  await panel.devtools.keyboard.type('Good run');
  await panel.devtools.keyboard.press('Enter');
  await until(async () => (await sessionLines(frame)).some((line) => line.startsWith('Good run · ')), () => 'the name is shown');
  await press(frame, 'Good run', 'pin-session');
  await frame.waitForSelector(`[data-session="${older}"] [aria-pressed="true"]`);
  expect((await readStored(all.origin, ['sessions'])).sessions.find(({ id }) => id === older)).toMatchObject({ name: 'Good run', pinned: true });

  // Asked for in place, and only then done.
  const line = `[data-session="${newer}"]`;
  await frame.hover(line);
  await frame.click(`${line} [data-testid="delete-session"]`);
  await frame.click('[data-testid="keep-session"]');
  expect(await sessionLines(frame)).toHaveLength(2);
  await frame.hover(line);
  await frame.click(`${line} [data-testid="delete-session"]`);
  await frame.click('[data-testid="confirm-delete-session"]');
  await until(async () => (await sessionLines(frame)).length === 1, () => 'the session is gone from the list');
  await storedWhen(all.origin, ({ exchanges, sessions }) => !exchanges.some(({ url }) => nameOf(url) === 'second') && !sessions.some(({ id }) => id === newer), 'nothing of it is stored');

  await frame.click('[data-testid="storage"]');
  expect(await text(frame, 'storage-use')).toMatch(/of 500 MB.*2 sessions, 1 pinned/);
  await frame.select('[data-testid="budget-bytes"]', '2000000000');
  await until(async () => (await text(frame, 'storage-use')).includes('of 2 GB'), () => 'the budget is shown');
  await frame.select('[data-testid="budget-days"]', '0');
  await until(async () => frame.$eval('[data-testid="budget-days"]', (select) => (select as HTMLSelectElement).value === '0'), () => 'the days are shown');
  await frame.click('[data-testid="delete-everything"]');
  await frame.click('[data-testid="keep-everything"]');
  expect(await titles(frame)).toContain('running');
  await frame.click('[data-testid="delete-everything"]');
  await frame.click('[data-testid="confirm-delete-everything"]');
  await until(async () => (await titles(frame)).length === 0 && (await sessionLines(frame)).length === 0, () => 'the panel shows nothing');
  const [answer] = answers.values();
  answer?.end();
  const [next] = (await startCalls(all, page, ['next'])).values();
  next?.end();
  const stored = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === 'next' && end), 'the next call is stored');
  expect(stored.exchanges.map(({ url }) => nameOf(url))).toEqual(['next']);
  expect([stored.sessions.length, stored.spans.length, stored.bodies, stored.unusedPieces]).toEqual([1, 1, 1, 0]);
  expect(stored.sessions[0]?.url).toMatch(/^http:/);
  await until(async () => (await titles(frame)).join() === 'next', () => 'the panel shows the next call');
  await page.close();
});

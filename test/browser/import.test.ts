/** A file saved by the panel is read again: the same tree and words, in a session of its own beside what was recorded. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runScenario } from '../lab/drive-demo.ts';
import { startDemoWithPanel, type DemoWithPanel } from './demo-ground.ts';
import type { DevtoolsPanel } from './devtools-panel.ts';
import type { Launched } from './launch.ts';
import { exportFrom, openTrace, tracesSettled, treeRows } from './panel-dom.ts';

let ground: DemoWithPanel;
let launched: Launched;
let panel: DevtoolsPanel;
let folder: string;
let text: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanlight-import-'));
  ground = await startDemoWithPanel(20);
  const { page } = ground;
  ({ launched, panel } = ground);
  for (const id of ['agent-anthropic', 'rag'] as const) await runScenario(page, id);
  await tracesSettled(panel.frame, 2);
  ({ text } = await exportFrom(launched, panel.frame, 'everything'));
});
afterAll(async () => {
  await ground?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Chooses a file as a person does. */
async function importText(name: string, content: string): Promise<void> {
  const file = join(folder, name);
  await writeFile(file, content);
  const input = await panel.frame.waitForSelector('[data-testid="import-file"]', { hidden: true });
  await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(file);
}

/** The tree, and what the detail of each row says in the tabs that do not show bytes. */
async function shown(words: string): Promise<Array<{ row: object; messages: string; why: string }>> {
  await openTrace(panel.frame, words);
  const rows = await treeRows(panel.frame);
  const all = [];
  for (const [index, row] of rows.entries()) {
    const item = (await panel.frame.$$('[role="treeitem"]'))[index];
    const span = await item?.evaluate((element) => element.getAttribute('data-span'));
    await item?.click();
    const tab = async (id: string, wait: string): Promise<string> => {
      await (await panel.frame.waitForSelector(`[role="tab"][data-tab="${id}"]`))?.click();
      await panel.frame.waitForSelector(`[data-testid="detail"][data-span="${span}"] ${wait}`);
      return panel.frame.$eval('[role="tabpanel"]', (element) => (element as HTMLElement).innerText);
    };
    all.push({ row, why: await tab('why', '[data-testid="why"]'), messages: await tab('messages', '.message-body:not(:has(.empty))') });
  }
  return all;
}

/** Opens the imported session's trace: its row is the one below the session's line. */
const importedSession = (name: string): Promise<unknown> => panel.frame.waitForSelector(`::-p-xpath(//*[@data-testid="session"][contains(., ${JSON.stringify(name)})])`);

test('the same tree and words come back beside the live ones, and the file saved again is the same', async () => {
  const before = { agent: await shown('ryokan'), rag: await shown('stroller') };
  await importText('saved.json', text);
  await importedSession('Imported · saved.json');
  const live = await panel.frame.$$eval('[data-trace]', (rows) => rows.length);
  expect(live).toBe(4);
  // Both have the same trace ids: what is marked as shown is the import's.
  expect(await panel.frame.evaluate(() => {
    const shown = [...document.querySelectorAll('[data-trace][aria-selected="true"]')];
    const session = [...document.querySelectorAll('[data-testid="session"]')].find(({ textContent }) => textContent?.includes('Imported · saved.json'));
    return shown.map((row) => row.getBoundingClientRect().top > (session?.getBoundingClientRect().top ?? Infinity));
  })).toEqual([true]);
  await panel.frame.click('[data-testid="clear"]'); // what is shown now is the import: it goes, and the live ones stay
  await panel.frame.waitForFunction(() => document.querySelectorAll('[data-trace]').length === 2 && !document.body.innerText.includes('Imported'));
  expect(await shown('ryokan')).toEqual(before.agent);

  await panel.frame.click('[data-testid="clear"]');
  await panel.frame.waitForFunction(() => document.querySelectorAll('[data-trace]').length === 0);
  await importText('again.json', text);
  await importedSession('Imported · again.json');
  expect(await shown('ryokan')).toEqual(before.agent);
  expect(await shown('stroller')).toEqual(before.rag);
  const { text: again } = await exportFrom(launched, panel.frame, 'session');
  expect(again).toBe(text);
  await (await panel.frame.waitForSelector('[role="tab"][data-tab="raw"]'))?.click();
  await panel.frame.waitForSelector('[data-testid="raw-imported"]');
});

test('a cut file: what was whole is kept, and the place and the cause are said', async () => {
  const lines = text.split('\n');
  const cut = [...lines.slice(0, 4), lines[4]?.slice(0, 40)].join('\n');
  await importText('cut.json', cut);
  await panel.frame.waitForFunction(() => /spans? of cut\.json (?:is|are) kept; not all of it could be read\. line 5/i.test(document.querySelector('.complaint')?.textContent ?? ''));
  await importedSession('Imported · cut.json');
});

test('a file of another kind: nothing is stored, and it is said what to choose', async () => {
  await importText('notes.json', 'Dear diary');
  await panel.frame.waitForFunction(() => document.querySelector('.complaint')?.textContent?.includes('notes.json holds no span that could be read. ') === true);
  expect(await panel.frame.evaluate(() => document.body.innerText.includes('Imported · notes.json'))).toBe(false);
});

/** A person types words that stood in a tool's result and lands on the call that brought it, with the words in view. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runScenario } from '../lab/drive-demo.ts';
import { startDemoWithPanel, type DemoWithPanel } from './demo-ground.ts';
import { tracesSettled } from './panel-dom.ts';

const OUTPUT = join(import.meta.dirname, '../output/search');

let ground: DemoWithPanel;
beforeAll(async () => {
  await mkdir(OUTPUT, { recursive: true });
  ground = await startDemoWithPanel(20);
  await runScenario(ground.page, 'chat-openai');
  await runScenario(ground.page, 'agent-openai');
  await tracesSettled(ground.panel.frame, 2);
});
afterAll(async () => { await ground?.close(); });

/** Types into the empty filter box. */
async function type(words: string): Promise<void> {
  const { frame } = ground.panel;
  await frame.focus('[data-testid="filter"]');
  await frame.evaluate(() => { (document.activeElement as HTMLInputElement).select(); });
  await frame.type('[data-testid="filter"]', words);
}

const foundLines = (count: number): Promise<string[]> => ground.panel.frame.waitForFunction((least: number) => {
  const lines = [...document.querySelectorAll('[data-testid="found"]')];
  const isDone = [...document.querySelectorAll('.list-hint')].some(({ textContent }) => /^In the text of \d+ traces?$|^In no text$/.test(textContent ?? ''));
  return isDone && lines.length === least ? lines.map(({ textContent }) => textContent ?? '') : false;
}, { polling: 50, timeout: 20_000 }, count).then((lines) => lines.jsonValue() as Promise<string[]>);

/** The words that are marked in the detail, once they are in view. */
const marked = (words: string): Promise<unknown> => ground.panel.frame.waitForFunction((expected: string) => {
  const [range] = CSS.highlights.get('found') ?? [];
  if (!(range instanceof Range) || range.toString().toLowerCase() !== expected) return false;
  const { top, bottom } = range.getBoundingClientRect();
  const pane = range.startContainer.parentElement?.closest('[role="tabpanel"]')?.getBoundingClientRect();
  return pane !== undefined && top >= pane.top && bottom <= pane.bottom;
}, { polling: 50, timeout: 20_000 }, words);

const callsInTree = (): Promise<Array<string | null>> => ground.panel.frame.$$eval('[role="treeitem"][data-kind="LLM"]', (rows) => rows.map((row) => row.getAttribute('data-span')));

async function pictures(name: string): Promise<void> {
  const { panel } = ground;
  for (const width of [1400, 400]) {
    await panel.resize(width, width > 600 ? 620 : 760);
    for (const theme of ['light', 'dark'] as const) {
      await panel.theme(theme);
      await panel.frame.waitForSelector(`[data-theme="${theme}"]`);
      await new Promise((resolve) => { setTimeout(resolve, 400); });
      await panel.picture(join(OUTPUT, `${name}-${theme}-${width}.png`));
    }
    const [inner, room] = await panel.frame.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(inner, `${name} at ${width} px sticks out sideways`).toBeLessThanOrEqual(room ?? 0);
  }
  await panel.resize(1400, 900);
}

test('words of a tool result: the trace is told with the place, a click goes to the call that brought it and shows them', async () => {
  const { panel: { frame } } = ground;
  await type('sk4671');
  const [line] = await foundLines(1);
  expect(line).toContain('Find me a sunny weekend');
  expect(line).toContain('tool result');
  expect(await frame.$eval('[data-testid="found"] mark', (mark) => mark.textContent)).toBe('SK4671');
  await frame.click('[data-testid="found"]');
  await marked('sk4671');
  const shown = await frame.$eval('[data-testid="detail"]', (detail) => detail.getAttribute('data-span'));
  // The tree is filtered by the same words: it shows the call that was found.
  expect(await callsInTree()).toEqual([shown]);
  await pictures('found');
  await type('kind:llm');
  await frame.waitForFunction(() => document.querySelectorAll('[role="treeitem"][data-kind="LLM"]').length > 1, { polling: 50 });
  // The second of its calls carries the result.
  expect((await callsInTree()).indexOf(shown)).toBe(1);
});

test('by keyboard alone; what no text holds is said; without words nothing is looked for', async () => {
  const { panel: { frame } } = ground;
  await type('weekend in lisbon');
  expect((await foundLines(2)).every((line) => line.includes('eekend in Lisbon'))).toBe(true);
  await frame.focus('[data-testid="trace-list"]');
  await ground.panel.devtools.keyboard.press('Home');
  await frame.waitForFunction(() => document.querySelector('[data-testid="found"]')?.getAttribute('data-at') === 'true', { polling: 50 });
  await marked('weekend in lisbon');
  await type('no such words anywhere');
  expect(await foundLines(0)).toEqual([]);
  await type('kind:llm');
  await frame.waitForFunction(() => document.querySelector('.list-hint') === null, { polling: 50 });
  await frame.focus('[data-testid="filter"]');
  await ground.panel.devtools.keyboard.press('Escape');
  await frame.waitForFunction(() => document.querySelector('[data-testid="found"]') === null && document.querySelectorAll('[data-trace]').length === 2, { polling: 50 });
});

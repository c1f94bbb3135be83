/** A tab session of 50,000 spans in the real panel: all of them are within reach, and only what is seen is on the page. */
import type { KeyInput } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { press } from '../lab/drive-demo.ts';
import { manyRows, manyTraces } from '../lab/panel-story/many-rows.ts';
import { totalsAfter } from '../../lib/store/trace-summary.ts';
import { startDemoWithPanel, type DemoWithPanel } from './demo-ground.ts';
import type { DevtoolsPanel } from './devtools-panel.ts';
import type { Launched } from './launch.ts';
import { openTrace, tracesSettled, treeRows } from './panel-dom.ts';
import { storedWhen } from './stored.ts';
import { traceOf } from '../store/trace-of-spans.ts';

const TREE = 30_000;
const TRACES = 4_000;
/** px of a row, as people see them */
const ROW = 22;
const TRACE = 44;
/** More than a window of 900 px holds, far less than there are. */
const FEW = 80;

let ground: DemoWithPanel;
let launched: Launched;
let panel: DevtoolsPanel;

beforeAll(async () => {
  ground = await startDemoWithPanel(20);
  ({ launched, panel } = ground);
  await press(ground.page, 'chat-whole');
  await tracesSettled(panel.frame, 1);
  await seed([...manyRows(TREE), ...manyTraces(TRACES)]);
});
afterAll(async () => {
  await ground?.close();
});

/** Typed arrays as text, for the way into the page. */
const plain = (_: string, value: unknown): unknown => ArrayBuffer.isView(value) ? { $array: value.constructor.name, bytes: new Uint8Array(value.buffer).toBase64() } : value;

/** Rows as the recorder writes them, for the tab's session; then its note, so that the panel reads them. */
async function seed(rows: readonly SpanRow[]): Promise<void> {
  const origin = await launched.originPage();
  const { sessions: [session] } = await storedWhen(origin, ({ exchanges }) => exchanges.some(({ end }) => end), 'the call has an end');
  if (!session) throw new Error('no session');
  let { rev, totals } = session;
  const traces = [...Map.groupBy(rows, ({ traceId }) => traceId)];
  for (let at = 0; at < traces.length; at += 1_000) {
    rev++; // the panel may look in between
    const spans = traces.slice(at, at + 1_000).flatMap(([, own]) => own.map((row) => ({ ...row, source: session.id, rev })));
    const made = traces.slice(at, at + 1_000).map(([traceId, own]) => traceOf(session.id, traceId, own.map((row) => ({ ...row, source: session.id, rev })), rev));
    for (const { row } of made) totals = totalsAfter(totals, undefined, row);
    const stores = { sessions: [{ ...session, rev, totals }], spans, traces: made.map(({ row }) => row), outlines: made.flatMap(({ blocks }) => blocks) };
    await origin.evaluate(async (text) => {
      const arrays = { Uint8Array, Uint16Array, Uint32Array, Float64Array };
      const stores = JSON.parse(text, (_, value: { $array?: keyof typeof arrays; bytes?: string } | null) => value?.$array ? new arrays[value.$array](Uint8Array.fromBase64(value.bytes ?? '').buffer) : value) as Record<string, unknown[]>;
      const opening = indexedDB.open('spanlight');
      await new Promise((resolve) => { opening.addEventListener('success', resolve); });
      const tx = opening.result.transaction(Object.keys(stores), 'readwrite');
      for (const [store, rows] of Object.entries(stores)) for (const row of rows) tx.objectStore(store).put(row);
      await new Promise((resolve, reject) => {
        tx.addEventListener('complete', resolve);
        tx.addEventListener('abort', () => reject(new Error(String(tx.error))));
      });
      opening.result.close();
    }, JSON.stringify(stores, plain));
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none
  await origin.evaluate((note) => { new BroadcastChannel('spanlight:changes').postMessage(note); }, { session: session.id, rev });
  await panel.frame.waitForFunction(() => document.querySelector('[data-testid="status-bar"]')?.textContent?.startsWith('4,002 traces50.0k spans'), { polling: 100 });
}

/** Waits until React has drawn what the last act asked for. */
const drawn = (): Promise<unknown> => panel.frame.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))); }));
async function keys(...pressed: KeyInput[]): Promise<void> {
  for (const key of pressed) {
    await panel.devtools.keyboard.press(key);
    await drawn();
  }
}
async function filter(text: string): Promise<void> {
  await panel.frame.focus('[data-testid="filter"]');
  await panel.frame.$eval('[data-testid="filter"]', (box) => { (box as HTMLInputElement).select(); });
  await panel.devtools.keyboard.press('Backspace');
  if (text !== '') await panel.frame.type('[data-testid="filter"]', text);
  await drawn();
}
async function scrollTo(selector: string, top: number): Promise<void> {
  await panel.frame.$eval(selector, (scroller, top) => { scroller.scrollTop = top; }, top);
  await drawn();
}
const heightOf = (selector: string): Promise<number> => panel.frame.$eval(selector, (element) => element.getBoundingClientRect().height);
/** Numbers of the tree's rows that are on the page, from the top. */
async function drawnRows(): Promise<number[]> {
  return (await panel.frame.$$eval('[role="treeitem"]', (rows) => rows.map((row) => Number.parseInt(row.getAttribute('data-span') ?? '', 16)))).toSorted((a, b) => a - b);
}
const spanId = (index: number): string => index.toString(16).padStart(16, '0');
const chosen = (): Promise<string | null> => panel.frame.$eval('[role="treeitem"][aria-selected="true"]', (row) => row.getAttribute('data-span'));

async function openLarge(): Promise<void> {
  await filter('"crawl the whole"');
  await openTrace(panel.frame, 'Crawl the whole documentation');
  await filter('');
}

test('the list holds what is seen of 4,002 traces, and any of them is found', async () => {
  const titles = (): Promise<string[]> => panel.frame.$$eval('[data-trace]', (rows) => rows.map((row) => row.querySelector('.list-title .cut')?.textContent ?? ''));
  expect(await heightOf('.trace-list-space')).toBeGreaterThan(TRACES * TRACE);
  for (const part of [0, 0.5, 1]) {
    await scrollTo('[data-testid="trace-list"]', part * TRACES * TRACE);
    // What was not read yet comes now.
    await panel.frame.waitForFunction(() => document.querySelectorAll('[data-trace]').length > 10, { polling: 20 });
    const seen = await titles();
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.length).toBeLessThan(FEW);
    if (part === 0.5) expect(seen.some((title) => /^Question (19[89]\d|20[01]\d)$/.test(title))).toBe(true);
  }
  await filter('"question 1234"');
  expect(await titles()).toEqual(['Question 1234']);
  await openTrace(panel.frame, 'Question 1234');
  await filter('');
  expect((await treeRows(panel.frame)).map(({ kind }) => kind)).toEqual(['AGENT', 'LLM', 'TOOL', 'TOOL', 'LLM']);
});

test('the tree holds what is seen of 30,000 rows, wherever one scrolls', async () => {
  await openLarge();
  expect(await heightOf('.tree-space')).toBe(TREE * ROW);
  for (const index of [0, 14_000, TREE]) {
    await scrollTo('[data-testid="trace-tree"]', index * ROW);
    const rows = await drawnRows();
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.length).toBeLessThan(FEW);
    expect(rows).toEqual(rows.map((_, place) => (rows[0] ?? 0) + place));
    expect(rows).toContain(Math.min(index + 10, TREE - 1));
  }
  await panel.frame.focus('[data-testid="trace-tree"]');
  await keys('Home');
  expect(await chosen()).toBe(spanId(0));
  await keys('End');
  expect(await chosen()).toBe(spanId(TREE - 1));
  expect((await drawnRows()).length).toBeLessThan(FEW);
});

test('among them a word, a kind and a fold leave what they should', async () => {
  await openLarge();
  await filter('step_15000(');
  expect(await drawnRows()).toEqual([0, 14_961, 15_000]);
  await filter('');
  await panel.frame.click('[data-chip="tool"]');
  await drawn();
  expect(await heightOf('.tree-space')).toBe((1 + 750 + toolsAmong(TREE)) * ROW);
  expect((await drawnRows()).length).toBeLessThan(FEW);
  await panel.frame.click('[data-chip="all"]');
  await panel.frame.focus('[data-testid="trace-tree"]');
  await keys('Home', 'ArrowLeft');
  expect(await drawnRows()).toEqual([0]);
  await keys('ArrowRight');
  expect(await heightOf('.tree-space')).toBe(TREE * ROW);
});

const toolsAmong = (count: number): number => manyRows(count).filter(({ kind }) => kind === 'TOOL').length;

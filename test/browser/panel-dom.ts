/** The panel as a user handles it: traces, rows, export. The one place of the tests that knows its markup. */
import type { Frame } from 'puppeteer-core';
import type { Launched } from './launch.ts';

export interface PanelRow { kind: string; label: string; level: number; tokens: string; status: string; running: boolean }

/** Resolves when the list shows at least `count` traces and none of those on screen is running. */
export async function tracesSettled(frame: Frame, count: number): Promise<void> {
  await frame.waitForFunction((least: number) => document.querySelectorAll('[data-trace]').length >= least && document.querySelector('[data-trace] .live-dot') === null, { timeout: 60_000, polling: 100 }, count);
}

/** The traces of the list, as far as they are on screen. */
export function panelTraces(frame: Frame): Promise<Array<{ title: string; running: boolean }>> {
  return frame.$$eval('[data-trace]', (rows) => rows.map((row) => ({
    title: row.querySelector('.list-title .cut')?.textContent ?? '',
    running: row.querySelector('.live-dot') !== null,
  })));
}

/** Opens the trace whose title holds `words` and waits for its tree. */
export async function openTrace(frame: Frame, words: string): Promise<void> {
  const row = await frame.waitForSelector(`::-p-xpath(//*[@data-trace][contains(., ${JSON.stringify(words)})])`);
  const traceId = await row?.evaluate((element) => element.getAttribute('data-trace'));
  await row?.click();
  await treeOf(frame, traceId ?? '');
}

/** Waits until the list and the tree show this trace. */
async function treeOf(frame: Frame, traceId: string): Promise<void> {
  await frame.waitForSelector(`[data-trace="${traceId}"][aria-selected="true"]`);
  await frame.waitForSelector(`[data-of="${traceId}"] [role="treeitem"]`);
}

/** The rows of the open trace, as far as they are on screen. */
export function treeRows(frame: Frame): Promise<PanelRow[]> {
  return frame.$$eval('[role="treeitem"]', (rows) => rows.map((row) => ({
    kind: row.getAttribute('data-kind') ?? '',
    label: row.querySelector('.tree-label')?.textContent ?? '',
    level: Number(row.getAttribute('aria-level')),
    tokens: row.querySelector('.tree-tokens')?.textContent ?? '',
    status: row.getAttribute('data-status') ?? '',
    running: row.getAttribute('data-running') === 'true',
  })));
}

/** Saves by the panel's own menu and resolves with what was downloaded. */
export async function exportFrom(launched: Launched, frame: Frame, what: 'trace' | 'session' | 'everything'): Promise<{ name: string; text: string }> {
  await frame.click('[data-testid="export"]');
  const item = await frame.waitForSelector(`[data-testid="export-${what}"]:enabled`);
  return launched.download(async () => item?.click());
}

const TABS = ['messages', 'timing', 'raw', 'attributes', 'why'] as const;

/** The panel's whole markup in every view a person can reach: each trace, each row, each tab, everything unfolded. */
export async function everyView(frame: Frame): Promise<Array<{ place: string; text: string }>> {
  const views: Array<{ place: string; text: string }> = [];
  const look = async (place: string): Promise<void> => {
    views.push({ place, text: await frame.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((box) => (box as HTMLInputElement).value).join(' ')) });
  };
  const traces = await frame.$$eval('[data-trace]', (rows) => rows.map((row) => row.getAttribute('data-trace') ?? ''));
  for (const trace of traces) {
    await frame.click(`[data-trace="${trace}"]`);
    await treeOf(frame, trace);
    for (const span of await frame.$$eval('[role="treeitem"]', (rows) => rows.map((row) => row.getAttribute('data-span') ?? ''))) {
      await frame.click(`[role="treeitem"][data-span="${span}"]`);
      await frame.waitForSelector(`[data-testid="detail"][data-span="${span}"]`);
      for (const tab of TABS) {
        await frame.click(`[data-tab="${tab}"]`);
        await frame.waitForFunction((shown: string) => {
          const panel = document.querySelector(`[data-tab-panel="${shown}"]`);
          return panel !== null && panel.childElementCount > 0;
        }, { polling: 20 }, tab);
        await frame.$$eval('.message-fold[aria-expanded="false"]', (folds) => { for (const fold of folds) (fold as HTMLElement).click(); });
        await look(`panel: ${trace}, ${span}, ${tab}`);
        if (tab !== 'raw') continue;
        await frame.$$eval('[data-tab-panel="raw"] [aria-pressed="true"]', (buttons) => { for (const button of buttons) (button as HTMLElement).click(); });
        await look(`panel: ${trace}, ${span}, raw as on the wire`);
      }
    }
  }
  return views;
}

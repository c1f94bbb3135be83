/** Whether the panel, in real DevTools, shows calls with the end they had. */
import type { Frame, Page } from 'puppeteer-core';
import type { EndCause } from '../../lib/model/record.ts';
import { openPanel, type DevtoolsPanel } from '../browser/devtools-panel.ts';
import { panelTraces } from '../browser/panel-dom.ts';
import { until } from '../browser/stored.ts';

/** What the panel says beside a call that ended so, in words of its own. */
const SAYS: Partial<Record<EndCause, RegExp | undefined>> = {
  page_left: /page left in mid-answer/,
  recorder_gone: /recording ended in mid-answer/,
  cut: /answer cut by the network/,
  complete: undefined,
};

/** An end, and whether bytes of it are not stored. */
export interface Shown { how: EndCause; missing: number }

/** Everything of the list is on screen. */
const TALL = 4_000;

export async function panelOf(page: Page): Promise<DevtoolsPanel> {
  await page.bringToFront();
  const panel = await openPanel(page);
  await panel.resize(1200, TALL);
  return panel;
}

/** @param calls by the words the user asked with, which are their titles
 *  @returns what is not as it must be */
export async function panelTells(frame: Frame, calls: ReadonlyMap<string, Shown>): Promise<string[]> {
  const titled = async (): Promise<Set<string>> => new Set((await panelTraces(frame)).filter(({ running }) => !running).map(({ title }) => title));
  let shown = new Set<string>();
  await until(async () => {
    await frame.$$eval('[data-fold][aria-expanded="false"]', (folds) => { for (const fold of folds) (fold as HTMLElement).click(); });
    shown = await titled();
    return [...calls.keys()].every((name) => shown.has(name));
  }, () => `the panel shows ${[...calls.keys()].filter((name) => !shown.has(name)).join(', ')} with an end; it shows ${[...shown].join(', ')}`);
  const faults: string[] = [];
  for (const [name, { how, missing }] of calls) {
    const found = await openNamed(frame, name);
    const word = SAYS[how];
    if (found.traces !== 1) faults.push(`${name}: the panel shows it ${found.traces} times`);
    if (found.running) faults.push(`${name}: the panel's tree shows it running`);
    if (word ? !word.test(found.findings) : Object.values(SAYS).some((other) => other?.test(found.findings))) faults.push(`${name} ended ${how}, the panel says: ${found.findings}`);
    if (missing > 0 && !word && !found.findings.includes('of it are not recorded')) faults.push(`${name}: the panel does not say that ${missing} bytes are missing: ${found.findings}`);
  }
  return faults;
}

/** Clicks the trace, and tells what is shown then. */
function openNamed(frame: Frame, name: string): Promise<{ traces: number; running: boolean; findings: string }> {
  return frame.evaluate(async (name: string) => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it runs in the page
    const drawn = (): Promise<unknown> => new Promise((resolve) => { requestAnimationFrame(() => { setTimeout(resolve); }); });
    const rows = [...document.querySelectorAll<HTMLElement>('[data-trace]')].filter((row) => row.querySelector('.list-title .cut')?.textContent === name);
    const [row] = rows;
    row?.click();
    const trace = row?.dataset['trace'] ?? '';
    for (let turn = 0; turn < 200 && !(document.querySelector(`[data-trace="${trace}"][aria-selected="true"]`) && document.querySelector('[role="treeitem"]')); turn++) await drawn();
    await drawn();
    const running = [...document.querySelectorAll('[role="treeitem"]')].some((line) => line.getAttribute('data-running') === 'true');
    return { traces: rows.length, running, findings: document.querySelector('[data-testid="findings"]')?.textContent ?? '' };
  }, name);
}

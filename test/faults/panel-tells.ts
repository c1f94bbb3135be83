/** Whether the panel, in real DevTools, shows calls with the end they had. */
import type { Frame, Page } from 'puppeteer-core';
import type { EndCause } from '../../lib/model/record.ts';
import { openPanel, type DevtoolsPanel } from '../browser/devtools-panel.ts';
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

export async function panelOf(page: Page): Promise<DevtoolsPanel> {
  await page.bringToFront();
  const panel = await openPanel(page);
  await panel.resize(1200, 700);
  return panel;
}

/** @param calls by the words the user asked with, which are their titles
 *  @returns what is not as it must be */
export async function panelTells(frame: Frame, calls: ReadonlyMap<string, Shown>): Promise<string[]> {
  let listed: Line[] = [];
  const hasEnded = (name: string): boolean => listed.some(({ title, running }) => title === name && !running);
  await until(async () => {
    listed = await readList(frame, []);
    return [...calls.keys()].every(hasEnded);
  }, () => `the panel shows ${[...calls.keys()].filter((name) => !hasEnded(name)).join(', ')} with an end; it shows ${listed.map(({ title, running }) => title + (running ? ' (running)' : '')).join(', ')}`);
  const faults: string[] = [];
  const lines = await readList(frame, [...calls.keys()]);
  for (const [name, { how, missing }] of calls) {
    const own = lines.filter(({ title }) => title === name);
    const [{ tree, findings } = { tree: 'nothing', findings: '' }] = own;
    const word = SAYS[how];
    if (own.length !== 1) faults.push(`${name}: the panel shows it ${own.length} times`);
    if (tree !== 'ended') faults.push(`${name}: the panel's tree shows ${tree}`);
    if (word ? !word.test(findings) : Object.values(SAYS).some((other) => other?.test(findings))) faults.push(`${name} ended ${how}, the panel says: ${findings}`);
    if (missing > 0 && !word && !findings.includes('of it are not recorded')) faults.push(`${name}: the panel does not say that ${missing} bytes are missing: ${findings}`);
  }
  return faults;
}

/** A trace of the list; of one that was opened, what its tree shows and what is said above it. */
interface Line { title: string; running: boolean; tree: 'nothing' | 'running' | 'ended'; findings: string }

/** The whole list as a user comes to see it: unfolded and scrolled through, older traces waited for, those titled so clicked. */
function readList(frame: Frame, opened: string[]): Promise<Line[]> {
  return frame.evaluate(async (opened: string[]) => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it runs in the page
    const drawn = (): Promise<unknown> => new Promise((resolve) => { requestAnimationFrame(() => { setTimeout(resolve); }); });
    const open = async (row: HTMLElement, trace: string): Promise<Pick<Line, 'tree' | 'findings'>> => {
      const items = (): Element[] => [...document.querySelectorAll(`[data-of="${trace}"] [role="treeitem"]`)];
      row.click();
      for (let turn = 0; turn < 200 && !(document.querySelector(`[data-trace="${trace}"][aria-selected="true"]`) && items().length > 0); turn++) await drawn();
      await drawn();
      const tree = items().length === 0 ? 'nothing' : items().some((item) => item.getAttribute('data-running') === 'true') ? 'running' : 'ended';
      return { tree, findings: document.querySelector('[data-testid="findings"]')?.textContent ?? '' };
    };
    const lines = new Map<string, Line>();
    const list = document.querySelector('[data-testid="trace-list"]');
    if (!list) return [];
    list.scrollTop = 0;
    for (let [turn, below] = [0, true]; below && turn < 5_000; turn++) {
      await drawn();
      const fold = list.querySelector<HTMLElement>('[data-fold][aria-expanded="false"]');
      fold?.click();
      if (fold || list.querySelector('[data-testid="more"]')) continue;
      // One at a time: while a trace opens the lines may be drawn anew.
      const row = [...list.querySelectorAll<HTMLElement>('[data-trace]')].find(({ dataset }) => !lines.has(dataset['trace'] ?? ''));
      if (row) {
        const trace = row.dataset['trace'] ?? '';
        const title = row.querySelector('.list-title .cut')?.textContent ?? '';
        const running = row.querySelector('.live-dot') !== null;
        lines.set(trace, { title, running, ...opened.includes(title) ? await open(row, trace) : { tree: 'nothing', findings: '' } });
        continue;
      }
      below = list.scrollTop + list.clientHeight < list.scrollHeight - 1;
      list.scrollTop += list.clientHeight / 2;
    }
    return [...lines.values()];
  }, opened);
}

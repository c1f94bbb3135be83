/** While nothing is recorded nothing wakes the worker: an allowed page is open that fetches all the time, and no model. */
import type { Page } from 'puppeteer-core';
import { openPanel } from '../browser/devtools-panel.ts';
import { launch } from '../browser/launch.ts';
import { watchWorker } from '../browser/nothing-lost/worker.ts';
import { ceilingRow, type BenchRow } from './report.ts';
import { serveAt } from './server.ts';

const WATCHED_MS = 60_000;
/** A panel that was opened just now asks how things are. */
const SETTLED_MS = 3_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** In the page: fetches without end, as pages do. Returns at once. */
function fetchOn(): void {
  setInterval(() => {
    void fetch('/data');
    void fetch('/log', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ event: 'scroll', at: Date.now() }) });
  }, 500);
}

/** How often the worker started in that time. */
async function startsOf(origin: string, withPanel: boolean): Promise<number> {
  const launched = await launch();
  try {
    const worker = await watchWorker(await launched.originPage());
    const page: Page = await launched.browser.newPage();
    await page.goto(origin);
    await page.evaluate(fetchOn);
    if (withPanel) await openPanel(page, { docked: true });
    await pause(SETTLED_MS);
    await worker.stop();
    const before = worker.starts();
    await pause(WATCHED_MS);
    const starts = worker.starts() - before;
    // It would have been seen: this wakes it.
    await page.evaluate(() => fetch('/v1/chat/completions', { method: 'POST', body: '{"model":"m","messages":[]}' }).then((response) => response.text()));
    await worker.running();
    if (worker.starts() !== before + starts + 1) throw new Error('a start of the worker was not seen');
    return starts;
  } finally {
    await launched.close();
  }
}

export async function idleRows(): Promise<BenchRow[]> {
  const server = await serveAt(['127.0.0.1']);
  try {
    const starts = await Promise.all([false, true].map((withPanel) => startsOf(server.origins[0] ?? '', withPanel)));
    return starts.map((count, i) => ceilingRow(`starts of the worker in a minute, a page open that calls no model, panel ${i === 0 ? 'closed' : 'open'}`, 'starts', count, 0, { samples: 1 }));
  } finally {
    server.close();
  }
}

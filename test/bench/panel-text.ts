/** How soon the text of a chunk that the page has read is in the panel: real DevTools, the running call selected. */
import type { Page } from 'puppeteer-core';
import { openPanel, type DevtoolsPanel } from '../browser/devtools-panel.ts';
import { launch } from '../browser/launch.ts';
import { readMarks, watchForMarks, wallClock, type Mark } from './marks.ts';
import { ceilingRow, type BenchRow } from './report.ts';
import { serveAt } from './server.ts';
import { quantile, quartiles } from './statistics.ts';

const STREAMS = 4;
const CHUNKS = 60;
/** 50 chunks a second, as a fast model sends */
const PAUSE_MS = 20;

/** ms from reading to panel of every chunk of one stream. Throws when the call is not shown or a chunk never appears. */
async function delaysOf(page: Page, panel: DevtoolsPanel, mark: string): Promise<number[]> {
  const reading = page.evaluate(readMarks, `/v1/chat/completions?chunks=${CHUNKS}&pause=${PAUSE_MS}&mark=${mark}`, mark);
  await panel.frame.waitForSelector('[data-testid="trace-tree"] [data-kind="LLM"][data-running="true"][aria-selected="true"]');
  const read = await reading;
  await panel.frame.waitForFunction((mark, count) => window.benchMarks.filter(({ name }) => name.startsWith(mark)).length >= count, { timeout: 10_000 }, mark, CHUNKS);
  const shown = new Map((await panel.frame.evaluate(() => window.benchMarks)).map(({ name, at }) => [name, at]));
  return read.map(({ name, at }: Mark) => (shown.get(name) ?? Number.NaN) - at);
}

/** Measures over several streams; the figure is the 95th percentile. */
export async function benchPanelText(): Promise<BenchRow> {
  const server = await serveAt(['127.0.0.1']);
  const launched = await launch();
  try {
    const page = await launched.browser.newPage();
    await page.goto(server.origins[0] ?? '');
    const panel = await openPanel(page, { docked: true });
    // Two renderers, two clocks: each is set against the machine's.
    await page.evaluate(wallClock);
    await panel.frame.evaluate(wallClock);
    await panel.frame.evaluate(watchForMarks);
    const delays: number[] = [];
    for (let stream = 0; stream <= STREAMS; stream++) {
      const measured = await delaysOf(page, panel, `s${stream}n`);
      // The first one wakes the worker and warms everything up.
      if (stream > 0) delays.push(...measured);
    }
    return ceilingRow('chunk read by the page until its text is in the panel, p95', 'ms', quantile(delays, 0.95), 200, { samples: delays.length, spread: quartiles(delays) });
  } finally {
    await launched.close();
    server.close();
  }
}

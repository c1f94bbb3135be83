/** A worker that slept is woken by a call: from the relay's first message until the last record of it is stored. With much
 *  stored and with little, in two browsers side by side. */
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { launch, type Launched } from '../browser/launch.ts';
import { watchRelay, type RelayWatch } from '../browser/nothing-lost/relay-watch.ts';
import { watchWorker, type Worker } from '../browser/nothing-lost/worker.ts';
import { until } from '../browser/stored.ts';
import { bundled } from './bundle.ts';
import { comparisonRow, percentileRow, type BenchRow } from './report.ts';
import { playRounds } from './rounds.ts';
import { serveAt } from './server.ts';

/** of 1,000 spans each */
const SESSIONS = 100;
const ROUNDS = 25;
const WAKE_MS = 150;
/** What follows a start (who still lives, what must go) is over by then. */
const CALM_MS = 400;

interface Side { launched: Launched; page: Page; worker: Worker; relay: RelayWatch }

async function open(origin: string, sessions: number, fill: string): Promise<Side> {
  const launched = await launch();
  const own = await launched.originPage();
  await own.evaluate(fill);
  const spans = await own.evaluate((sessions) => window.fillJobs.fill(sessions), sessions);
  if (spans < sessions * 1_000) throw new Error(`${spans} spans in ${sessions} sessions`);
  const page = await launched.browser.newPage();
  await page.goto(origin);
  return { launched, page, worker: await watchWorker(own), relay: await watchRelay(page) };
}

/** ms */
async function wakeBy({ page, worker, relay }: Side): Promise<number> {
  await new Promise((resolve) => { setTimeout(resolve, CALM_MS); });
  await worker.stop();
  const before = (await relay.messages()).length;
  await page.evaluate(async () => {
    const response = await fetch('/v1/chat/completions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: `How many waves? ${Math.random()}` }] }) });
    await response.json();
  });
  let took = Number.NaN;
  await until(async () => {
    const messages = (await relay.messages()).slice(before);
    const last = messages.find(({ hasEnd, answer }) => hasEnd && answer === 'acknowledged');
    if (last?.answeredMs !== undefined && messages[0]) took = last.answeredMs - messages[0].sentMs;
    return !Number.isNaN(took);
  }, () => 'the call is stored');
  return took;
}

export async function wakeRows(): Promise<BenchRow[]> {
  const fill = await bundled(join(import.meta.dirname, 'fill-page.ts'));
  const server = await serveAt(['127.0.0.1']);
  const sides: Side[] = [];
  try {
    for (const sessions of [1, SESSIONS]) sides.push(await open(server.origins[0] ?? '', sessions, fill));
    const [small, large] = sides as [Side, Side];
    const turns = await playRounds(ROUNDS, { base: () => wakeBy(small), ours: () => wakeBy(large) });
    return [
      percentileRow('worker woken by a call until all of it is stored, 100,000 spans stored: median', 'ms', turns.ours, 0.5, WAKE_MS),
      comparisonRow('the same against 1,000 spans stored', 'ms', turns, 1.5, false),
    ];
  } finally {
    for (const { launched } of sides) await launched.close();
    server.close();
  }
}

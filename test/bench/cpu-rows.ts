/**
 * What twenty streams cost the extension's worker: CPU of its thread, task by task, as the browser's trace tells it (`tdur`: the
 * time the thread ran, not the time it waited for a core). How right that is shows a worker that burns a tenth of a core and does
 * nothing else: the trace of its thread against the operating system's account of its process. What the browser does for it in
 * other processes (IndexedDB's backend) is not the worker's; all of its own process is told beside.
 */
import type { WebWorker } from 'puppeteer-core';
import { launch, type Launched } from '../browser/launch.ts';
import { watchWorker } from '../browser/nothing-lost/worker.ts';
import { untilStored } from './recorded.ts';
import { ceilingRow, type BenchRow } from './report.ts';
import { serveAt } from './server.ts';
import { tasksBetween, traced } from './tasks.ts';

const STREAMS = 20;
const RATE = 100;
const SECONDS = 26;
/** of each stream, in the middle */
const MEASURED_MS = 20_000;
const MOST_PERCENT = 10;
const BURNT_MS = 8_000;

/** Names of this machine, five streams each. */
const HOSTS = ['127.0.0.1', 'localhost', 'one.test', 'two.test'];

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

interface Cost { /** percent of a core */ thread: number; process: number; longestMs: number }

/** ms of CPU of each process since its start. */
async function processes({ browser }: Launched): Promise<Map<number, number>> {
  const cdp = await browser.target().createCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  return new Map(processInfo.map(({ id, cpuTime }) => [id, cpuTime * 1000]));
}

/** What the worker's thread and process cost in that time. */
async function costOf(launched: Launched, worker: WebWorker, ms: number): Promise<Cost> {
  let [before, after] = [new Map<number, number>(), new Map<number, number>()];
  let took = 0;
  const trace = await traced(launched.browser, async () => {
    await worker.evaluate(() => { performance.mark('cost-from'); });
    before = await processes(launched);
    const begin = performance.now();
    await pause(ms);
    took = performance.now() - begin;
    after = await processes(launched);
    await worker.evaluate(() => { performance.mark('cost-to'); });
  });
  const tasks = tasksBetween(trace, 'cost-from', 'cost-to');
  const pid = tasks[0]?.pid ?? 0;
  const busy = (after.get(pid) ?? Number.NaN) - (before.get(pid) ?? Number.NaN);
  return { thread: 100 * tasks.reduce((sum, { cpu }) => sum + cpu, 0) / took, process: 100 * busy / took, longestMs: tasks.reduce((most, { cpu }) => Math.max(most, cpu), 0) };
}

/** In the worker: a tenth of a core from now on, by work that takes 2 ms when nothing disturbs it, every 20 ms. */
function burn(): void {
  let kept = 0; // else the loop could be left out
  const work = (times: number): void => { for (let i = 0; i < times; i++) kept = (kept + Math.sqrt(i)) % 1e6; };
  const times = 1_000_000;
  let least = Infinity;
  for (let n = 0; n < 60; n++) {
    const begin = performance.now();
    work(times);
    least = Math.min(least, performance.now() - begin);
  }
  let next = performance.now();
  const again = (): void => {
    for (next += 20; next < performance.now(); next += 20) work(times * 2 / least); // late: what was missed, too
    work(times * 2 / least);
    setTimeout(again, next - performance.now());
  };
  again();
}

/** In the page: reads all to the end. */
async function readAll(hosts: string[], streams: number, query: string): Promise<number> {
  const chunks = await Promise.all(Array.from({ length: streams }, async (_, n) => {
    const url = `http://${hosts[n % hosts.length]}:${location.port}/v1/chat/completions?${query}`;
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-5-mini', stream: true, messages: [{ role: 'user', content: `Count, ${n}` }] }) });
    const reader = response.body?.getReader();
    let read = 0;
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) read++;
    return read;
  }));
  return chunks.reduce((sum, count) => sum + count, 0);
}

export async function cpuRows(): Promise<BenchRow[]> {
  const server = await serveAt(['127.0.0.1']);
  const launched = await launch({ networkEnabled: false });
  try {
    const own = await launched.originPage();
    const origin = server.origins[0] ?? '';
    const page = await launched.browser.newPage();
    await page.goto(origin);
    const reading = page.evaluate(readAll, HOSTS, STREAMS, `rate=${RATE}&seconds=${SECONDS}`);
    await pause(2_000);
    const cost = await costOf(launched, await launched.worker(), MEASURED_MS);
    const chunks = await reading;
    await untilStored(own, origin, STREAMS);
    await page.close();

    // Anew, so that nothing of the streams is left to do.
    await (await watchWorker(own)).stop();
    await own.evaluate(() => { chrome.runtime.sendMessage({ type: 'status', tabId: 0 }).catch(() => {}); });
    const worker = await launched.worker();
    await pause(2_000);
    await worker.evaluate(burn);
    const burnt = await costOf(launched, worker, BURNT_MS);
    console.log(`cpu: ${chunks} reads of the page; longest task of the worker ${cost.longestMs.toFixed(0)} ms of CPU; a worker that burns a tenth of a core reads ${burnt.thread.toFixed(1)} %, its process ${burnt.process.toFixed(1)} %`);
    return [
      ceilingRow('20 streams of 100 chunks/s recorded: CPU of the worker', '% of a core', cost.thread, MOST_PERCENT, { samples: 1 }),
      ceilingRow('the same, all of its process (ours)', '% of a core', cost.process, 2 * MOST_PERCENT, { samples: 1 }),
      ceilingRow("how far off that is: a worker that burns a tenth of a core, against its process by the system's account (ours)", '%', Math.abs(100 - 100 * burnt.thread / burnt.process), 10, { samples: 1 }),
    ];
  } finally {
    await launched.close();
    server.close();
  }
}

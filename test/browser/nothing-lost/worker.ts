/** The extension's service worker as the browser sees it: whether it runs, and an end of it at any moment. */
import type { Page } from 'puppeteer-core';
import { until } from '../stored.ts';

type Status = 'stopped' | 'starting' | 'running' | 'stopping';

export interface Worker {
  status(): Status;
  /** How often it started while it was watched. */
  starts(): number;
  /** Resolves when it runs: at once, or when something wakes it. */
  running(): Promise<void>;
  /** Stops it in whatever it is doing. Resolves, once it is gone, with what it was before. */
  stop(): Promise<Status>;
  /** Stops it now and whenever something wakes it, until told otherwise. */
  keepDown(): void;
  letUp(): void;
}

/** @param origin a page of the extension's origin; watching wakes nobody */
export async function watchWorker(origin: Page): Promise<Worker> {
  const session = await origin.createCDPSession();
  let status: Status = 'stopped';
  let starts = 0;
  let stops = 0;
  let kept = false;
  const end = (): Promise<unknown> => session.send('ServiceWorker.stopAllWorkers');
  session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { runningStatus, status: life } of versions) {
      // The one before, when the extension was loaded anew.
      if (life === 'redundant') continue;
      if (status === 'stopped' && runningStatus !== 'stopped') starts++;
      status = runningStatus;
      if (status === 'stopped') stops++;
      if (kept && (status === 'starting' || status === 'running')) void end();
    }
  });
  await session.send('ServiceWorker.enable');
  return {
    status: () => status,
    starts: () => starts,
    running: () => until(() => status === 'running', () => 'the worker wakes'),
    async stop() {
      const [was, before] = [status, stops];
      if (was === 'stopped') return was;
      await end();
      await until(() => stops > before, () => 'the worker stops');
      return was;
    },
    keepDown() {
      kept = true;
      void end();
    },
    letUp() { kept = false; },
  };
}

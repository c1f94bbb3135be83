/** The extension's service worker as the browser sees it: whether it runs, and an end of it at any moment. */
import type { Page } from 'puppeteer-core';
import { until } from './stored.ts';

type Status = 'stopped' | 'starting' | 'running' | 'stopping';

export interface Worker {
  status(): Status;
  /** Resolves when it runs: at once, or when something wakes it. */
  running(): Promise<void>;
  /** Stops it in whatever it is doing. Resolves, once it is gone, with what it was before: whether this was a stop. */
  stop(): Promise<Status>;
}

/** @param origin a page of the extension's origin; watching wakes nobody */
export async function watchWorker(origin: Page): Promise<Worker> {
  const session = await origin.createCDPSession();
  let status: Status = 'stopped';
  let stops = 0;
  session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    // A version that was replaced (the extension was loaded anew) is told of once more, as stopped.
    for (const { runningStatus, status: life } of versions) {
      if (life === 'redundant') continue;
      status = runningStatus;
      if (status === 'stopped') stops++;
    }
  });
  await session.send('ServiceWorker.enable');
  return {
    status: () => status,
    running: () => until(() => status === 'running', () => 'the worker wakes'),
    async stop() {
      const [was, before] = [status, stops];
      if (was === 'stopped') return was;
      await session.send('ServiceWorker.stopAllWorkers');
      await until(() => stops > before, () => 'the worker stops');
      return was;
    },
  };
}

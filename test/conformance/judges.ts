/** What keeps the run going when our code does not come back. */
import { Worker } from 'node:worker_threads';
import type { Verdict } from './judge.ts';
import type { Row } from './rows.ts';

/** A row takes milliseconds; the machine may be busy. */
const HANGS_AFTER_MS = 30_000;

const failed = (reason: string): Verdict => ({ counts: 'not', recognised: false, parsed: false, withUsage: false, usageExact: false, falseInference: false, faults: [{ kind: 'failure', reason }] });

/** Judges one row after the other, in a thread. A thread that hangs or dies is a failure of that row; the next begins with a new one. */
export function createJudges(thread = new URL('judging-thread.ts', import.meta.url), hangsAfterMs = HANGS_AFTER_MS): { verdictOn(row: Row): Promise<Verdict>; close(): Promise<void> } {
  let running: Worker | undefined;
  return {
    async verdictOn(row) {
      const worker = running ??= new Worker(thread);
      const { promise, resolve } = Promise.withResolvers<Verdict | string>();
      const late = setTimeout(() => { resolve(`hung for ${hangsAfterMs / 1000} s`); }, hangsAfterMs);
      const died = (error: unknown): void => { resolve(`its thread died: ${String(error)}`); };
      worker.once('message', resolve).once('error', died);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage(row);
      const verdict = await promise;
      clearTimeout(late);
      worker.off('message', resolve).off('error', died);
      if (typeof verdict !== 'string') return verdict;
      worker.on('error', () => {});
      await worker.terminate();
      running = undefined;
      return failed(verdict);
    },
    async close() { await running?.terminate(); },
  };
}

/** Judges rows in a thread of its own, which can be ended when our code does not come back. */
import { parentPort } from 'node:worker_threads';
import { judge } from './judge.ts';
import type { Row } from './rows.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
parentPort?.on('message', (row: Row) => { parentPort?.postMessage(judge(row)); });

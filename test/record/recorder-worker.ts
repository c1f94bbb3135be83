/** The recorder in a worker of its own, so that a test can kill it at any moment, as the browser does. */
import type { Ack } from '../../lib/model/record.ts';
import { createRecorder, type Recorder } from '../../lib/record/recorder.ts';
import type { Sender } from '../../lib/record/tab-session.ts';
import { openDatabase } from '../../lib/store/database.ts';

export interface Told { id: number; database: string; message: unknown; sender: Sender }
export interface Answered { id: number; ack: Ack }

let recorder: Recorder | undefined;

const wake = (database: string): Recorder => createRecorder({
  database: openDatabase(database),
  run: 'run-1', now: () => 100_000, announce() {}, free: async () => 1e12, ping: async () => true, pingTop: async () => true, tabOpen: async () => true,
  shelf: { all: async () => ({}), get: async () => undefined, remove: async () => {} },
});

self.addEventListener('message', async ({ data: { id, database, message, sender } }: MessageEvent<Told>) => {
  recorder ??= wake(database);
  const answered: Answered = { id, ack: await recorder.take(message, sender) };
  self.postMessage(answered, { transfer: [] });
});

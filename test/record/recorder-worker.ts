/** The recorder in a worker of its own, so that a test can kill it at any moment, as the browser does. */
import type { Ack } from '../../lib/model/record.ts';
import { createRecorder, type Recorder } from '../../lib/record/recorder.ts';
import type { Sender } from '../../lib/record/tab-session.ts';
import { openDatabase } from '../../lib/store/database.ts';

export interface Told { id: number; database: string; message: unknown; sender: Sender }
/** It starts, and nobody says anything. */
export interface Started { database: string; now: number }
export interface Answered { id: number; ack: Ack }

let recorder: Recorder | undefined;

const wake = (database: string, now: number): Recorder => createRecorder({
  database: openDatabase(database),
  run: 'run-1', now: () => now, announce() {}, free: async () => 1e12, ping: async () => true, pingTop: async () => true, tabOpen: async () => true,
  shelf: { all: async () => ({}), get: async () => undefined, remove: async () => {} },
});

self.addEventListener('message', async ({ data }: MessageEvent<Told | Started>) => {
  recorder ??= wake(data.database, 'now' in data ? data.now : 100_000);
  if ('now' in data) return recorder.woke();
  const { id, message, sender } = data;
  const answered: Answered = { id, ack: await recorder.take(message, sender) };
  self.postMessage(answered, { transfer: [] });
});

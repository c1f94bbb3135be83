/** Notes that something changed. They carry no data: a reader asks the database for rows above the rev it knows, so a
 *  lost note costs one refresh and a forged one nothing. */
import type { ChangeNote } from '../model/session.ts';

const channelOf = (database: string): string => `${database}:changes`;

export interface Announcer { announce(note: ChangeNote): void; close(): void }

/** The writer's end. A channel does not hear itself, so the writer's context needs a second one to listen. */
export function openAnnouncer(database = 'spanlight'): Announcer {
  const channel = new BroadcastChannel(channelOf(database));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none: it never leaves its own
  return { announce: (note) => channel.postMessage(note), close: () => channel.close() };
}

/** Calls `listener` at every note until `signal` aborts. */
export function onChange(listener: (note: ChangeNote) => void, signal: AbortSignal, database = 'spanlight'): void {
  if (signal.aborted) return;
  const channel = new BroadcastChannel(channelOf(database));
  channel.addEventListener('message', (event: MessageEvent<ChangeNote>) => listener(event.data));
  signal.addEventListener('abort', () => channel.close(), { once: true });
}

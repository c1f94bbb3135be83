/** A page's outbox over a background that stores, until told otherwise. */
import { limits } from '../../lib/model/limits.ts';
import type { Batch } from '../../lib/model/record.ts';
import { createOutbox, type Outbox } from '../../lib/wire/outbox.ts';
import { createBackground, type BackgroundDouble, type Fate } from './background-double.ts';
import { createClock, type FakeClock } from './fake-clock.ts';

interface Page { outbox: Outbox; clock: FakeClock; background: BackgroundDouble; relay: string; told: { stops: number; storedUpTo: number }; uninstall(): void }

export function openPage(): Page {
  const clock = createClock();
  const background = createBackground();
  const told = { stops: 0, storedUpTo: 0 };
  const relay = '0123456789abcdef';
  let installed = true;
  const send = (batch: Batch): Promise<unknown> => {
    if (!installed) throw new Error('Extension context invalidated.');
    return background.send(batch);
  };
  const outbox = createOutbox({
    relay, send, now: clock.now, setTimer: clock.setTimer, clearTimer: clock.clearTimer,
    gone: () => !installed,
    onStored: (next) => { told.storedUpTo = next; },
    onStop: () => { told.stops++; },
  });
  return { outbox, clock, background, relay, told, uninstall: () => { installed = false; } };
}

/** Longer than any patience or pause. */
export const LONG = 10 * limits.answerMs;
/** Fates one after another, then `stored`. */
export const inTurn = (...fates: Fate[]) => (): Fate => fates.shift() ?? 'stored';
export const numbers = ({ stored }: BackgroundDouble): number[] => [...stored.keys()];
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

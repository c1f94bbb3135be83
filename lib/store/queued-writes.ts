/**
 * A transaction whose writes wait, and go to the browser many at once: before the next read, and at the end. Each request
 * wakes the thread that carries it, which costs more than the request itself, unless others follow at once.
 */
import { unwrap } from 'idb';
import type { WriteTransaction } from './database.ts';

const READS = ['get', 'getAll', 'getKey', 'getAllKeys', 'count', 'openCursor', 'openKeyCursor'] as const;

/** So many do not wait for more: the browser stores them while we go on. */
const AT_ONCE = 64;

interface Write { store: string; how: 'put' | 'delete' | 'clear'; given: readonly unknown[] }

/** @returns the transaction as it is worked with, and what sends the writes that wait. A row may not be changed after it was
 *  put, since it may still wait. */
export function queueWrites(tx: WriteTransaction): { queued: WriteTransaction; flush(): void } {
  let waiting: Write[] = [];
  const done = Promise.resolve();

  function flush(): void {
    if (waiting.length === 0) return;
    const writes = waiting;
    waiting = [];
    const raw = unwrap(tx);
    // Without a promise each: what fails ends the transaction, which tells.
    for (const { store, how, given } of writes) (raw.objectStore(store)[how] as (...given: unknown[]) => void)(...given);
  }

  function reading(target: object): Record<string, unknown> {
    return Object.fromEntries(READS.map((name) => [name, (...given: unknown[]) => {
      flush();
      return (target as Record<string, (...given: unknown[]) => unknown>)[name]?.(...given);
    }]));
  }

  function storeOf(name: string): object {
    const store = tx.objectStore(name as never);
    const write = (how: Write['how']) => (...given: unknown[]) => {
      waiting.push({ store: name, how, given });
      if (waiting.length >= AT_ONCE) flush();
      return done;
    };
    return { ...reading(store), put: write('put'), delete: write('delete'), clear: write('clear'), index: (index: string) => reading(store.index(index as never)) };
  }

  const stores = new Map<string, object>();
  const objectStore = (name: string): object => {
    const known = stores.get(name) ?? storeOf(name);
    stores.set(name, known);
    return known;
  };
  return { queued: { db: tx.db, objectStore } as unknown as WriteTransaction, flush };
}

/** Opens the database; the connection is given up when another context needs a newer version or the browser ends it, and
 *  made again when it is next needed. */
import { openDB, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { DATABASE_VERSION } from '../model/versions.ts';
import { forgetAll } from './known.ts';
import { migrations, type UpgradeTransaction } from './migrations.ts';
import { queueWrites } from './queued-writes.ts';
import { storeNames, type Schema, type StoreName } from './schema.ts';

export interface Database {
  /** name of the IndexedDB database; the change channel carries it too */ readonly name: string;
  connection(): Promise<IDBPDatabase<Schema>>;
  close(): Promise<void>;
}

/** An older Spanlight over the database of a newer one. Nothing of it is touched. */
const TOO_NEW = 'What is stored was written by a newer version of Spanlight. Update the extension to see it; until then nothing is recorded.';

export type ReadTransaction = IDBPTransaction<Schema, StoreName[], 'readonly' | 'readwrite'>;
export type WriteTransaction = IDBPTransaction<Schema, StoreName[], 'readwrite'>;

export function openDatabase(name = 'spanlight'): Database {
  let opening: Promise<IDBPDatabase<Schema>> | undefined;

  function connection(): Promise<IDBPDatabase<Schema>> {
    const forget = (): void => { if (opening === mine) opening = undefined; };
    if (opening) return opening;
    const mine = opening = openDB<Schema>(name, DATABASE_VERSION, {
      async upgrade(database, from, _to, tx) {
        // Each step knows only the schema of its time.
        for (const step of migrations.slice(from)) await step(database as unknown as IDBPDatabase, tx as unknown as UpgradeTransaction);
      },
      // A newer version waits for this connection (w3c/IndexedDB#223): it must not wait for ever.
      blocking(_current, _blocked, event) { forget(); (event.target as IDBDatabase).close(); },
      terminated: forget,
    }).catch((error: unknown) => {
      forget();
      throw error instanceof DOMException && error.name === 'VersionError' ? new DOMException(TOO_NEW, 'VersionError') : error;
    });
    return mine;
  }

  return {
    name,
    connection,
    async close() {
      const open = opening;
      opening = undefined;
      (await open)?.close();
    },
  };
}

/**
 * Runs `work` in one transaction over all stores: all of it is stored or nothing. Within `work` nothing may be awaited but
 * requests of this transaction, else it closes early. Throws what `work` threw or what ended the transaction
 * (`QuotaExceededError` among others).
 */
export async function write<T>(database: Database, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
  const tx = (await transaction(database, 'readwrite')) as WriteTransaction;
  const done = tx.done.catch((error: unknown) => { throw tx.error ?? error; });
  done.catch(() => {}); // told below, or `work` threw first
  const { queued, flush } = queueWrites(tx);
  try {
    const result = await work(queued);
    flush();
    tx.commit();
    await done;
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch { /* ended already */ }
    await done.catch(() => {});
    forgetAll(tx);
    throw tx.error ?? error;
  }
}

/** Runs `work` in one transaction over these stores, and no others: while it lasts nobody writes to them. */
export async function read<T>(database: Database, stores: readonly StoreName[], work: (tx: ReadTransaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  const tx = await transaction(database, 'readonly', stores);
  signal?.throwIfAborted();
  const stop = (): void => {
    try {
      tx.abort();
    } catch { /* it has just ended */ }
  };
  tx.done.catch(() => {}); // `work` throws what ended it
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await work(tx);
    await tx.done;
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function transaction(database: Database, mode: 'readonly' | 'readwrite', stores: readonly StoreName[] = storeNames): Promise<ReadTransaction> {
  try {
    return (await database.connection()).transaction([...stores], mode);
  } catch (error) {
    // The connection was closed between two events: once more with a new one.
    if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
    await database.close();
    return (await database.connection()).transaction([...stores], mode);
  }
}

/** Sends a request without waiting: when it fails, so does its transaction, which tells. */
export function send(request: Promise<unknown>): void {
  request.catch(() => {});
}

/** All keys that begin with these parts. Arrays sort after everything else. */
export function startingWith(...parts: IDBValidKey[]): IDBKeyRange {
  return IDBKeyRange.bound(parts, [...parts, []]);
}

/** Many rows of one store by their keys. */
import { unwrap } from 'idb';
import type { ReadTransaction } from './database.ts';
import type { Schema, StoreName } from './schema.ts';

/** In the order of the keys. A transaction answers its requests in their order: who hears of the last has all of them, and a
 *  promise for each would take half as long again. */
export function getMany<Name extends StoreName>(tx: ReadTransaction, name: Name, keys: ReadonlyArray<Schema[Name]['key']>): Promise<Array<Schema[Name]['value'] | undefined>> {
  const store = unwrap(tx).objectStore(name);
  const requests = keys.map((key) => store.get(key) as IDBRequest<Schema[Name]['value'] | undefined>);
  const last = requests.at(-1);
  return last ? new Promise((resolve, reject) => {
    last.addEventListener('success', () => resolve(requests.map(({ result }) => result)));
    // One that failed before it ended the transaction, and so this one.
    last.addEventListener('error', () => reject(last.error as DOMException));
  }) : Promise.resolve([]);
}

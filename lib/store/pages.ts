/** Rows of a store a page at a time: many at once would hold up everything else in this context. */
import type { ReadTransaction } from './database.ts';
import { stores, type Schema, type StoreName } from './schema.ts';

/** @param read runs one look in a transaction: the same one for all pages, or one each */
export async function* pagesOf<Name extends StoreName>(read: <T>(work: (tx: ReadTransaction) => Promise<T>) => Promise<T>, name: Name, range: IDBKeyRange, size: number): AsyncGenerator<Array<Schema[Name]['value']>> {
  const { key } = stores[name];
  const keyOf = (row: Record<string, IDBValidKey>): IDBValidKey => typeof key === 'string' ? row[key] as IDBValidKey : key.map((part) => row[part] as IDBValidKey);
  for (let from = range; ;) {
    const rows = await read((tx) => tx.objectStore(name as 'live').getAll(from as never, size)) as unknown as Array<Schema[Name]['value']>;
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    from = IDBKeyRange.bound(keyOf(rows.at(-1) as unknown as Record<string, IDBValidKey>), range.upper, true, range.upperOpen);
  }
}

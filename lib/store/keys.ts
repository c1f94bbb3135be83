/** The evidence index: who gives and who seeks a key in a session. */
import type { ExchangeId } from '../model/exchange.ts';
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import type { KeyRole, KeyRow } from './schema.ts';

/** Returns what it takes on the disk. */
export function putKey(tx: WriteTransaction, row: KeyRow): number {
  send(tx.objectStore('keys').put(row));
  return diskOf('keys', row);
}

/** Returns what it took. */
export function deleteKey(tx: WriteTransaction, row: KeyRow): number {
  const { session, key, role, startMs, exchange } = row;
  send(tx.objectStore('keys').delete([session, key, role, startMs, exchange]));
  return diskOf('keys', row);
}

/** The latest exchanges, at most `most`, that give (seek) this key. */
export async function holdersOf(tx: ReadTransaction, session: string, key: string, role: KeyRole, most: number): Promise<ExchangeId[]> {
  const found: ExchangeId[] = [];
  let cursor = await tx.objectStore('keys').openKeyCursor(startingWith(session, key, role), 'prev');
  while (cursor && found.length < most) {
    found.push(cursor.key[4]);
    cursor = found.length < most ? await cursor.continue() : null;
  }
  return found;
}

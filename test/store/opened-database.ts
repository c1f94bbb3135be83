/** A database of its own for one test, gone when that is over. */
import { deleteDB } from 'idb';
import { onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../lib/store/database.ts';

let databases = 0;

export function opened(): Database {
  const database = openDatabase(`test-store-${databases++}`);
  onTestFinished(async () => {
    await database.close();
    await deleteDB(database.name);
  });
  return database;
}

/** In the bench's page: a database and the recorder that writes it, without a browser around. */
import { deleteDB } from 'idb';
import { createRecorder, type Recorder } from '../../lib/record/recorder.ts';
import { openDatabase, read, type Database } from '../../lib/store/database.ts';

let databases = 0;

export interface Made { database: Database; recorder: Recorder; close(): Promise<void> }

/** @param name of a database that is there; default: a new one */
export function makeRecorder(now: () => number = Date.now, name = `bench-${databases++}`): Made {
  const database = openDatabase(name);
  const recorder = createRecorder({
    database, run: 'bench', now, announce() {}, free: async () => 1e12, ping: async () => true, pingTop: async () => true, tabOpen: async () => true,
    shelf: { all: async () => ({}), get: async () => undefined, remove: async () => {} },
  });
  return { database, recorder, close: async () => { await database.close(); await deleteDB(database.name); } };
}

/** Of all sessions: a row holds a call and its tools. */
export const countSpans = (database: Database): Promise<number> => read(database, ['traces'], async (tx) => (await tx.objectStore('traces').getAll()).reduce((sum, { spans }) => sum + spans, 0));

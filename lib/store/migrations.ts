/** The steps from one version of the schema to the next. A step is never edited once it was released: a database may be of any
 *  age. All of an upgrade is one transaction: killed in the middle, the database is what it was. */
import type { IDBPDatabase, IDBPTransaction } from 'idb';

export type UpgradeTransaction = IDBPTransaction<unknown, string[], 'versionchange'>;
type Step = (database: IDBPDatabase, tx: UpgradeTransaction) => Promise<void>;

function make(database: IDBPDatabase, name: string, keyPath: string | string[], indexes: Record<string, string | string[]> = {}): void {
  const store = database.createObjectStore(name, { keyPath });
  for (const [index, path] of Object.entries(indexes)) store.createIndex(index, path);
}

/** Step n leads from version n to n + 1. */
export const migrations: readonly Step[] = [
  async (database) => {
    make(database, 'sessions', 'id');
    make(database, 'documents', 'documentId', { session: 'session', relay: 'relay', here: 'here' });
    make(database, 'exchanges', 'id', { open: 'open', run: 'run' });
    make(database, 'segments', ['exchange', 'side', 'offset']);
    make(database, 'contents', ['session', 'ref']);
    make(database, 'spans', ['source', 'spanId'], { rev: ['source', 'rev'], trace: ['source', 'traceId'] });
    make(database, 'keys', ['session', 'key', 'role', 'startMs', 'exchange']);
    make(database, 'live', ['exchange', 'n']);
  },

  // Requests leave `segments` and `contents`. They stay as they were sent: cutting what is old would take minutes.
  async (database, tx) => {
    make(database, 'bodies', ['session', 'exchange', 'offset']);
    make(database, 'chains', ['session', 'chain', 'n'], { prefix: ['session', 'prefix'] });
    make(database, 'pieces', ['session', 'hash']);
    const contents = tx.objectStore('contents');
    for (let cursor = await tx.objectStore('exchanges').openCursor(); cursor; cursor = await cursor.continue()) {
      const { id: exchange, session } = cursor.value as { id: string; session: string };
      const requests = IDBKeyRange.bound([exchange, 'request'], [exchange, 'request', []]);
      for (const { offset, size, content } of await tx.objectStore('segments').getAll(requests) as Array<{ offset: number; size: number; content: string }>) {
        const { bytes } = await contents.get([session, content]) as { bytes: Uint8Array };
        await tx.objectStore('bodies').put({ session, exchange, offset, size, bytes });
        await contents.delete([session, content]);
      }
      await tx.objectStore('segments').delete(requests);
    }
  },
];

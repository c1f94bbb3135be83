/** The steps from one version of the schema to the next. A step is never edited once it was released, and uses nothing that may
 *  change: a database may be of any age. All of an upgrade is one transaction: killed in the middle, the database is what it was. */
import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { packed8, type Packed4 } from './migrations/outlines-of-8.ts';
import { diskOfTrace4, traceOf4, type Span4 } from './migrations/traces-of-4.ts';

export type UpgradeTransaction = IDBPTransaction<unknown, string[], 'versionchange'>;
type Step = (database: IDBPDatabase, tx: UpgradeTransaction) => Promise<void>;

type Path = string | string[];

function make(database: IDBPDatabase, name: string, keyPath: Path, indexes: Record<string, Path | { each: string }> = {}): void {
  const store = database.createObjectStore(name, { keyPath });
  for (const [index, path] of Object.entries(indexes)) {
    if (typeof path === 'string' || Array.isArray(path)) store.createIndex(index, path);
    else store.createIndex(index, path.each, { multiEntry: true });
  }
}

interface OldContent { session: string; ref: string; bytes: Uint8Array }
const keyOf = (rows: OldContent[]): IDBValidKey => [rows.at(-1)?.session ?? '', rows.at(-1)?.ref ?? ''];

interface Session4 { id: string; rev: number; diskBytes: number }

/** Of one answer: more than some hundred megabytes of rows are refused. */
const SPANS_AT_ONCE = 5_000;

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
    // A few at a time: one may have 32 MB.
    const contents = tx.objectStore('contents');
    for (let rows = await contents.getAll(null, 10) as OldContent[]; rows.length > 0; rows = await contents.getAll(IDBKeyRange.lowerBound(keyOf(rows), true), 10) as OldContent[]) {
      await Promise.all(rows.flatMap(({ session, ref, bytes }) => {
        const at = ref.lastIndexOf('/');
        if (at < 0) return []; // attributes of an imported span
        const [exchange, offset] = [ref.slice(0, at), Number(ref.slice(at + 1))];
        return [
          tx.objectStore('bodies').put({ session, exchange, offset, size: bytes.byteLength, bytes }),
          contents.delete([session, ref]),
          tx.objectStore('segments').delete([exchange, 'request', offset]),
        ];
      }));
    }
  },

  // What a session takes on the disk: counted from now on, of what is there a guess that is not too low.
  async (database, tx) => {
    make(database, 'settings', 'name');
    const sessions = tx.objectStore('sessions');
    for (const session of await sessions.getAll() as Array<{ bytes: number; exchanges: number }>) await sessions.put({ ...session, diskBytes: session.bytes + session.exchanges * 6_000 });
  },

  // Rows of traces, from the spans there are, and outlines.
  async (database, tx) => {
    make(database, 'traces', ['source', 'traceId'], { rev: ['source', 'rev'], newest: ['source', 'newest', 'traceId'] });
    make(database, 'outlines', ['source', 'traceId', 'block'], { rev: ['source', 'traceId', 'rev'] });
    const spans = tx.objectStore('spans');
    spans.deleteIndex('trace');
    spans.createIndex('trace', ['source', 'traceId', 'startMs']);
    spans.createIndex('start', ['source', 'startMs']);
    for (const session of await tx.objectStore('sessions').getAll() as Session4[]) {
      const rows: Span4[] = [];
      const pageAfter = (key: IDBValidKey): Promise<Span4[]> => spans.getAll(IDBKeyRange.bound(key, [session.id, []], true), SPANS_AT_ONCE);
      for (let page = await pageAfter([session.id]); page.length > 0; page = await pageAfter([session.id, page.at(-1)?.spanId ?? []])) rows.push(...page);
      if (rows.length === 0) continue;
      const totals = { traces: 0, spans: 0, errors: 0, tokens: 0 };
      for (const [traceId, own] of Map.groupBy(rows, (row) => row.traceId)) {
        const row = traceOf4(session.id, traceId, own, session.rev);
        await tx.objectStore('traces').put(row);
        totals.traces++;
        totals.spans += row.spans;
        totals.errors += row.errors;
        totals.tokens += row.tokens ?? 0;
        session.diskBytes += diskOfTrace4(row);
      }
      await tx.objectStore('sessions').put({ ...session, totals });
    }
  },

  // The keys of an exchange in one row; what is cut of a request has a place before its first byte.
  async (database, tx) => {
    const bodies = tx.objectStore('bodies');
    for (let cursor = await bodies.openCursor(); cursor; cursor = await cursor.continue()) {
      const row = cursor.value as { session: string; exchange: string; offset: number; parts?: unknown[] };
      if (!row.parts || row.offset < 0) continue;
      await cursor.delete();
      await bodies.put({ ...row, offset: -1 });
    }
    make(database, 'evidence', ['session', 'startMs', 'exchange'], { gives: { each: 'gives' }, seeks: { each: 'seeks' } });
    const gathered = new Map<string, { session: string; startMs: number; exchange: string; gives: string[]; seeks: string[] }>();
    for (const [session, key, role, startMs, exchange] of await tx.objectStore('keys').getAllKeys() as Array<[string, string, 'gives' | 'seeks', number, string]>) {
      const row = gathered.get(exchange) ?? { session, startMs, exchange, gives: [], seeks: [] };
      row[role].push(`${session}/${key}`);
      gathered.set(exchange, row);
    }
    await Promise.all([...gathered.values()].map((row) => tx.objectStore('evidence').put(row)));
    database.deleteObjectStore('keys');
  },

  // The search. Of what is stored already a few texts at a time are indexed later.
  async (database, tx) => {
    make(database, 'signatures', ['session', 'n'], { rev: ['session', 'rev'] });
    make(database, 'texts', ['session', 'exchange']);
    make(database, 'unindexed', 'session');
    for (const session of await tx.objectStore('sessions').getAllKeys()) void tx.objectStore('unindexed').put({ session, after: '' });
  },

  // Nobody asks for what changed of spans any more: traces tell.
  async (_database, tx) => {
    tx.objectStore('spans').deleteIndex('rev');
  },

  // Outlines in one buffer a block. What they are said to take on the disk stays as it was counted.
  async (_database, tx) => {
    for (let cursor = await tx.objectStore('outlines').openCursor(); cursor; cursor = await cursor.continue()) {
      const row = cursor.value as { spans: Packed4 };
      await cursor.update({ ...row, spans: packed8(row.spans) });
    }
  },

  // One row holds several pieces.
  async (_database, tx) => {
    tx.objectStore('pieces').createIndex('more', 'more', { multiEntry: true });
  },

  // Tools in the row of their call. Those that have rows of their own lose them when their run goes on.
  async (_database, tx) => {
    tx.objectStore('spans').createIndex('tool', 'toolNames', { multiEntry: true });
  },
];

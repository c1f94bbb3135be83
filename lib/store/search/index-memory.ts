/** Signatures in memory, as a reader that searches keeps them from one query to the next: only what changed since is read. */
import { read, startingWith, type Database } from '../database.ts';
import { mayHold } from './signature.ts';
import { hasRef, textKinds, type IndexedText, type SignatureRow } from './signatures.ts';

/** A row, and what is kept of its texts: normal forms, by their places (kept-texts.ts). */
export interface KnownRow { readonly row: SignatureRow; /** start of its latest text */ readonly newest: number; readonly texts: Array<string | undefined>; /** of the texts */ bytes: number; /** all are kept */ isFull: boolean }

/** A text that a query may be in. */
export interface Candidate extends Omit<IndexedText, 'signature'> { session: string; known: KnownRow; place: number; /** nothing is known of it */ isLong: boolean }

export interface IndexMemory {
  /** Reads what changed. What was asked for at the same time is done one after the other; what is read stays read, whoever
   *  has stopped waiting. */
  refresh(): Promise<void>;
  /** newest first */ rows(): readonly KnownRow[];
  /** One by one, newest first: who has enough looks at no more. */
  candidates(hashes: Uint32Array, sessions?: ReadonlySet<string>): Generator<Candidate, void>;
}

/** Rows read at once: a write waits for no more. */
const AT_ONCE = 100;

export function createIndexMemory(database: Database): IndexMemory {
  const known = new Map<string, { rev: number; rows: Map<number, KnownRow> }>();
  let newestFirst: readonly KnownRow[] | undefined;
  let last: Promise<void> = Promise.resolve();

  /** In steps: what is stored meanwhile has a higher rev and is read the next time. */
  async function readAll(): Promise<SignatureRow[]> {
    const all: SignatureRow[] = [];
    for (let after: IDBValidKey = []; ;) {
      // Everything sorts before an array of arrays.
      const range: IDBKeyRange = all.length === 0 ? IDBKeyRange.upperBound([[]]) : IDBKeyRange.bound(after, [[]], true);
      const rows = await read(database, ['signatures'], (tx) => tx.objectStore('signatures').getAll(range, AT_ONCE));
      for (const row of rows) all.push(row);
      const end = rows.at(-1);
      if (!end || rows.length < AT_ONCE) return all;
      after = [end.session, end.n];
    }
  }

  async function refresh(): Promise<void> {
    const stored = await read(database, ['sessions'], (tx) => tx.objectStore('sessions').getAll());
    const sessions = new Map(stored.filter(({ removing }) => removing === undefined).map(({ id, rev }) => [id, rev]));
    const rowsOf = known.size === 0 ? Map.groupBy(await readAll(), ({ session }) => session) : undefined;
    newestFirst = undefined;
    for (const id of known.keys()) if (!sessions.has(id)) known.delete(id);
    for (const [id, rev] of sessions) {
      const { rev: before, rows } = known.get(id) ?? { rev: -1, rows: new Map<number, KnownRow>() };
      if (before === rev) continue;
      const { keys, changed } = rowsOf ? { keys: undefined, changed: rowsOf.get(id) ?? [] } : await changesOf(database, id, before);
      if (keys) for (const n of rows.keys()) if (!keys.has(n)) rows.delete(n);
      for (const row of changed) rows.set(row.n, { row, newest: Math.max(...row.starts), texts: [], bytes: 0, isFull: false });
      known.set(id, { rev, rows });
    }
  }

  const rows = (): readonly KnownRow[] => newestFirst ??= [...known.values()].flatMap((session) => [...session.rows.values()]).toSorted((a, b) => b.newest - a.newest);

  return {
    refresh() {
      last = last.then(refresh, refresh);
      return last;
    },
    rows,
    *candidates(hashes, sessions) {
      const asked = sessions ? rows().filter(({ row }) => sessions.has(row.session)) : rows();
      let waiting: Candidate[] = [];
      for (const [i, row] of asked.entries()) {
        waiting.push(...textsOf(row, hashes));
        waiting.sort((a, b) => b.startMs - a.startMs);
        const next = asked[i + 1]?.newest ?? -Infinity;
        const older = waiting.findIndex(({ startMs }) => startMs < next);
        yield* older < 0 ? waiting : waiting.slice(0, older);
        waiting = older < 0 ? [] : waiting.slice(older);
      }
    },
  };
}

async function changesOf(database: Database, session: string, rev: number): Promise<{ keys: Set<number>; changed: SignatureRow[] }> {
  return read(database, ['signatures'], async (tx) => {
    const signatures = tx.objectStore('signatures');
    const [keys, changed] = await Promise.all([signatures.getAllKeys(startingWith(session)), signatures.index('rev').getAll(IDBKeyRange.bound([session, rev], [session, []], true))]);
    return { keys: new Set(keys.map(([, n]) => n)), changed };
  });
}

/** The texts of a row that may hold all of these. */
export function textsOf(known: KnownRow, hashes: Uint32Array): Candidate[] {
  const { session, exchanges, starts, kinds, owners, refs, words, bits } = known.row;
  const found: Candidate[] = [];
  let [bit, ref] = [0, 0];
  for (let place = 0; place < kinds.length; place++) {
    const kind = textKinds[kinds[place] as number] ?? 'call';
    const size = words[place] as number;
    if (mayHold(bits, bit, size, hashes)) {
      const owner = owners[place] as number;
      found.push({ session, kind, exchange: exchanges[owner] ?? '', startMs: starts[owner] ?? 0, ref: hasRef(kind) ? refs.subarray(ref, ref + 16) : NO_REF, known, place, isLong: size === 0 });
    }
    bit += size;
    if (hasRef(kind)) ref += 16;
  }
  return found;
}

const NO_REF = new Uint8Array();

/** Signatures in memory, as a reader that searches keeps them from one query to the next: only what changed since is read. */
import { read, startingWith, type Database } from '../database.ts';
import { createRowTexts, type RowTexts } from './row-texts.ts';
import { mayHold } from './signature.ts';
import { hasRef, REF_BYTES, textKinds, type IndexedText, type SignatureRow } from './signatures.ts';

/** A row, and what is kept of its texts (kept-texts.ts). */
export interface KnownRow { readonly row: SignatureRow; /** start of its latest text */ readonly newest: number; readonly texts: RowTexts }

/** A text that a query may be in. `first`: of a piece, the first of what its exchange brought. */
export interface Candidate extends Omit<IndexedText, 'signature'> { session: string; first: Uint8Array; known: KnownRow; place: number; /** nothing is known of it */ isLong: boolean }

export interface IndexMemory {
  /** Reads what changed. What was asked for at the same time is done one after the other; what is read stays read, whoever
   *  has stopped waiting. */
  refresh(): Promise<void>;
  /** newest first */ rows(): readonly KnownRow[];
  /** Newest first, those of a row at a time, also where there are none: who has enough looks at no more.
   *  @param query those are left out that are kept and do not hold it; in the form of `compact` */
  candidates(hashes: Uint32Array, query: string, sessions?: ReadonlySet<string>): Generator<Candidate[], void>;
}

/** Rows read at once: a write waits for no more. They have up to 50 KB each. */
const AT_ONCE = 32;

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
    for (const id of known.keys()) if (!sessions.has(id) && known.delete(id)) newestFirst = undefined;
    for (const [id, rev] of sessions) {
      const { rev: before, rows } = known.get(id) ?? { rev: -1, rows: new Map<number, KnownRow>() };
      if (before === rev) continue;
      const { keys, changed } = rowsOf ? { keys: undefined, changed: rowsOf.get(id) ?? [] } : await changesOf(database, id, before);
      if (keys) for (const n of rows.keys()) if (!keys.has(n)) rows.delete(n);
      for (const row of changed) rows.set(row.n, { row, newest: Math.max(...row.starts), texts: createRowTexts(row.kinds.length) });
      known.set(id, { rev, rows });
      newestFirst = undefined;
    }
  }

  const rows = (): readonly KnownRow[] => newestFirst ??= [...known.values()].flatMap((session) => [...session.rows.values()]).toSorted((a, b) => b.newest - a.newest);

  return {
    refresh() {
      last = last.then(refresh, refresh);
      return last;
    },
    rows,
    *candidates(hashes, query, sessions) {
      const asked = sessions ? rows().filter(({ row }) => sessions.has(row.session)) : rows();
      let waiting: Candidate[] = [];
      for (const [i, known] of asked.entries()) {
        const found = textsOf(known, hashes, (place) => known.texts.mayHold(place, query));
        waiting = waiting.length === 0 ? found : [...waiting, ...found];
        waiting.sort((a, b) => b.startMs - a.startMs);
        const next = asked[i + 1]?.newest ?? -Infinity;
        const older = waiting.findIndex(({ startMs }) => startMs < next);
        yield older < 0 ? waiting : waiting.slice(0, older);
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

/** The texts of a row that may hold all of these, as far as they are asked for by their places. */
export function textsOf(known: KnownRow, hashes: Uint32Array, isAsked: (place: number) => boolean = () => true): Candidate[] {
  const { session, exchanges, starts, kinds, owners, refs, words, bits } = known.row;
  const found: Candidate[] = [];
  let [bit, ref] = [0, 0];
  // The pieces of one request lie side by side.
  let [asker, first] = [-1, 0];
  for (let place = 0; place < kinds.length; place++) {
    const number = kinds[place] as number;
    const size = words[place] as number;
    const owner = owners[place] as number;
    if (number === PIECE && owner !== asker) [asker, first] = [owner, ref];
    if (mayHold(bits, bit, size, hashes) && isAsked(place)) {
      const kind = textKinds[number] ?? 'call';
      found.push({
        session, kind, exchange: exchanges[owner] ?? '', startMs: starts[owner] ?? 0, ref: hasRef(kind) ? refs.subarray(ref, ref + REF_BYTES) : NO_REF,
        first: number === PIECE ? refs.subarray(first, first + REF_BYTES) : NO_REF, known, place, isLong: size === 0,
      });
    }
    bit += size;
    if (WITH_REF[number]) ref += REF_BYTES;
  }
  return found;
}

const WITH_REF = textKinds.map(hasRef);
const NO_REF = new Uint8Array();
const PIECE = textKinds.indexOf('piece');

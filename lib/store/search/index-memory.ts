/** Signatures in memory, as a reader that searches keeps them from one query to the next: only what changed since is read. */
import { read, startingWith, type Database } from '../database.ts';
import { mayHold } from './signature.ts';
import { hasRef, textKinds, type IndexedText, type SignatureRow } from './signatures.ts';

/** A text that a query may be in. */
export interface Candidate extends Omit<IndexedText, 'signature'> { session: string }

export interface IndexMemory {
  /** Reads what changed. @returns texts that are new or told anew since the first time */ refresh(signal?: AbortSignal): Promise<Candidate[]>;
  /** newest first */ candidates(hashes: Uint32Array, sessions?: ReadonlySet<string>): Candidate[];
}

interface Known { rev: number; rows: Map<number, SignatureRow> }

/** Rows read at once: a write waits for no more. */
const AT_ONCE = 100;

export function createIndexMemory(database: Database): IndexMemory {
  const known = new Map<string, Known>();

  /** In steps: what is stored meanwhile has a higher rev and is read the next time. */
  async function readAll(signal?: AbortSignal): Promise<SignatureRow[]> {
    const all: SignatureRow[] = [];
    for (let after: IDBValidKey = []; ;) {
      signal?.throwIfAborted();
      // Everything sorts before an array of arrays.
      const range: IDBKeyRange = all.length === 0 ? IDBKeyRange.upperBound([[]]) : IDBKeyRange.bound(after, [[]], true);
      const rows = await read(database, ['signatures'], (tx) => tx.objectStore('signatures').getAll(range, AT_ONCE), signal);
      for (const row of rows) all.push(row);
      const last = rows.at(-1);
      if (!last || rows.length < AT_ONCE) return all;
      after = [last.session, last.n];
    }
  }

  return {
    async refresh(signal) {
      const sessions = new Map((await read(database, ['sessions'], (tx) => tx.objectStore('sessions').getAll(), signal)).filter(({ removing }) => removing === undefined).map(({ id, rev }) => [id, rev]));
      const fresh: SignatureRow[] = [];
      for (const id of known.keys()) if (!sessions.has(id)) known.delete(id);
      const first = known.size === 0;
      const rowsOf = first ? Map.groupBy(await readAll(signal), ({ session }) => session) : undefined;
      for (const [id, rev] of sessions) {
        const entry = known.get(id) ?? { rev: -1, rows: new Map<number, SignatureRow>() };
        if (entry.rev === rev) continue;
        signal?.throwIfAborted();
        const { keys, changed } = rowsOf ? { keys: undefined, changed: rowsOf.get(id) ?? [] } : await changesOf(database, id, entry.rev);
        if (keys) for (const n of entry.rows.keys()) if (!keys.has(n)) entry.rows.delete(n);
        for (const row of changed) {
          entry.rows.set(row.n, row);
          fresh.push(row);
        }
        known.set(id, { rev, rows: entry.rows });
      }
      return first ? [] : fresh.flatMap((row) => textsOf(row, new Uint32Array()));
    },
    candidates(hashes, sessions) {
      const found: Candidate[] = [];
      for (const [id, { rows }] of known) {
        if (sessions && !sessions.has(id)) continue;
        for (const row of rows.values()) for (const text of textsOf(row, hashes)) found.push(text);
      }
      return found.toSorted((a, b) => b.startMs - a.startMs);
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
function textsOf({ session, exchanges, starts, kinds, owners, refs, words, bits }: SignatureRow, hashes: Uint32Array): Candidate[] {
  const found: Candidate[] = [];
  let [bit, ref] = [0, 0];
  for (let i = 0; i < kinds.length; i++) {
    const kind = textKinds[kinds[i] as number] ?? 'call';
    const size = words[i] as number;
    const owner = owners[i] as number;
    if (mayHold(bits, bit, size, hashes)) found.push({ session, kind, exchange: exchanges[owner] ?? '', startMs: starts[owner] ?? 0, ref: hasRef(kind) ? refs.subarray(ref, ref + 16) : NO_REF });
    bit += size;
    if (hasRef(kind)) ref += 16;
  }
  return found;
}

const NO_REF = new Uint8Array();

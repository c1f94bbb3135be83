/** Whose texts are: the traces of their calls. What was read is kept until its session changes. */
import { isForgotten } from '../../model/session.ts';
import type { ReadTransaction } from '../database.ts';
import { getMany } from '../get-many.ts';
import type { Candidate } from './index-memory.ts';
import { spanIdIn } from './signatures.ts';

export const OWNER_STORES = ['sessions', 'exchanges', 'spans', 'traces'] as const;

/** `title`: of the trace. */
export interface Owner { traceId?: string; title?: string }

export interface Owners {
  /** Those of the candidates as they are now, in order; undefined where the call is deleted, or being so. Nothing but requests of
   *  this transaction is awaited. */
  of(tx: ReadTransaction, candidates: readonly Candidate[]): Promise<Array<Owner | undefined>>;
  clear(): void;
}

/** Owners kept, of a hundred bytes or two. */
const MOST = 50_000;

interface KnownSession { rev: number | undefined; owners: Map<string, Owner | undefined>; traces: Map<string, Owner | undefined> }

export function createOwners(): Owners {
  const sessions = new Map<string, KnownSession>();
  let count = 0;

  function clear(): void {
    sessions.clear();
    count = 0;
  }

  async function ofSession(tx: ReadTransaction, session: string, candidates: readonly Candidate[]): Promise<Array<Owner | undefined>> {
    const row = await tx.objectStore('sessions').get(session);
    let known = sessions.get(session);
    if (!known || !row || known.rev !== row.rev) {
      count -= known?.owners.size ?? 0;
      sessions.set(session, known = { rev: row?.rev, owners: new Map(), traces: new Map() });
    }
    const { owners, traces } = known;
    const unknown = [...new Map(candidates.map((candidate) => [ownerName(candidate), candidate]))].filter(([name]) => !owners.has(name));
    const [spans, calls] = [unknown.filter(([, { kind }]) => kind === 'span'), unknown.filter(([, { kind }]) => kind !== 'span')];
    const [spanRows, exchanges] = await Promise.all([
      getMany(tx, 'spans', spans.map(([, { ref }]): [string, string] => [session, spanIdIn(ref)])), getMany(tx, 'exchanges', calls.map(([, { exchange }]) => exchange)),
    ]);
    const rows = [...spanRows, ...exchanges];
    const wanted = [...new Set(rows.flatMap((owner) => owner?.traceId ?? []))].filter((traceId) => !traces.has(traceId));
    const found = await getMany(tx, 'traces', wanted.map((traceId): [string, string] => [session, traceId]));
    for (const [i, traceId] of wanted.entries()) traces.set(traceId, found[i] && { traceId, title: found[i].title.value });
    for (const [i, [name]] of [...spans, ...calls].entries()) {
      const owner = rows[i];
      owners.set(name, !owner || (row && isForgotten(row, owner)) ? undefined : owner.traceId === undefined ? {} : traces.get(owner.traceId));
    }
    count += unknown.length;
    return candidates.map((candidate) => owners.get(ownerName(candidate)));
  }

  return {
    async of(tx, candidates) {
      if (count > MOST) clear();
      const found = new Map<Candidate, Owner | undefined>();
      await Promise.all([...Map.groupBy(candidates, ({ session }) => session)].map(async ([session, own]) => {
        const owners = await ofSession(tx, session, own);
        for (const [i, candidate] of own.entries()) found.set(candidate, owners[i]);
      }));
      return candidates.map((candidate) => found.get(candidate));
    },
    clear,
  };
}

const ownerName = ({ kind, exchange, ref }: Candidate): string => kind === 'span' ? ref.toHex() : exchange;

/** Whose texts are: the traces of their calls. What was read is kept until its session changes. */
import { isForgotten } from '../../model/session.ts';
import type { ReadTransaction } from '../database.ts';
import { getMany } from '../get-many.ts';
import type { Candidate } from './index-memory.ts';
import type { ExchangeRow } from '../schema.ts';
import { spanIdIn } from './signatures.ts';
import type { SpansRow } from '../spans.ts';

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

  async function ofSession(tx: ReadTransaction, session: string, candidates: readonly Candidate[]): Promise<Array<Owner | undefined>> {
    const byName = new Map(candidates.map((candidate) => [ownerName(candidate), candidate]));
    const before = sessions.get(session);
    const isNew = (name: string): boolean => !before?.owners.has(name);
    const [row, fresh] = await Promise.all([tx.objectStore('sessions').get(session), rowsOf(tx, session, byName, isNew)]);
    const isKnown = before !== undefined && before.rev === row?.rev;
    const known: KnownSession = isKnown ? before : { rev: row?.rev, owners: new Map(), traces: new Map() };
    if (!isKnown) for (const [name, owner] of await rowsOf(tx, session, byName, (name) => !isNew(name))) fresh.set(name, owner);
    const { owners, traces } = known;
    const wanted = [...new Set([...fresh.values()].flatMap((owner) => owner?.traceId ?? []))].filter((traceId) => !traces.has(traceId));
    const found = await getMany(tx, 'traces', wanted.map((traceId): [string, string] => [session, traceId]));
    for (const [i, traceId] of wanted.entries()) traces.set(traceId, found[i] && { traceId, title: found[i].title.value });
    for (const [name, owner] of fresh) owners.set(name, !owner || (row && isForgotten(row, owner)) ? undefined : owner.traceId === undefined ? {} : traces.get(owner.traceId));
    if (row) keep(session, known);
    return candidates.map((candidate) => owners.get(ownerName(candidate)));
  }

  function keep(session: string, known: KnownSession): void {
    sessions.set(session, known);
    if (sessions.values().reduce((sum, { owners }) => sum + owners.size, 0) > MOST) sessions.clear();
  }

  return {
    async of(tx, candidates) {
      const found = new Map<Candidate, Owner | undefined>();
      await Promise.all([...Map.groupBy(candidates, ({ session }) => session)].map(async ([session, own]) => {
        const owners = await ofSession(tx, session, own);
        for (const [i, candidate] of own.entries()) found.set(candidate, owners[i]);
      }));
      return candidates.map((candidate) => found.get(candidate));
    },
    clear: () => sessions.clear(),
  };
}

type OwnerRow = SpansRow | ExchangeRow | undefined;

/** Rows of these calls and imported spans, by their names. */
async function rowsOf(tx: ReadTransaction, session: string, names: ReadonlyMap<string, Candidate>, isAsked: (name: string) => boolean): Promise<Map<string, OwnerRow>> {
  const asked = [...names].filter(([name]) => isAsked(name));
  const [spans, calls] = [asked.filter(([, { kind }]) => kind === 'span'), asked.filter(([, { kind }]) => kind !== 'span')];
  const [spanRows, exchanges] = await Promise.all([
    getMany(tx, 'spans', spans.map(([, { ref }]): [string, string] => [session, spanIdIn(ref)])), getMany(tx, 'exchanges', calls.map(([, { exchange }]) => exchange)),
  ]);
  const rows: OwnerRow[] = [...spanRows, ...exchanges];
  return new Map([...spans, ...calls].map(([name], i) => [name, rows[i]]));
}

const ownerName = ({ kind, exchange, ref }: Candidate): string => kind === 'span' ? ref.toHex() : exchange;

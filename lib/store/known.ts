/**
 * What this context knows of sessions without asking the database: all keys, lists and pieces of a session that it saw begin,
 * since it alone writes. A look-up in a transaction takes four times as long as a write, and each call looks for twenty
 * things, most of them in vain. Only a cache: after a wake, an aborted transaction or a deletion the database is asked, and where
 * all sessions together take too much memory the largest is known no longer: who floods pays for it.
 */
import type { ExchangeId } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import type { TraceRow } from '../model/trace.ts';
import type { ChainHead } from './chains.ts';
import { diskOf } from './disk.ts';
import { forgetRecent } from './recent-lists.ts';
import type { ExchangeRow } from './schema.ts';
import type { SpansRow } from './spans.ts';

export interface Known {
  /** by role and key, the latest last */ keys: Map<string, Array<{ startMs: number; exchange: ExchangeId }>>;
  /** heads by the hash (hex) of the whole list */ lists: Map<string, ChainHead>;
  /** the last row of each chain (hex) */ tips: Map<string, number>;
  /** hashes (hex) */ pieces: Set<string>;
  /** all that are stored, with their run */ exchanges: Map<ExchangeId, ExchangeId | undefined>;
  /** of those written last, the latest last */ rows: Map<ExchangeId, ExchangeRow>;
  /** by run */ members: Map<ExchangeId, Set<ExchangeId>>;
  /** rows of signatures there were */ signatures: number;
  /** rows of the traces written last, the latest last */ traceRows: Map<string, TraceRow>;
  /** all that have spans */ traces: Set<string>;
  /** all rows of the traces written last, the latest last, by trace and span */ spans: Map<string, Map<string, SpansRow>>;
}

interface Transaction { readonly db: object }

/** After so many questions it is looked how much all of it is: two hundred calls or so. */
const LOOK = 5_000;

/** Bytes of an entry that is no row, about. */
const ENTRY = 150;

/** by connection: what was written by another is not known */
const sessions = new WeakMap<object, Map<string, Known>>();

let questions = 0;

/** Nothing of this session is stored yet. */
export function beginSession({ db }: Transaction, session: string): void {
  const known = sessions.get(db) ?? new Map<string, Known>();
  sessions.set(db, known.set(session, { keys: new Map(), lists: new Map(), tips: new Map(), pieces: new Set(), exchanges: new Map(), rows: new Map(), members: new Map(), signatures: 0, traceRows: new Map(), traces: new Set(), spans: new Map() }));
}

/** Keeps the rows that were put last. */
export function keepLatest<Row>(rows: Map<string, Row> | undefined, key: string, row: Row, most: number): void {
  if (!rows) return;
  rows.delete(key);
  rows.set(key, row);
  const [oldest] = rows.keys();
  if (rows.size > most && oldest !== undefined) rows.delete(oldest);
}

/** Undefined where the database has to be asked. */
export function knownOf({ db }: Transaction, session: string): Known | undefined {
  const known = sessions.get(db);
  if (known && ++questions >= LOOK) {
    questions = 0;
    keepBound(known);
  }
  return known?.get(session);
}

function keepBound(known: Map<string, Known>): void {
  const sizes = [...known].map(([session, of]) => ({ session, bytes: sizeOf(of) })).toSorted((a, b) => b.bytes - a.bytes);
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { session, bytes } of sizes) {
    if (total <= limits.knownBytes) return;
    known.delete(session);
    total -= bytes;
  }
}

function sizeOf({ keys, lists, tips, pieces, exchanges, rows, members: runs, traceRows, traces, spans }: Known): number {
  let bytes = 0;
  for (const row of rows.values()) bytes += diskOf('exchanges', row);
  for (const row of traceRows.values()) bytes += diskOf('traces', row);
  for (const trace of spans.values()) for (const row of trace.values()) bytes += diskOf('spans', row);
  let entries = lists.size + tips.size + pieces.size + exchanges.size + traces.size;
  for (const holders of keys.values()) entries += 1 + holders.length;
  for (const members of runs.values()) entries += 1 + members.size;
  return bytes + ENTRY * entries;
}

/** Rows of it are deleted. */
export function forgetSession(tx: Transaction, session: string): void {
  sessions.get(tx.db)?.delete(session);
  forgetRecent(tx, session);
}

/** A transaction came to nothing: what was thought to be stored is not. */
export function forgetAll(tx: Transaction): void {
  sessions.delete(tx.db);
  forgetRecent(tx);
}

/**
 * One transaction's work on one session: rows are loaded once, changed in place, and written together at its end with the
 * session's next rev. Whatever came in (a batch, a page that left), the same three steps follow: read the calls again
 * (derive.ts), find where they hang (placing.ts), write.
 */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { isForgotten, type ChangeNote, type TabSession } from '../model/session.ts';
import { send, write, type Database, type WriteTransaction } from '../store/database.ts';
import { diskOf } from '../store/disk.ts';
import { exchangeOf, putExchange } from '../store/exchanges.ts';
import type { DocumentRow, ExchangeRow } from '../store/schema.ts';
import { addSignatures, type IndexedText } from '../store/search/signatures.ts';
import { startAnew } from './removing.ts';
import { derive } from './derive.ts';
import { changeOf, type ExchangeChange } from './exchange-rows.ts';
import type { Folds } from './folds.ts';
import { placeChanged } from './placing.ts';

/** Runs a job in the writer's queue. */
export type Turn = <T>(job: () => Promise<T>) => Promise<T>;

/** What every part of the writer needs. */
export interface Desk {
  database: Database;
  /** random id of this run of the browser */ run: string;
  /** epoch ms */ now(): number;
  folds: Folds;
  /** is there room on the disk? */ hasRoom(bytes: number): Promise<boolean>;
  announce(note: ChangeNote): void;
  /** so many bytes more were written */ grew(bytes: number): void;
  /** there are rows that are to go */ toSweep(): void;
}

export interface Work {
  readonly tx: WriteTransaction;
  readonly session: TabSession;
  /** rev of everything written here */ readonly rev: number;
  readonly exchanges: Map<ExchangeId, ExchangeChange>;
  /** To be changed; undefined when it is not stored: never started, cleared, deleted. */
  exchange(id: ExchangeId): Promise<ExchangeChange | undefined>;
  /** To be looked at: as it is in this transaction, written or not. */
  look(id: ExchangeId): Promise<Exchange | undefined>;
  /** Calls of a document that run, as they are in this transaction. */
  running(documentId: string): Promise<number>;
  add(change: ExchangeChange): void;
  putDocument(row: DocumentRow): void;
  /** A text that can be searched from now on. */
  index(text: IndexedText | undefined): void;
  /** The session itself changed: write it even if nothing else did. */
  touch(): void;
  /** Nobody used the session: it is as old as it was. */
  unused(): void;
}

/** @param find the session, from within the transaction; undefined: nothing is done */
export async function inSession<T>(desk: Desk, find: (tx: WriteTransaction) => Promise<TabSession | undefined>, job: (work: Work) => Promise<T>): Promise<T | undefined> {
  let note: ChangeNote | undefined;
  let grown = 0;
  let anew = false;
  try {
    const result = await write(desk.database, async (tx) => {
      const session = await find(tx);
      if (!session) return undefined;
      const work = openWork(tx, session);
      anew = session.removing !== undefined;
      if (anew) await startAnew(work);
      const before = session.diskBytes;
      const result = await job(work);
      await derive(work, desk.folds);
      await placeChanged(work);
      note = await finish(work, desk.now());
      grown = session.diskBytes - before;
      return result;
    });
    if (note) desk.announce(note);
    if (grown > 0) desk.grew(grown);
    if (anew) desk.toSweep();
    return result;
  } catch (error) {
    // What the readings were fed in this transaction is not stored.
    desk.folds.forgetAll();
    throw error;
  }
}

interface OpenWork extends Work { documents: Map<string, DocumentRow>; texts: IndexedText[]; touched: boolean; isUse: boolean }

function openWork(tx: WriteTransaction, session: TabSession): OpenWork {
  const exchanges = new Map<ExchangeId, ExchangeChange>();
  const documents = new Map<string, DocumentRow>();
  const stored = new Map<ExchangeId, Promise<ExchangeRow | undefined>>();
  const counted = new Map<string, Promise<number>>();
  const load = (id: ExchangeId): Promise<ExchangeRow | undefined> => {
    const loading = stored.get(id) ?? exchangeOf(tx, session.id, id).then((row) => row && isForgotten(session, row) ? undefined : row);
    stored.set(id, loading);
    return loading;
  };
  const work: OpenWork = {
    tx, session, exchanges, documents, texts: [],
    touched: false, isUse: true,
    rev: session.rev + 1,
    async exchange(id) {
      const known = exchanges.get(id);
      if (known) return known;
      const was = await load(id);
      if (!was) return undefined;
      const change = changeOf(structuredClone(was), was);
      exchanges.set(id, change);
      return change;
    },
    async running(documentId) {
      const counting = counted.get(documentId) ?? tx.objectStore('exchanges').index('open').count(documentId);
      counted.set(documentId, counting);
      let count = await counting;
      for (const { row, was } of exchanges.values()) count += Number(row.open === documentId) - Number(was?.open === documentId);
      return count;
    },
    look: async (id) => exchanges.get(id)?.row ?? load(id),
    add: (change) => void exchanges.set(change.row.id, change),
    putDocument: (row) => void documents.set(row.documentId, row),
    index(text) { if (text) work.texts.push(text); },
    touch() { work.touched = true; },
    unused() { work.isUse = false; },
  };
  return work;
}

async function finish({ tx, session, rev, exchanges, documents, texts, touched, isUse }: OpenWork, now: number): Promise<ChangeNote | undefined> {
  const changed = [...exchanges.values()].filter((change) => change.changed);
  if (changed.length === 0 && documents.size === 0 && !touched) return undefined;
  for (const { row, was } of changed) {
    putExchange(tx, { ...row, rev });
    session.diskBytes += diskOf('exchanges', row) - (was ? diskOf('exchanges', was) : 0);
  }
  session.diskBytes += await addSignatures(tx, session.id, rev, texts);
  for (const row of documents.values()) send(tx.objectStore('documents').put({ ...row, rev }));
  send(tx.objectStore('sessions').put({ ...session, rev, ...(isUse && { lastMs: now }) }));
  return { session: session.id, rev };
}

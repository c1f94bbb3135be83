/**
 * Takes what the relays send. One batch is one transaction: bytes, rows, links, spans, the session's rev and the
 * document's `nextSeq`. So a batch may come twice, or again after the worker was killed in the middle: what is below
 * `nextSeq` is acknowledged and ignored, a gap is answered with what is missing.
 */
import { exchangeId, type ExchangeId } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import type { Ack, EndRecord, PageRecord, StartRecord } from '../model/record.ts';
import { isForgotten, type TabSession } from '../model/session.ts';
import type { WriteTransaction } from '../store/database.ts';
import type { DocumentRow } from '../store/schema.ts';
import { checkBatch, type CheckedBatch } from '../wire/record-check.ts';
import type { Rescue } from '../wire/rescue.ts';
import { addChunk, addHead, changeOf, endExchange, startExchange } from './exchange-rows.ts';
import type { Folds } from './folds.ts';
import { endSilent, leaveDocument } from './page-left.ts';
import { admitsDocument, documentOf, lostSender, newDocument, sessionOf, type Sender } from './tab-session.ts';
import { inSession, type Desk, type Work } from './work.ts';

export interface Taken extends Ack {
  /** a top document that was not known before */ opened: boolean;
}

/** Answers every message of a document, so that its relay goes on: a batch that is refused counts as delivered. Throws
 *  only when the database does (the relay sends again). */
export async function takeBatch(desk: Desk, message: unknown, sender: Sender): Promise<Taken> {
  const batch = checkBatch(message);
  if ('refused' in batch) return { next: endOf(message), documentId: sender.documentId, opened: false };
  return storeRecords(desk, batch, sender);
}

/** What a leaving page could not send. Returns false when its document is unknown and `lost` does not allow to make one.
 *  @param last nothing more comes of this page: where its own word of leaving was left out, it left all the same */
export async function takeRescue(desk: Desk, rescue: Rescue, { lost, last }: { lost: boolean; last: boolean }): Promise<boolean> {
  const { relay, first } = rescue;
  const records = rescue.records.flatMap((record, i) => record ? [{ seq: first + i, record }] : []);
  const batch: CheckedBatch = { relay, first, next: first + rescue.records.length, records, dropped: rescue.records.length - records.length, skipped: true };
  const find = async (): Promise<DocumentRow | undefined> => (await desk.database.connection()).getFromIndex('documents', 'relay', relay);
  const known = await find();
  if (!known && !lost) return false;
  let next = -1;
  let before: number;
  do {
    before = next;
    ({ next } = await storeRecords(desk, batch, known ?? lostSender(relay)));
  } while (before < next && next < batch.next); // one transaction may not take it all
  const document = last ? await find() : undefined;
  if (document?.nextSeq === batch.next && document.leftMs === undefined) await endSilent(desk, document, 'page_left', { nowMs: rescue.at });
  return true;
}

async function storeRecords(desk: Desk, batch: CheckedBatch, sender: Sender): Promise<Taken> {
  const bytes = batch.records.reduce((sum, { record }) => sum + (record.kind === 'chunk' ? record.bytes?.byteLength ?? 0 : 0), 0);
  // The disk is full. What happened is worth more than the bytes: they count as missing, which the rows show.
  const records = await desk.hasRoom(bytes) ? batch.records : batch.records.map(({ seq, record }) => ({ seq, record: withoutBytes(record) }));
  try {
    return await storeOnce(desk, { ...batch, records }, sender);
  } catch (error) {
    if (error instanceof DOMException) throw error;
    // Not the database but a mistake of ours, which the same batch would meet again for ever: it is given up, so that the
    // document goes on. What follows finds its bytes left out and counts them as missing.
    reportError(error);
    return storeOnce(desk, { ...batch, records: [] }, sender);
  }
}

const withoutBytes = (record: PageRecord): PageRecord => record.kind === 'chunk' ? { ...record, bytes: undefined } : record;

async function storeOnce(desk: Desk, batch: CheckedBatch, sender: Sender): Promise<Taken> {
  let document: DocumentRow | undefined;
  let opened = false;
  let refused = false;
  let next = 0;
  let documentId = sender.documentId;
  const find = async (tx: WriteTransaction): Promise<TabSession | undefined> => {
    const found = await documentOf(tx, sender, batch.relay);
    document = 'newId' in found ? undefined : found;
    documentId = 'newId' in found ? found.newId : found.documentId;
    next = document?.nextSeq ?? 0;
    const session = (document && await tx.objectStore('sessions').get(document.session)) ?? await sessionOf(tx, desk.run, sender.tabId, desk.now());
    // What it told before is forgotten (clearing.ts).
    if (document && (session.removing !== undefined || isForgotten(session, document))) document = { ...document, bytes: 0, exchanges: 0 };
    refused = !document && !await admitsDocument(tx, session);
    if (!refused && (batch.next <= next || (batch.first > next && !batch.skipped))) return undefined;
    opened = !document && !refused;
    return session;
  };
  await inSession(desk, find, async (work) => {
    if (refused) {
      next = batch.next;
      const calls = batch.records.filter(({ record }) => record.kind === 'start').length;
      work.session.unrecorded += calls;
      if (calls > 0) work.touch();
      return;
    }
    const row = document ?? newDocument(documentId, batch.relay, work.session, sender, desk.now());
    const fits = loadOf(work, row, desk.folds);
    let taken = batch.next;
    for (const { seq, record } of batch.records) {
      if (seq < next) continue;
      if (!await fits(record)) {
        taken = seq; // the relay sends it again, after others had their turn
        break;
      }
      await takeRecord(work, row, record, sender, desk.now());
    }
    row.nextSeq = next = taken;
    if (row.top && work.session.url === '') work.session.url = row.url;
    work.putDocument(row);
  });
  return { next, documentId, opened };
}

/** Does this record fit into the transaction? One of few bytes may have us read all of its call again, and one batch may
 *  touch hundreds of calls: so what a transaction reads is bounded, but for a first call of any size. */
function loadOf(work: Work, { documentId }: DocumentRow, folds: Folds): (record: PageRecord) => Promise<boolean> {
  const calls = new Set<ExchangeId>();
  let load = 0;
  return async (record) => {
    if (record.kind !== 'head' && record.kind !== 'chunk' && record.kind !== 'end') return true;
    const id = exchangeId(documentId, record.exchange);
    const row = calls.has(id) ? undefined : (await work.exchange(id))?.row;
    calls.add(id);
    if (!row) return true;
    load += folds.costOf(row);
    return load <= limits.batchLoad || calls.size === 1;
  };
}

async function takeRecord(work: Work, document: DocumentRow, record: PageRecord, sender: Sender, now: number): Promise<void> {
  if (record.kind === 'leave') return leaveDocument(work, document, 'page_left', record.at, ({ row }) => record.clock - row.clock);
  // A page that was left and speaks again came back from the cache; an end may just arrive late.
  if (record.kind !== 'end') comeBack(document);
  if (record.kind === 'document') {
    document.url = record.url;
    document.top = record.top && sender.framed !== true;
    document.openedMs = record.at;
    if (document.top) work.session.url = record.url;
    return;
  }
  const id = exchangeId(document.documentId, record.exchange);
  if (record.kind === 'start') return takeStart(work, document, record, now);
  // Never started, cleared, deleted or paused: what still comes of it is dropped.
  const change = await work.exchange(id);
  if (!change) return;
  if (record.kind === 'head') addHead(change, record);
  if (record.kind === 'end') endExchange(change, asLeft(document, record));
  if (record.kind === 'chunk') {
    const stored = addChunk(change, record, Math.min(limits.documentBytes - document.bytes, limits.sessionBytes - work.session.bytes));
    document.bytes += stored;
    work.session.bytes += stored;
  }
}

/** The browser breaks off the requests of a page it leaves, and the page may still hear of it. */
function asLeft(document: DocumentRow, record: EndRecord): EndRecord {
  const broken = record.how === 'cut' || record.how === 'error';
  return broken && document.leftMs !== undefined ? { ...record, how: 'page_left', error: undefined } : record;
}

async function takeStart(work: Work, document: DocumentRow, record: StartRecord, now: number): Promise<void> {
  const { session } = work;
  // A mark in the future was set before the clock was turned back: it says nothing any more.
  const cleared = record.at <= session.clearedMs && session.clearedMs <= now;
  if (session.paused || cleared) return;
  if (await work.exchange(exchangeId(document.documentId, record.exchange))) return;
  if (session.exchanges >= limits.sessionExchanges || document.exchanges >= limits.documentExchanges || await work.running(document.documentId) >= limits.openExchanges) {
    session.unrecorded++;
    return;
  }
  session.exchanges++;
  document.exchanges++;
  work.add(changeOf(startExchange(document, record)));
}

function comeBack(document: DocumentRow): void {
  delete document.leftMs;
  document.here = document.tabId;
}

/** Number after the last record of a message that was refused. */
function endOf(message: unknown): number {
  if (typeof message !== 'object' || message === null) return 0;
  const { first, records } = message as Record<string, unknown>;
  return Number.isSafeInteger(first) && Array.isArray(records) ? Number(first) + records.length : 0;
}

/**
 * The outbox: keeps the records of one document until the background has stored them. One message is under way at a time
 * and begins with the oldest record not acknowledged; records are numbered, so a batch may be sent twice and lands once.
 * It knows neither chrome.* nor a clock: both are passed in. The fates of a batch, each shown in test/wire/outbox*.test.ts:
 *
 *  acknowledged        records below `next` are forgotten, the rest follows            "acknowledged records are sent once"
 *  worker asleep       the message itself wakes it; the answer is only later           "a slow answer holds back what follows, and loses nothing"
 *  worker killed       the message fails: sent again, after longer and longer pauses   "a worker killed in mid-write gets the batch again"
 *                      the same, though it was stored: its numbers are known           "a stored batch whose answer was lost lands once"
 *  database lost       `next` lies below what is still held: `skipped` says so         "a background that forgot everything goes on from what is held"
 *  worker never back   bytes are dropped and counted, then recording stops             "past its bound bytes are dropped, sizes are kept"
 *  page leaving        all is sent at once, and handed out for the rescue              "a leaving page sends all and hands out all"
 *  page back (bfcache) goes on with what is not acknowledged                           "a page that comes back goes on"
 *  extension gone      nothing more is kept, silently                                  "an extension that is gone ends it"
 */
import { limits } from '../model/limits.ts';
import type { Ack, Batch, PageRecord } from '../model/record.ts';
import { RECORD_VERSION } from '../model/versions.ts';
import { weigh } from './record-check.ts';

/** What the outbox needs of the world. */
export interface OutboxEdge<Timer> {
  /** name of this relay */ relay: string;
  /** Sends one message; resolves with the background's answer. May throw or reject in any way. */
  send(batch: Batch): Promise<unknown>;
  /** The extension was updated or removed under this page. */
  gone(): boolean;
  /** monotonic, ms */ now(): number;
  setTimer(call: () => void, ms: number): Timer;
  clearTimer(timer: Timer): void;
  /** Everything below `next` is stored. */
  onStored(next: number): void;
  /** No more records are taken. */
  onStop(): void;
}

export interface Outbox {
  add(records: PageRecord[]): void;
  /** What is not acknowledged, for the rescue. */
  held(): { first: number; records: PageRecord[] };
  /** The page is being left: sends what it can, waiting for no answer. */
  leave(): void;
  /** The page came back: what was under way when it was frozen may never be answered. */
  resume(): void;
}

export function createOutbox<Timer>(edge: OutboxEdge<Timer>): Outbox {
  /** records not acknowledged, oldest first; the oldest has the number `first` */
  const queue: Array<{ record: PageRecord; weight: number }> = [];
  let first = 0;
  let weight = 0;
  /** the message that is waited for: number after its last record, and the timer of our patience */
  let flight: { end: number; patience: Timer } | undefined;
  let next: Timer | undefined;
  let lastSent = -Infinity;
  let failures = 0;
  let skipped = false;
  /** number after the last record that left without being waited for */
  let left = 0;
  let stopped = false;

  function add(records: PageRecord[]): void {
    // Asked here too: an answer that was under way when the extension went may neither come nor fail.
    if (edge.gone()) return end();
    for (const given of records) {
      if (stopped) return;
      const record = weight + weigh(given) > limits.outboxBytes ? withoutBytes(given) : given;
      const more = weigh(record);
      if (weight + more > 2 * limits.outboxBytes) return stop();
      queue.push({ record, weight: more });
      weight += more;
    }
    schedule();
  }

  /** Sends now or sets the timer for it. The first record after a pause goes at once, then what gathers meanwhile. */
  function schedule(): void {
    if (next !== undefined) edge.clearTimer(next);
    next = undefined;
    if (flight || queue.length === 0) return;
    const wait = lastSent + pause() - edge.now();
    if (wait > 0) next = edge.setTimer(send, wait);
    else send();
  }

  function pause(): number {
    if (failures > 0) return Math.min(limits.resendMs * 2 ** (failures - 1), limits.resendMaxMs);
    return weight >= limits.batchBytes ? 0 : limits.batchMs;
  }

  function send(): void {
    next = undefined;
    if (queue.length === 0) return; // a late answer said that it was stored after all
    lastSent = edge.now();
    const batch = batchFrom(0);
    const patience = edge.setTimer(() => settle(undefined), limits.answerMs);
    const mine = flight = { end: batch.first + batch.records.length, patience };
    const settle = (answer: unknown): void => {
      const before = first;
      const known = acknowledge(answer);
      if (flight !== mine) return; // an answer nobody waits for any more; what it acknowledged holds
      edge.clearTimer(patience);
      flight = undefined;
      if (edge.gone()) return end();
      const asksForLost = known !== undefined && known < before;
      failures = first > before || asksForLost && !skipped ? 0 : failures + 1;
      skipped = asksForLost;
      schedule();
    };
    void transmit(batch).then(settle);
  }

  /** A contiguous run from the queue's place `from` on, as much as one message may hold. */
  function batchFrom(from: number): Batch {
    const records: PageRecord[] = [];
    let bytes = 0;
    for (const { record, weight } of queue.slice(from, from + limits.messageRecords)) {
      bytes += weight;
      if (bytes > limits.messageBytes && records.length > 0) break;
      records.push(record);
    }
    return { type: 'batch', version: RECORD_VERSION, relay: edge.relay, first: first + from, records, ...(skipped && from === 0 && { skipped }) };
  }

  /** The answer, or undefined however the message failed (a call into an extension that is gone throws at once). */
  async function transmit(batch: Batch): Promise<unknown> {
    try {
      return await edge.send(batch);
    } catch {
      return undefined;
    }
  }

  /** Forgets what is stored. Returns the number the background goes on from, undefined where this is no answer. */
  function acknowledge(answer: unknown): number | undefined {
    if (!isAck(answer)) return undefined;
    const done = queue.splice(0, Math.max(0, answer.next - first));
    for (const { weight: stored } of done) weight -= stored;
    // Never below what the background has: it would ignore what we number so.
    first = Math.max(first + done.length, answer.next);
    edge.onStored(answer.next);
    return answer.next;
  }

  function leave(): void {
    let sent = 0;
    // What is under way stays under way; the rest follows without waiting for its answer.
    for (let from = Math.max(first, flight?.end ?? 0, left); from < first + queue.length && sent < limits.leaveBytes; from = left) {
      const batch = batchFrom(from - first);
      left = from + batch.records.length;
      sent += batch.records.reduce((sum, record) => sum + weigh(record), 0);
      void transmit(batch).then(acknowledge);
    }
  }

  function resume(): void {
    if (flight) edge.clearTimer(flight.patience);
    flight = undefined;
    failures = left = 0;
    schedule();
  }

  function stop(): void {
    if (stopped) return;
    stopped = true;
    edge.onStop();
  }

  function end(): void {
    queue.length = weight = 0;
    stop();
  }

  return { add, held: () => ({ first, records: queue.map(({ record }) => record) }), leave, resume };
}

function withoutBytes(record: PageRecord): PageRecord {
  if (record.kind !== 'chunk') return record;
  const { bytes: _, ...bare } = record;
  return bare;
}

function isAck(answer: unknown): answer is Ack {
  return typeof answer === 'object' && answer !== null && 'next' in answer && Number.isSafeInteger(answer.next) && 'documentId' in answer && typeof answer.documentId === 'string';
}

/**
 * The records of this document on their way out. What happens is only noted at once; it is told after limits.shimFlushMs, all
 * together, so that no call and no read of the page waits for our work. The order within an exchange is the order in which
 * things happened. When the page is left everything goes at once.
 */
import { pageLimits as limits } from '../model/page-limits.ts';
import type { PageRecord } from '../model/record.ts';
import { clock, epoch, later, list, push, setAdd, setDelete, setForEach } from './natives.ts';
import type { Outgoing } from './outgoing.ts';

/** What has something to tell. */
export interface Teller {
  /** Makes records of it. `atEnd`: of all of it, nothing is held back. */
  tell(atEnd: boolean): void;
  /** Telling threw, which is a fault of ours: it is told that no more follows. */
  fault(): void;
  /** the journal knows */
  listed: boolean;
}

export type Journal = ReturnType<typeof journalTo>;

export function journalTo(outgoing: Outgoing) {
  let records: PageRecord[] = list();
  let tellers: Teller[] = list();
  let bytes = 0;
  let scheduled = false;
  let left = false;
  /** nothing is handed over until all of it is told */
  let gathers = false;
  /** what waits for an answer of the platform (a Blob's bytes) and must do without when the page is left */
  const unsettled = new Set<() => void>();

  const post = (): void => {
    if (gathers) return;
    const posted = records;
    records = list();
    bytes = 0;
    if (left) {
      // Each time anew: a page that is kept reads on until it is frozen, and what it tells then sounds as if it were back.
      push(posted, { kind: 'leave', at: epoch(), clock: clock() });
      outgoing.leaving(posted);
    } else outgoing.post(posted);
  };

  const tellAll = (): void => {
    scheduled = false;
    const telling = tellers;
    tellers = list();
    for (let i = 0; i < telling.length; i++) {
      const teller = telling[i] as Teller;
      teller.listed = false;
      // A fault of ours is no error of the page's, and the others are told.
      try { teller.tell(left); } catch { teller.fault(); }
    }
    if (records.length > 0) post();
  };

  return {
    /** Is there anybody left to tell? */
    wanted: () => outgoing.wanted(),

    add(record: PageRecord): void {
      push(records, record);
      if (record.kind === 'chunk') bytes += record.size;
      if (bytes >= limits.batchBytes) post();
    },

    /** Without waiting for others. */
    addNow(record: PageRecord): void {
      push(records, record);
      post();
    },

    /** It has something to tell. */
    changed(teller: Teller): void {
      if (teller.listed) return;
      teller.listed = true;
      push(tellers, teller);
      if (left) tellAll();
      else if (!scheduled) {
        scheduled = true;
        later(limits.shimFlushMs, tellAll);
      }
    },

    /** `giveUp` is called if the page is left before `settled` is. */
    waits(giveUp: () => void): void {
      setAdd(unsettled, giveUp);
    },

    /** False when it was settled before. */
    settled: (giveUp: () => void): boolean => setDelete(unsettled, giveUp),

    /** pagehide: all of it, before this returns, and in one piece: the relay saves for each piece all that is not stored, and
     *  the browser does not wait long. What the page still does while it leaves follows at once. */
    leave(): void {
      left = gathers = true;
      tellAll();
      setForEach(unsettled, (giveUp) => { giveUp(); });
      gathers = false;
      post();
    },

    /** The page came back from the back/forward cache. */
    back(): void {
      left = false;
    },
  };
}

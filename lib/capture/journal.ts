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

export class Journal {
  readonly #outgoing: Outgoing;
  #records: PageRecord[] = list();
  #tellers: Teller[] = list();
  #bytes = 0;
  #scheduled = false;
  #leaving = false;
  /** nothing is handed over until all of it is told */
  #gathers = false;
  /** what waits for an answer of the platform (a Blob's bytes) and must do without when the page is left */
  readonly #unsettled = new Set<() => void>();

  constructor(outgoing: Outgoing) { this.#outgoing = outgoing; }

  /** Is there anybody left to tell? */
  wanted(): boolean { return this.#outgoing.wanted(); }

  add(record: PageRecord): void {
    push(this.#records, record);
    if (record.kind === 'chunk') this.#bytes += record.size;
    if (this.#bytes >= limits.batchBytes) this.#post();
  }

  /** Without waiting for others. */
  addNow(record: PageRecord): void {
    push(this.#records, record);
    this.#post();
  }

  /** It has something to tell. */
  changed(teller: Teller): void {
    if (teller.listed) return;
    teller.listed = true;
    push(this.#tellers, teller);
    if (this.#leaving) this.#tellAll(true);
    else this.#schedule();
  }

  /** `giveUp` is called if the page is left before `settled` is. */
  waits(giveUp: () => void): void {
    setAdd(this.#unsettled, giveUp);
  }

  /** False when it was settled before. */
  settled(giveUp: () => void): boolean {
    return setDelete(this.#unsettled, giveUp);
  }

  /** pagehide: all of it, before this returns, and in one piece: the relay saves for each piece all that is not stored, and
   *  the browser does not wait long. What the page still does while it leaves follows at once. */
  leave(): void {
    this.#leaving = this.#gathers = true;
    this.#tellAll(true);
    setForEach(this.#unsettled, (giveUp) => { giveUp(); });
    this.#gathers = false;
    this.#post();
  }

  /** The page came back from the back/forward cache. */
  back(): void {
    this.#leaving = false;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    later(limits.shimFlushMs, () => {
      this.#scheduled = false;
      this.#tellAll(false);
    });
  }

  #tellAll(atEnd: boolean): void {
    const tellers = this.#tellers;
    this.#tellers = list();
    for (let i = 0; i < tellers.length; i++) {
      const teller = tellers[i] as Teller;
      teller.listed = false;
      // A fault of ours is no error of the page's, and the others are told.
      try { teller.tell(atEnd); } catch { teller.fault(); }
    }
    if (this.#records.length > 0) this.#post();
  }

  #post(): void {
    if (this.#gathers) return;
    const records = this.#records;
    this.#records = list();
    this.#bytes = 0;
    if (this.#leaving) {
      // Each time anew: a page that is kept reads on until it is frozen, and what it tells then sounds as if it were back.
      push(records, { kind: 'leave', at: epoch(), clock: clock() });
      this.#outgoing.leaving(records);
    } else this.#outgoing.post(records);
  }
}

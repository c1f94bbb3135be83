/**
 * The records of this document on their way out. Reads of a body are gathered for limits.shimFlushMs and leave together;
 * the order within an exchange is the order in which things happened. When the page is left everything goes at once.
 */
import { pageLimits as limits } from '../model/page-limits.ts';
import type { PageRecord } from '../model/record.ts';
import type { BodyLog } from './body-log.ts';
import { clock, epoch, later, list, push, setAdd, setDelete, setForEach } from './natives.ts';
import type { Outgoing } from './outgoing.ts';

export class Journal {
  readonly #outgoing: Outgoing;
  #records: PageRecord[] = list();
  #gathering: BodyLog[] = list();
  #bytes = 0;
  #scheduled = false;
  #leaving = false;
  /** what waits for an answer of the platform (a Blob's bytes) and must do without when the page is left */
  readonly #unsettled = new Set<() => void>();

  constructor(outgoing: Outgoing) { this.#outgoing = outgoing; }

  /** Is there anybody left to tell? */
  wanted(): boolean { return this.#outgoing.wanted(); }

  add(record: PageRecord): void {
    push(this.#records, record);
    if (record.kind === 'chunk') this.#bytes += record.size;
    if (this.#leaving || this.#bytes >= limits.batchBytes) this.#post();
    else this.#schedule();
  }

  /** This body has gathered something. */
  gathering(body: BodyLog): void {
    if (!body.listed) push(this.#gathering, body);
    body.listed = true;
    if (this.#leaving) this.#flush();
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

  /** pagehide: all of it, before this returns. What the page still does while it leaves follows record by record. */
  leave(): void {
    this.#leaving = true;
    setForEach(this.#unsettled, (giveUp) => { giveUp(); });
    this.#takeBodies(true);
    this.#tell();
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
      this.#flush();
    });
  }

  #flush(): void {
    this.#takeBodies(false);
    this.#post();
  }

  #takeBodies(atEnd: boolean): void {
    const bodies = this.#gathering;
    this.#gathering = list();
    for (let i = 0; i < bodies.length; i++) {
      const body = bodies[i] as BodyLog;
      body.listed = false;
      body.take(atEnd);
    }
  }

  #post(): void {
    if (this.#records.length > 0) this.#tell();
  }

  #tell(): void {
    const records = this.#records;
    // Each time anew: a page that is kept reads on until it is frozen, and what it tells then sounds as if it were back.
    if (this.#leaving) push(records, { kind: 'leave', at: epoch(), clock: clock() });
    this.#records = list();
    this.#bytes = 0;
    if (this.#leaving) this.#outgoing.leaving(records);
    else this.#outgoing.post(records);
  }
}

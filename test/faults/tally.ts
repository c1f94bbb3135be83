/** What all runs together came to, and everything that was not as it must be. */
import type { Account } from '../browser/stored.ts';

export interface Tally {
  /** One more repetition of a fault. */ run(): void;
  kill(inWrite?: boolean): void;
  check(ok: boolean, what: string): void;
  /** One call, of which the page read `read` bytes. */
  call(account: Account, counted: { sent: number; read: number }): void;
  /** Bytes that a page had read by its own last count and that are not stored, since nobody was left to be told. */
  untold(bytes: number): void;
  readonly faults: string[];
  /** Nothing is wrong, lost or doubled. */ isClean(): boolean;
  /** The one line that closes the output. */
  line(): string;
  sentence(): string;
}

export function createTally(): Tally {
  const faults: string[] = [];
  const sum = { runs: 0, kills: 0, inWrite: 0, sentByServer: 0, readByPage: 0, stored: 0, missingMarked: 0, lost: 0, doubled: 0 };
  let untold = 0;
  const check = (ok: boolean, what: string): void => {
    if (ok) return;
    faults.push(what);
    console.log(`  WRONG: ${what}`);
  };
  return {
    faults,
    isClean: () => faults.length === 0 && sum.lost === 0 && sum.doubled === 0,
    check,
    run() { sum.runs++; },
    kill(inWrite = false) {
      sum.kills++;
      if (inWrite) sum.inWrite++;
    },
    call(account, { sent, read }) {
      for (const fault of account.faults) check(false, fault);
      sum.sentByServer += sent;
      sum.readByPage += read;
      sum.stored += account.stored;
      sum.missingMarked += account.missing;
      sum.doubled += account.doubled;
      sum.lost = sum.readByPage - sum.stored - sum.missingMarked;
    },
    untold(bytes) { untold += bytes; },
    line: () => JSON.stringify(sum),
    sentence: () => `Not counted: ${untold} bytes that pages read in the moment in which they or their browser died, when nobody was left to be told.`,
  };
}

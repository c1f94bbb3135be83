/** Links again what a change touches. The result does not depend on the order in which exchanges became known. */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { decide, place } from './link.ts';

/** Look-ups in one session. They may answer with states older than those handed to `relink`; they may cut an answer to
 *  the latest few dozen. */
export interface EvidenceLookup {
  /** exchanges with one of the keys in `facts.gives` */ giving(keys: readonly string[]): Promise<Exchange[]>;
  /** exchanges with one of the keys in `facts.seeks` */ seeking(keys: readonly string[]): Promise<Exchange[]>;
  /** exchanges whose `run` this is */ ofRun(run: ExchangeId): Promise<Exchange[]>;
}

export interface Relinked {
  /** those whose link, run, conversation or traceId is new, with the new values; among them those handed in */
  exchanges: Exchange[];
  /** runs to synthesise again. One of them may have lost members, then some of its spans are no more: rows of such a
   *  run (by trace id) that `spansOf` no longer returns are to be removed; a run without members has no rows left. */
  runs: ExchangeId[];
}

/** @param changed exchanges that are new or whose facts or end changed. Call it in the transaction that writes them. */
export async function relink(changed: readonly Exchange[], lookup: EvidenceLookup): Promise<Relinked> {
  void lookup;
  const exchanges = changed.map((exchange) => {
    const link = decide(exchange, []);
    return { ...exchange, link, ...place(exchange, link, undefined) };
  });
  return { exchanges, runs: exchanges.map(({ run }) => run) };
}

/**
 * What requests put to use while somebody looks for what none of a session uses (unused.ts): that takes many transactions, and
 * between them the writer goes on. In memory only: who writes and who looks are one worker, and with it both end.
 */
import type { ChainHead } from './chains.ts';

export interface Uses { /** by hash (hex): the exchange that uses it */ pieces: Map<string, string>; lists: Array<ChainHead & { exchange: string }> }

interface Transaction { readonly db: object }

/** by connection: what another one wrote is not seen here */
const watched = new WeakMap<object, Map<string, Uses>>();

/** From now on. */
export function watchUses({ db }: Transaction, session: string): Uses {
  const uses: Uses = { pieces: new Map(), lists: [] };
  watched.set(db, (watched.get(db) ?? new Map<string, Uses>()).set(session, uses));
  return uses;
}

export const usesOf = ({ db }: Transaction, session: string): Uses | undefined => watched.get(db)?.get(session);

export function unwatchUses({ db }: Transaction, session: string): void {
  watched.get(db)?.delete(session);
}

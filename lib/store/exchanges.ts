/** Rows of exchanges, as the writer needs them: those it wrote last it does not read again. */
import type { ExchangeId } from '../model/exchange.ts';
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { knownOf } from './known.ts';
import type { ExchangeRow } from './schema.ts';

/** Rows that are kept in memory of each session: they go on with every batch, or a run is put together of them. */
const KEPT = 256;

/** Not to be changed. Undefined where the session has no such exchange. */
export async function exchangeOf(tx: ReadTransaction, session: string, id: ExchangeId): Promise<ExchangeRow | undefined> {
  const known = knownOf(tx, session);
  if (known && !known.exchanges.has(id)) return undefined;
  const row = known?.rows.get(id) ?? await tx.objectStore('exchanges').get(id);
  return row?.session === session ? row : undefined;
}

export function putExchange(tx: WriteTransaction, row: ExchangeRow): void {
  send(tx.objectStore('exchanges').put(row));
  const known = knownOf(tx, row.session);
  if (!known) return;
  known.exchanges.add(row.id);
  known.rows.delete(row.id);
  known.rows.set(row.id, row);
  const [oldest] = known.rows.keys();
  if (known.rows.size > KEPT && oldest !== undefined) known.rows.delete(oldest);
}

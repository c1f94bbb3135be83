/** Rows of exchanges, as the writer needs them: those it wrote last it does not read again. */
import type { ExchangeId } from '../model/exchange.ts';
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { keepLatest, knownOf } from './known.ts';
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
  const was = known.exchanges.get(row.id);
  if (was !== row.run && was !== undefined) known.members.get(was)?.delete(row.id);
  if (row.run !== undefined) known.members.set(row.run, (known.members.get(row.run) ?? new Set()).add(row.id));
  known.exchanges.set(row.id, row.run);
  keepLatest(known.rows, row.id, row, KEPT);
}

/** Exchanges of a run, at most `most`. Not to be changed. */
export async function exchangesOfRun(tx: ReadTransaction, session: string, run: ExchangeId, most: number): Promise<ExchangeRow[]> {
  const known = knownOf(tx, session);
  if (!known) return tx.objectStore('exchanges').index('run').getAll(run, most);
  const members = [...known.members.get(run) ?? []].toSorted().slice(0, most);
  return (await Promise.all(members.map((id) => exchangeOf(tx, session, id)))).filter((row) => row !== undefined);
}

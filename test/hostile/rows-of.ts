/** All that is stored of a session and of a document. */
import type { Database } from '../../lib/store/database.ts';
import { everything } from '../record/recording.ts';

export async function rowsOf(database: Database, session: string, document: string): Promise<object> {
  const all = Object.entries(await everything(database)).map(([store, rows]) => [store, (rows as unknown as Array<Record<string, unknown>>).filter((row) => [row['session'], row['source'], store === 'sessions' ? row['id'] : ''].includes(session) || String(row['exchange']).startsWith(`${document}/`))] as const);
  return Object.fromEntries(all);
}

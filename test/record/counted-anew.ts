/** What each session takes on the disk, counted from its rows. */
import { diskOf } from '../../lib/store/disk.ts';
import type { StoreName } from '../../lib/store/schema.ts';
import { everything, type Recording } from './recording.ts';

/** Rows that a session answers for. `documents` and `live` are not counted: few, and gone when a call ends. */
const COUNTED = ['exchanges', 'segments', 'bodies', 'chains', 'pieces', 'contents', 'spans', 'traces', 'outlines', 'evidence', 'signatures', 'texts'] as const satisfies StoreName[];

export async function countedAnew({ database }: Pick<Recording, 'database'>): Promise<Record<string, number>> {
  const all = await everything(database);
  const sessionOf = new Map(all.exchanges.map(({ id, session }) => [id, session]));
  const counts = Object.fromEntries(all.sessions.map(({ id }) => [id, 0]));
  for (const store of COUNTED) {
    for (const row of all[store]) {
      const session = 'session' in row ? row.session : 'source' in row ? row.source : sessionOf.get(row.exchange) ?? '';
      counts[session] = (counts[session] ?? 0) + diskOf(store, row);
    }
  }
  return counts;
}

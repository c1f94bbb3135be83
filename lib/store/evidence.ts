/** The evidence index: who gives and who seeks a key in a session. */
import type { ExchangeId } from '../model/exchange.ts';
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';
import { forgetSession, knownOf } from './known.ts';

export type KeyRole = 'gives' | 'seeks';
const ROLES: readonly KeyRole[] = ['gives', 'seeks'];

/** The keys of one exchange, which started at `startMs`. One row with all of them: a row for each costs six times as much. */
export interface EvidenceRow { session: string; startMs: number; exchange: ExchangeId; gives: string[]; seeks: string[] }

interface Keys { gives?: readonly string[]; seeks?: readonly string[] }

/** Of whatever session, an index has them side by side. */
const inSession = (session: string, key: string): string => `${session}/${key}`;

/** Returns what that takes on the disk.
 *  @param was the keys that are stored */
export function putEvidence(tx: WriteTransaction, { session, startMs, exchange }: Omit<EvidenceRow, KeyRole>, keys: Keys, was?: Keys): number {
  const rowOf = (keys: Keys): EvidenceRow => {
    const entries = (role: KeyRole): string[] => [...new Set(keys[role])].map((key) => inSession(session, key));
    return { session, startMs, exchange, gives: entries('gives'), seeks: entries('seeks') };
  };
  const row = rowOf(keys);
  send(tx.objectStore('evidence').put(row));
  remember(tx, row, keys, was);
  const stored = was?.gives?.length || was?.seeks?.length;
  return diskOf('evidence', row) - (was && stored ? diskOf('evidence', rowOf(was)) : 0);
}

function remember(tx: WriteTransaction, { session, startMs, exchange }: EvidenceRow, keys: Keys, was: Keys = {}): void {
  const known = knownOf(tx, session);
  if (!known) return;
  for (const role of ROLES) {
    const before = new Set(was[role]);
    const now = new Set(keys[role]);
    for (const key of before) if (!now.has(key)) known.keys.set(nameOf(role, key), holdersIn(known.keys, role, key).filter((holder) => holder.exchange !== exchange));
    for (const key of now) if (!before.has(key)) known.keys.set(nameOf(role, key), inPlace(holdersIn(known.keys, role, key), { startMs, exchange }));
  }
}

interface Holder { startMs: number; exchange: ExchangeId }

const nameOf = (role: KeyRole, key: string): string => `${role} ${key}`;
const holdersIn = (keys: Map<string, Holder[]>, role: KeyRole, key: string): Holder[] => keys.get(nameOf(role, key)) ?? [];

/** Nearly always at the end, of however many. In the order that the database has. */
function inPlace(holders: Holder[], holder: Holder): Holder[] {
  const before = holders.findLastIndex(({ startMs, exchange }) => startMs < holder.startMs || (startMs === holder.startMs && exchange < holder.exchange));
  holders.splice(before + 1, 0, holder);
  return holders;
}

/** Returns what it took on the disk. */
export async function deleteEvidence(tx: WriteTransaction, { session, startMs, exchange }: Omit<EvidenceRow, KeyRole>): Promise<number> {
  const reading = tx.objectStore('evidence').get([session, startMs, exchange]);
  send(tx.objectStore('evidence').delete([session, startMs, exchange]));
  forgetSession(tx, session);
  const row = await reading;
  return row ? diskOf('evidence', row) : 0;
}

/** The latest exchanges, at most `most`, that give (seek) this key. */
export async function holdersOf(tx: ReadTransaction, session: string, key: string, role: KeyRole, most: number): Promise<ExchangeId[]> {
  const known = knownOf(tx, session);
  if (known) return holdersIn(known.keys, role, key).slice(-most).toReversed().map(({ exchange }) => exchange);
  const found: ExchangeId[] = [];
  let cursor = await tx.objectStore('evidence').index(role).openKeyCursor(inSession(session, key), 'prev');
  while (cursor && found.length < most) {
    found.push(cursor.primaryKey[2]);
    cursor = found.length < most ? await cursor.continue() : null;
  }
  return found;
}

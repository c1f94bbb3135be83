/** Texts of calls and spans that are deleted: gone with them, but for pieces that other requests hold too. Those are found
 *  through one of the others from then on. */
import { send, startingWith, type ReadTransaction, type WriteTransaction } from '../database.ts';
import { diskOf } from '../disk.ts';
import { pagesOf } from '../pages.ts';
import { hasPiece } from '../pieces.ts';
import type { InUse } from '../unused.ts';
import { packed, spanIdIn, unpacked, type IndexedText } from './signatures.ts';

type Look = <T>(work: (tx: ReadTransaction) => Promise<T>) => Promise<T>;

/** Rows of one answer: each has some hundred texts. */
const ROWS = 8;

/** Numbers of the rows with a text whose owner was not there, some a time.
 *  @param alive exchanges and imported spans that are stored */
export async function* rowsWithDead(look: Look, session: string, alive: ReadonlySet<string>): AsyncGenerator<number[]> {
  for await (const rows of pagesOf(look, 'signatures', startingWith(session), ROWS)) {
    const found = rows.filter((row) => unpacked(row).some((text) => !alive.has(ownerOf(text))));
    if (found.length > 0) yield found.map(({ n }) => n);
  }
}

const ownerOf = ({ kind, exchange, ref }: IndexedText): string => kind === 'span' ? spanIdIn(ref) : exchange;

/** Takes the texts of what is not stored out of these rows. Returns what they took on the disk.
 *  @param alive owners that need not be looked for */
export async function forgetTexts(tx: WriteTransaction, session: string, rev: number, rows: readonly number[], alive: ReadonlySet<string>, inUse: InUse): Promise<number> {
  inUse.recount(tx);
  let freed = 0;
  for (const row of await Promise.all(rows.map((n) => tx.objectStore('signatures').get([session, n])))) {
    if (!row) continue;
    const texts = unpacked(row);
    const left = (await Promise.all(texts.map((text) => alive.has(ownerOf(text)) ? text : asOf(tx, session, text, inUse)))).filter((text) => text !== undefined);
    if (left.length === texts.length && left.every((text, i) => text === texts[i])) continue;
    const changed = { session, n: row.n, rev, ...packed(left) };
    freed += diskOf('signatures', row) - (left.length > 0 ? diskOf('signatures', changed) : 0);
    if (left.length > 0) send(tx.objectStore('signatures').put(changed));
    else send(tx.objectStore('signatures').delete([session, row.n]));
  }
  return freed;
}

/** The text as it can be found now; undefined: it is gone. */
async function asOf(tx: ReadTransaction, session: string, text: IndexedText, inUse: InUse): Promise<IndexedText | undefined> {
  const { kind, exchange, ref } = text;
  if (kind === 'span') return await tx.objectStore('spans').getKey([session, spanIdIn(ref)]) === undefined ? undefined : text;
  // It may have begun since.
  if (await tx.objectStore('exchanges').getKey(exchange) !== undefined) return text;
  if (kind !== 'piece' || !await hasPiece(tx, session, ref.slice())) return undefined;
  const holder = await tx.objectStore('exchanges').get(inUse.holder(ref.toHex()) ?? '');
  return holder && { ...text, exchange: holder.id, startMs: holder.startMs };
}

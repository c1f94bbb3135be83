/** Sessions from before there was a search are indexed after the start, a few calls at a time, each step a transaction of its own
 *  that tells how far it came: killed at any moment it goes on from there. */
import type { ExchangeRow } from '../store/schema.ts';
import { hashesOfBody, isCut, requestBytesOf } from '../store/request-bodies.ts';
import { pieceOf } from '../store/pieces.ts';
import { send, startingWith, write, type WriteTransaction } from '../store/database.ts';
import { contentOf } from '../store/contents.ts';
import { responseOf } from '../store/segments.ts';
import { addSignatures, piecesOf, type IndexedText } from '../store/search/signatures.ts';
import { textOfBytes, textOfSpan } from '../store/search/texts.ts';
import { readCall } from '../trace/fold.ts';
import { indexEnded } from './indexing.ts';
import type { Desk } from './work.ts';

/** Calls and spans of one step, and bytes after which it takes no further call. */
const CALLS = 8;
const SPANS = 50;
const BYTES = 128 * 1024;

/** @returns a step; it answers whether there is more to do */
export function createOldIndexer(desk: Desk): () => Promise<boolean> {
  /** of the session at hand */
  let pieces: { session: string; known: Set<string> } | undefined;

  return async () => write(desk.database, async (tx) => {
    const [row] = await tx.objectStore('unindexed').getAll(null, 1);
    if (!row) return false;
    const session = await tx.objectStore('sessions').get(row.session);
    const texts: IndexedText[] = [];
    let after: string | undefined;
    let disk = 0;
    if (session?.imported) after = await indexSpans(tx, row.session, row.after, texts);
    else if (session) {
      if (pieces?.session !== session.id) pieces = { session: session.id, known: new Set((await piecesOf(tx, session.id)).map((hash) => hash.toHex())) };
      ({ after, disk } = await indexCalls(tx, row.session, row.after, texts, pieces.known));
    }
    if (session && texts.length > 0) {
      const rev = session.rev + 1;
      disk += await addSignatures(tx, session.id, rev, texts);
      send(tx.objectStore('sessions').put({ ...session, rev, diskBytes: session.diskBytes + disk }));
    }
    send(after === undefined ? tx.objectStore('unindexed').delete(row.session) : tx.objectStore('unindexed').put({ session: row.session, after }));
    return true;
  }).catch((error: unknown) => {
    pieces = undefined;
    throw error;
  });
}

/** @returns the last one; undefined: there is none left */
async function indexSpans(tx: WriteTransaction, session: string, after: string, texts: IndexedText[]): Promise<string | undefined> {
  const rows = await tx.objectStore('spans').getAll(IDBKeyRange.bound([session, after], [session, []], true), SPANS);
  for (const row of rows) {
    const text = textOfSpan(row, await contentOf(tx, session, row.spanId) ?? new Uint8Array());
    if (text) texts.push(text);
  }
  return rows.at(-1)?.spanId;
}

/** @returns the last one as above, and what was taken on the disk */
async function indexCalls(tx: WriteTransaction, session: string, after: string, texts: IndexedText[], known: Set<string>): Promise<{ after: string | undefined; disk: number }> {
  const rows = await nextExchanges(tx, session, after);
  let last: string | undefined;
  let [bytes, disk] = [0, 0];
  for (const row of rows) {
    if (last !== undefined && bytes > BYTES) break;
    disk += await indexCall(tx, row, texts, known);
    bytes += row.request.stored + row.response.stored;
    last = row.id;
  }
  return { after: last, disk };
}

/** In the order of documents. */
async function nextExchanges(tx: WriteTransaction, session: string, after: string): Promise<ExchangeRow[]> {
  for (const document of await tx.objectStore('documents').index('session').getAllKeys(session)) {
    // Ids of exchanges begin with the document's: `/` to the character after it.
    const [from, to] = [`${document}/`, `${document}0`];
    if (to <= after) continue;
    const rows = await tx.objectStore('exchanges').getAll(after > from ? IDBKeyRange.bound(after, to, true) : IDBKeyRange.bound(from, to), CALLS);
    if (rows.length > 0) return rows;
  }
  return [];
}

async function indexCall(tx: WriteTransaction, row: ExchangeRow, texts: IndexedText[], known: Set<string>): Promise<number> {
  const index = (text: IndexedText | undefined): void => { if (text) texts.push(text); };
  const bodies = await tx.objectStore('bodies').getAll(startingWith(row.session, row.id));
  const cut = bodies.find(isCut);
  for (const hash of cut ? await hashesOfBody(tx, cut) : []) {
    if (known.has(hash.toHex())) continue;
    known.add(hash.toHex());
    const piece = await pieceOf(tx, row.session, hash);
    if (piece) index(textOfBytes('piece', row, piece, hash));
  }
  const request = await requestBytesOf(tx, row);
  // What still comes is indexed when it is there.
  if (!bodies.every(isCut)) index(textOfBytes('request', row, request));
  return row.end ? indexEnded({ tx, index }, row, readCall(row, request, (await responseOf(tx, row)).bytes), []) : 0;
}

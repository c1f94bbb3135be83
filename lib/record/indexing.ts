/** Makes what is stored findable, in the transaction that stores it: pieces of requests as they come, answers when they end. */
import type { ModelCall } from '../model/call.ts';
import { startingWith } from '../store/database.ts';
import { fieldsOf } from '../store/search/fields.ts';
import type { OnPiece } from '../store/pieces.ts';
import { requestBytesOf } from '../store/request-bodies.ts';
import type { ExchangeRow } from '../store/schema.ts';
import { putAnswer, textOfAnswer, textOfBytes, textOfCall } from '../store/search/texts.ts';
import { responseOf, type Segment } from '../store/segments.ts';
import { answerFields } from '../trace/answer-fields.ts';
import type { Work } from './work.ts';

/** A mistake of ours costs the search of this text, never its bytes. */
function guarded<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    reportError(error);
    return undefined;
  }
}

/** While texts of deleted calls are still to go, one that is stored may be known by the deleted call alone. */
export function tellingOf(work: Pick<Work, 'index' | 'session'>, row: ExchangeRow): { onPiece: OnPiece; everyPiece: boolean } {
  const everyPiece = work.session.unswept !== undefined;
  const onPiece: OnPiece = (hash, bytes, isNew) => {
    if (isNew || everyPiece) work.index(guarded(() => textOfBytes('piece', row, bytes, hash)));
  };
  return { onPiece, everyPiece };
}

/** What is said in pieces: event streams, lines of JSON, a list that comes element by element. Its text is what they add up to. */
const inPieces = (text: string): boolean => /^\s*(?:data:|event:|id:|retry:|:|\[)/.test(text) || (/^\s*\{/.test(text) && /\}[ \t\r]*\n\s*\{/.test(text));

/** Bytes of a response that show what it is. */
const HEAD = 64;

/** @param answered what of the response came in this transaction
 *  @returns what that took on the disk, without the signatures */
export async function indexEnded(work: Pick<Work, 'tx' | 'index'>, row: ExchangeRow, call: ModelCall, answered: readonly Segment[]): Promise<number> {
  const { tx } = work;
  work.index(guarded(() => textOfCall(row)));
  // Other bytes came than were said: what lies as it came is in no piece.
  if (row.request.stored > 0 && (row.request.stored !== row.requestSize || row.request.missing > 0)) {
    const request = await requestBytesOf(tx, row);
    work.index(guarded(() => textOfBytes('request', row, request)));
  }
  const body = await wholeBody(work, row, answered);
  const said = guarded(() => answerFields(call)) ?? [];
  if (body) work.index(guarded(() => textOfBytes('response', row, body)));
  // What its bytes show letter by letter is not stored again.
  const shown = new Set(body ? fieldsOf(new TextDecoder().decode(body)).map(({ text }) => text) : []);
  const kept = said.filter(({ text }) => !shown.has(text));
  work.index(guarded(() => textOfAnswer(row, kept)));
  return putAnswer(tx, row, kept);
}

/** The response, unless it was said in pieces. */
async function wholeBody({ tx }: Pick<Work, 'tx'>, row: ExchangeRow, answered: readonly Segment[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (row.response.stored === 0) return undefined;
  const [only] = answered;
  const atHand = only?.bytes.byteLength === row.response.stored ? only.bytes : undefined;
  const first = atHand ?? (await tx.objectStore('segments').get(startingWith(row.id, 'response')))?.bytes;
  const decoder = new TextDecoder();
  if (!first || inPieces(decoder.decode(first.subarray(0, HEAD)))) return undefined;
  const bytes = atHand ?? (await responseOf(tx, row)).bytes;
  return inPieces(decoder.decode(bytes)) ? undefined : bytes;
}

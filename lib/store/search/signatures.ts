/**
 * The signatures of a session's texts, packed into rows: one for what a transaction brought, and in their turn these are packed
 * into larger ones, so that a hundred thousand are read at once. A text is named by what holds it (see texts.ts) and the
 * exchange that brought it.
 */
import { startingWith, send, type ReadTransaction, type WriteTransaction } from '../database.ts';
import { diskOf } from '../disk.ts';
import { knownOf } from '../known.ts';

/** Where a text lies: a piece of requests; a request that was not cut; a response as it came; what a response amounts to;
 *  names and errors of a call; an imported span. */
export const textKinds = ['piece', 'request', 'response', 'answer', 'call', 'span'] as const;
export type TextKind = (typeof textKinds)[number];

export interface IndexedText {
  kind: TextKind;
  /** the exchange that brought it */ exchange: string;
  /** when that began, epoch ms */ startMs: number;
  /** hash of the piece, id of the span; else empty */ ref: Uint8Array;
  signature: Uint32Array;
}

/** `owners`: place in `exchanges` of each text's; `words`: lengths of the signatures that lie in `bits`. */
export interface SignatureRow {
  session: string; n: number; rev: number;
  exchanges: string[]; starts: Float64Array<ArrayBuffer>;
  kinds: Uint8Array<ArrayBuffer>; owners: Uint32Array<ArrayBuffer>; refs: Uint8Array<ArrayBuffer>; words: Uint32Array<ArrayBuffer>; bits: Uint32Array<ArrayBuffer>;
}

export const REF_BYTES = 16;
export const hasRef = (kind: TextKind | undefined): boolean => kind === 'piece' || kind === 'span';
/** So many rows become one. */
const PACKED = 32;
/** Larger values lie in files of their own, which are slow. */
const MOST_BYTES = 48 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** An imported span's id, 16 hex digits. */
export const spanRef = (spanId: string): Uint8Array<ArrayBuffer> => encoder.encode(spanId.padEnd(REF_BYTES).slice(0, REF_BYTES));
export const spanIdIn = (ref: Uint8Array): string => decoder.decode(ref).trimEnd();

type Columns = Omit<SignatureRow, 'session' | 'n' | 'rev'>;

export function packed(texts: readonly IndexedText[]): Columns {
  const exchanges = [...new Map(texts.map(({ exchange, startMs }) => [exchange, startMs]))];
  const places = new Map(exchanges.map(([exchange], i) => [exchange, i]));
  const columns: Columns = {
    exchanges: exchanges.map(([exchange]) => exchange), starts: Float64Array.from(exchanges, ([, startMs]) => startMs),
    kinds: Uint8Array.from(texts, ({ kind }) => textKinds.indexOf(kind)), owners: Uint32Array.from(texts, ({ exchange }) => places.get(exchange) ?? 0),
    refs: new Uint8Array(texts.filter(({ kind }) => hasRef(kind)).length * REF_BYTES), words: Uint32Array.from(texts, ({ signature }) => signature.length),
    bits: new Uint32Array(texts.reduce((sum, { signature }) => sum + signature.length, 0)),
  };
  let [ref, bit] = [0, 0];
  for (const text of texts) {
    if (hasRef(text.kind)) columns.refs.set(text.ref.subarray(0, REF_BYTES), REF_BYTES * ref++);
    columns.bits.set(text.signature, bit);
    bit += text.signature.length;
  }
  return columns;
}

export function unpacked({ exchanges, starts, kinds, owners, refs, words, bits }: Columns): IndexedText[] {
  let [ref, bit] = [0, 0];
  return Array.from(kinds, (number, i) => {
    const kind = textKinds[number] ?? 'call';
    const owner = owners[i] ?? 0;
    const text: IndexedText = {
      kind, exchange: exchanges[owner] ?? '', startMs: starts[owner] ?? 0,
      ref: hasRef(kind) ? refs.subarray(ref * REF_BYTES, ++ref * REF_BYTES) : new Uint8Array(), signature: bits.subarray(bit, bit + (words[i] ?? 0)),
    };
    bit += words[i] ?? 0;
    return text;
  });
}

/** @param rev of the session, with this transaction
 *  @returns what that took on the disk */
export async function addSignatures(tx: WriteTransaction, session: string, rev: number, texts: readonly IndexedText[]): Promise<number> {
  if (texts.length === 0) return 0;
  const signatures = tx.objectStore('signatures');
  const n = await nextOf(tx, session);
  const range = IDBKeyRange.bound([session, n - (PACKED - 1)], [session, n], false, true);
  const before = (n + 1) % PACKED === 0 ? await signatures.getAll(range) : [];
  const fits = before.length > 0 && before.reduce((sum, { bits, refs }) => sum + bits.byteLength + refs.byteLength, 0) < MOST_BYTES;
  const together = fits ? [...before.flatMap(unpacked), ...texts] : texts;
  if (fits) send(signatures.delete(range));
  const row = { session, n, rev, ...packed(together) };
  send(signatures.put(row));
  return diskOf('signatures', row) - (fits ? before.reduce((sum, old) => sum + diskOf('signatures', old), 0) : 0);
}

/** Number of the next row. */
async function nextOf(tx: WriteTransaction, session: string): Promise<number> {
  const known = knownOf(tx, session);
  if (known) return known.signatures++;
  const last = await tx.objectStore('signatures').openKeyCursor(startingWith(session), 'prev');
  return last ? last.key[1] + 1 : 0;
}

/** Hashes of the pieces that are indexed. */
export async function piecesOf(tx: ReadTransaction, session: string): Promise<Array<Uint8Array<ArrayBuffer>>> {
  const rows = await tx.objectStore('signatures').getAll(startingWith(session));
  return rows.flatMap(unpacked).filter(({ kind }) => kind === 'piece').map(({ ref }) => ref.slice());
}

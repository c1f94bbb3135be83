/** Reads texts again that may hold a query, many at once. */
import type { ReadTransaction } from '../database.ts';
import { getMany } from '../get-many.ts';
import { namedPiecesIn, nameOf, piecesOf, type Hash } from '../pieces.ts';
import { requestBytesOf } from '../request-bodies.ts';
import type { Schema, StoreName } from '../schema.ts';
import { responseOf } from '../segments.ts';
import { fieldsOfString, type Field } from './fields.ts';
import type { Candidate } from './index-memory.ts';
import { spanIdIn, type TextKind } from './signatures.ts';
import { callFields, fieldsOfBytes, spanFields } from './texts.ts';

/** Where texts lie. */
export const TEXT_STORES = ['exchanges', 'segments', 'bodies', 'chains', 'pieces', 'contents', 'spans', 'texts'] as const;

export type StoredText = Pick<Candidate, 'session' | 'kind' | 'exchange' | 'ref' | 'first'>;

const decoder = new TextDecoder();

/** The fields of each as it is stored now; undefined when it is gone. Nothing but requests of this transaction is awaited. */
export async function fieldsStored(tx: ReadTransaction, texts: readonly StoredText[]): Promise<Array<Field[] | undefined>> {
  const found = new Map<StoredText, Field[] | undefined>();
  await Promise.all([...Map.groupBy(texts, ({ kind }) => kind)].map(async ([kind, alike]) => {
    const fields = await READERS[kind](tx, alike);
    for (const [i, text] of alike.entries()) found.set(text, fields[i]);
  }));
  return texts.map((text) => found.get(text));
}

type Read = (tx: ReadTransaction, texts: readonly StoredText[]) => Promise<Array<Field[] | undefined>>;

/** Rows of one store, each a text. */
const ofRows = <Name extends StoreName>(name: Name, keyOf: (text: StoredText) => Schema[Name]['key'], fieldsIn: (row: Schema[Name]['value']) => Field[]): Read => async (tx, texts) =>
  (await getMany(tx, name, texts.map(keyOf))).map((row) => row && fieldsIn(row));

/** Made of several rows: seldom, and one by one. */
const oneByOne = (read: (tx: ReadTransaction, text: StoredText) => Promise<Field[] | undefined>): Read => (tx, texts) => Promise.all(texts.map((text) => read(tx, text)));

const READERS: Record<TextKind, Read> = {
  piece: async (tx, texts) => (await bytesOfPieces(tx, texts)).map((bytes) => bytes && fieldsOfBytes(bytes)),
  answer: ofRows('texts', ({ session, exchange }) => [session, exchange], ({ bytes }) => (JSON.parse(decoder.decode(bytes)) as Array<[string, string]>).flatMap(([key, text]) => fieldsOfString({ key, text }))),
  call: ofRows('exchanges', ({ exchange }) => exchange, callFields),
  request: oneByOne(async (tx, { session, exchange }) => fieldsOfBytes(await requestBytesOf(tx, { id: exchange, session }))),
  response: oneByOne(async (tx, { exchange }) => fieldsOfBytes((await responseOf(tx, { id: exchange })).bytes)),
  span: async (tx, texts) => {
    const keys = texts.map(({ session, ref }): [string, string] => [session, spanIdIn(ref)]);
    const [rows, contents] = await Promise.all([getMany(tx, 'spans', keys), getMany(tx, 'contents', keys)]);
    return rows.map((row, i) => {
      const bytes = contents[i]?.bytes;
      return row && bytes && spanFields(row, bytes);
    });
  },
};

/** What one request brought lies in one row, named by its first piece, or in a few. So that row is read first, for all of them;
 *  then those of their own names; and seldom it must be looked up in which row a piece is. */
async function bytesOfPieces(tx: ReadTransaction, texts: readonly StoredText[]): Promise<Array<Uint8Array<ArrayBuffer> | undefined>> {
  const bySession = Map.groupBy(texts, ({ session }) => session);
  const found = new Map(await Promise.all([...bySession].map(async ([session, own]) => [session, await piecesOfSession(tx, session, own)] as const)));
  return texts.map(({ session, ref }) => found.get(session)?.get(nameOf(ref)));
}

async function piecesOfSession(tx: ReadTransaction, session: string, texts: readonly StoredText[]): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  let missing = new Map(texts.map(({ ref }) => [nameOf(ref), ref]));

  async function readRows(hashes: Iterable<Uint8Array>): Promise<void> {
    for (const row of await getMany(tx, 'pieces', Array.from(hashes, (hash): [string, Hash] => [session, hash.slice()]))) if (row) for (const { name, bytes } of namedPiecesIn(row)) found.set(name, bytes);
    missing = new Map([...missing].filter(([name]) => !found.has(name)));
  }

  await readRows(new Map(texts.map(({ first }) => [nameOf(first), first])).values());
  if (missing.size > 0) await readRows(missing.values());
  if (missing.size > 0) {
    const pieces = await piecesOf(tx, session, Array.from(missing.values(), (hash) => hash.slice()));
    for (const [i, name] of [...missing.keys()].entries()) if (pieces[i]) found.set(name, pieces[i]);
  }
  return found;
}

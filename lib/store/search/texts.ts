/** The texts that are searched: what they are made of when they are stored (read again by stored-texts.ts).
 *  None is stored for this but what a streamed answer amounts to: its own bytes hold it in crumbs. */
import { send, type WriteTransaction } from '../database.ts';
import { diskOf } from '../disk.ts';
import type { ExchangeRow } from '../schema.ts';
import type { SpanRow } from '../../model/span.ts';
import { fieldsOf, fieldsOfString, type Field } from './fields.ts';
import { searchableOf } from './normal-form.ts';
import { signatureOf } from './signature.ts';
import { spanRef, type IndexedText } from './signatures.ts';

/** Bytes. A longer text is not looked at when it is stored: it may hold anything. */
const LONGEST = 1024 * 1024;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

type Owner = Pick<ExchangeRow, 'id' | 'startMs'>;

const entryOf = (kind: IndexedText['kind'], { id: exchange, startMs }: Owner, searchable: string | undefined, ref = new Uint8Array()): IndexedText | undefined =>
  searchable === '' ? undefined : { kind, exchange, startMs, ref, signature: searchable === undefined ? new Uint32Array() : signatureOf(searchable) };

const searchableBytes = (bytes: Uint8Array): string | undefined => bytes.byteLength > LONGEST ? undefined : searchableOf(fieldsOf(decoder.decode(bytes)));

/** Undefined where there is nothing to find: commas and brackets. */
export const textOfBytes = (kind: 'piece' | 'request' | 'response', owner: Owner, bytes: Uint8Array, ref?: Uint8Array<ArrayBuffer>): IndexedText | undefined => entryOf(kind, owner, searchableBytes(bytes), ref);

export const textOfCall = (exchange: ExchangeRow): IndexedText | undefined => entryOf('call', exchange, searchableOf(callFields(exchange)));

export const textOfSpan = (row: SpanRow, content: Uint8Array): IndexedText | undefined =>
  entryOf('span', { id: row.exchange, startMs: row.startMs }, content.byteLength > LONGEST ? undefined : searchableOf(spanFields(row, content)), spanRef(row.spanId));

/** What an answer amounts to, which only a provider can read. The row is told what that takes on the disk.
 *  @returns how much more that is than before */
export function putAnswer(tx: WriteTransaction, owner: Pick<ExchangeRow, 'id' | 'session' | 'answerDisk'>, fields: readonly Field[]): number {
  const { session, id: exchange, answerDisk: before = 0 } = owner;
  owner.answerDisk = 0;
  if (fields.length > 0) {
    const row = { session, exchange, bytes: encoder.encode(JSON.stringify(fields.map(({ key, text }) => [key, text]))) };
    send(tx.objectStore('texts').put(row));
    owner.answerDisk = diskOf('texts', row);
  } else if (before > 0) {
    send(tx.objectStore('texts').delete([session, exchange]));
  }
  return owner.answerDisk - before;
}

export const textOfAnswer = (owner: Owner, fields: readonly Field[]): IndexedText | undefined =>
  entryOf('answer', owner, fields.reduce((sum, { text }) => sum + text.length, 0) > LONGEST ? undefined : searchableOf(fields.flatMap(fieldsOfString)));

/** Names and errors that a row knows, wherever a dialect puts them. */
export function callFields({ url, facts, end }: ExchangeRow): Field[] {
  const told: Array<[key: string, text: string | undefined]> = [
    ['url', url], ['model', facts?.modelAsked], ['model', facts?.modelAnswered === facts?.modelAsked ? undefined : facts?.modelAnswered], ['provider', facts?.provider], ['collection', facts?.collection],
    ['error', facts?.error?.type], ['error', facts?.error?.message], ['error', end?.error?.name], ['error', end?.error?.message], ['request id', facts?.requestId], ['response id', facts?.responseId],
  ];
  return told.flatMap(([key, text]) => text ? [{ key, text }] : []);
}

export function spanFields({ name, label, title, model, provider, errorType, statusMessage }: SpanRow, content: Uint8Array): Field[] {
  const told: Array<[key: string, text: string | undefined]> = [['name', name], ['label', label], ['title', title], ['model', model], ['provider', provider], ['error', errorType], ['error', statusMessage]];
  return [...told.flatMap(([key, text]) => text ? [{ key, text }] : []), ...fieldsOf(decoder.decode(content))];
}

export const fieldsOfBytes = (bytes: Uint8Array): Field[] => fieldsOf(decoder.decode(bytes));

/** Returns what it took on the disk. */
export async function deleteAnswer(tx: WriteTransaction, session: string, exchange: string): Promise<number> {
  const texts = tx.objectStore('texts');
  const row = await texts.get([session, exchange]);
  if (row) send(texts.delete([session, exchange]));
  return row ? diskOf('texts', row) : 0;
}

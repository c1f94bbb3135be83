/**
 * The gate: what came from a page becomes records here, or nothing. Used where data enters the extension (relay) and
 * where it enters the background. A hostile page may send anything that structured clone carries, so:
 * only own data properties are read (no getter runs, no prototype answers), every count and length is bounded, nothing
 * recurses, and what is returned is built anew: typed arrays and texts that are cut are copied (a view of one byte may hold a
 * gigabyte alive), but for bytes of a message that fill their memory: nobody else has that, and a request of a megabyte comes
 * with each turn of an agent.
 */
import { limits } from '../model/limits.ts';
import { ownText } from '../model/own-text.ts';
import { endCauses, type BodyForm, type EndCause, type HeaderList, type PageRecord, type Side } from '../model/record.ts';
import { RECORD_VERSION } from '../model/versions.ts';

/** A batch that passed: its good records with the numbers they have in the document. */
export interface CheckedBatch {
  relay: string;
  first: number;
  /** number after the last record sent, good or bad */ next: number;
  records: Array<{ seq: number; record: PageRecord }>;
  /** records that did not pass; their numbers are used up all the same, so that nothing behind them waits */ dropped: number;
  /** see Batch.skipped */ skipped: boolean;
}

/** Checks a message of a relay. Bad single records are dropped and counted; a bad frame around them is refused. */
export function checkBatch(value: unknown): CheckedBatch | { refused: string } {
  if (own(value, 'type') !== 'batch') return { refused: 'not a batch' };
  if (own(value, 'version') !== RECORD_VERSION) return { refused: 'another version' };
  const relay = own(value, 'relay');
  if (!isRelayName(relay)) return { refused: 'no relay' };
  const first = own(value, 'first');
  if (!isCount(first)) return { refused: 'no first' };
  const list = own(value, 'records');
  if (!Array.isArray(list)) return { refused: 'no records' };
  if (list.length > limits.messageRecords) return { refused: 'too many records' };
  const records: CheckedBatch['records'] = [];
  let bytes = 0;
  for (let i = 0; i < list.length; i++) {
    const record = recordOf(own(list, String(i)), true);
    if (!record) continue;
    bytes += weigh(record);
    // A relay stops before messageBytes; twice that is nobody's honest batch.
    if (bytes > 2 * limits.messageBytes) return { refused: 'too large' };
    records.push({ seq: first + i, record });
  }
  return { relay, first, next: first + list.length, records, dropped: list.length - records.length, skipped: own(value, 'skipped') === true };
}

/** One record, built anew, or undefined when any part of it is not what the model says. Texts too long are cut. */
export const checkRecord = (value: unknown): PageRecord | undefined => recordOf(value, false);

/** @param isOurs it came in a message: nobody else holds any of it */
function recordOf(value: unknown, isOurs: boolean): PageRecord | undefined {
  const kind = own(value, 'kind');
  if (kind === 'document') return checkDocument(value);
  if (kind === 'leave') return checkLeave(value);
  const exchange = own(value, 'exchange');
  if (!isCount(exchange) || exchange < 1) return undefined;
  if (kind === 'start') return checkStart(value, exchange);
  if (kind === 'head') return checkHead(value, exchange);
  if (kind === 'chunk') return checkChunk(value, exchange, isOurs);
  if (kind === 'end') return checkEnd(value, exchange);
  return undefined;
}

/** About how much memory and message a checked record takes, in bytes; strings count two a character. */
export function weigh(record: PageRecord): number {
  switch (record.kind) {
    case 'chunk': return 150 + (record.bytes?.byteLength ?? 0) + record.times.byteLength + record.ends.byteLength;
    case 'start':
    case 'head': return 150 + 2 * record.url.length + record.headers.reduce((sum, [name, text]) => sum + 50 + 2 * (name.length + text.length), 0);
    case 'end': return 150 + 2 * ((record.error?.name.length ?? 0) + (record.error?.message.length ?? 0));
    case 'document': return 150 + 2 * record.url.length;
    case 'leave': return 150;
  }
}

export function isRelayName(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{16,64}$/.test(value);
}

function checkDocument(value: unknown): PageRecord | undefined {
  const at = own(value, 'at');
  const url = textOf(own(value, 'url'));
  const top = own(value, 'top');
  if (!isTime(at) || url === undefined || typeof top !== 'boolean') return undefined;
  return { kind: 'document', at, url, top };
}

function checkLeave(value: unknown): PageRecord | undefined {
  const at = own(value, 'at');
  const clock = own(value, 'clock');
  return isTime(at) && isTime(clock) ? { kind: 'leave', at, clock } : undefined;
}

function checkStart(value: unknown, exchange: number): PageRecord | undefined {
  const at = own(value, 'at');
  const clock = own(value, 'clock');
  const method = textOf(own(value, 'method'));
  const url = textOf(own(value, 'url'));
  const headers = headersOf(own(value, 'headers'));
  const body = own(value, 'body');
  const bodySize = own(value, 'bodySize');
  const removed = own(value, 'removed');
  if (own(value, 'transport') !== 'fetch' || !isTime(at) || at < limits.earliestMs || !isTime(clock) || method === undefined || url === undefined || !headers) return undefined;
  if (!isBodyForm(body) || !isCount(bodySize) || !isCount(removed)) return undefined;
  return { kind: 'start', exchange, at, clock, transport: 'fetch', method, url, headers, body, bodySize, removed };
}

function checkHead(value: unknown, exchange: number): PageRecord | undefined {
  const clock = own(value, 'clock');
  const status = own(value, 'status');
  const type = textOf(own(value, 'type'));
  const url = textOf(own(value, 'url'));
  const headers = headersOf(own(value, 'headers'));
  if (!isTime(clock) || !isCount(status) || status > 999 || type === undefined || url === undefined || !headers) return undefined;
  return { kind: 'head', exchange, clock, status, type, url, headers };
}

function checkChunk(value: unknown, exchange: number, isOurs: boolean): PageRecord | undefined {
  const side = own(value, 'side');
  const offset = own(value, 'offset');
  const size = own(value, 'size');
  if (!isSide(side) || !isCount(offset) || !isCount(size) || size > MAX_UINT32 || !isCount(offset + size)) return undefined;
  const times = copyOf(own(value, 'times'), 'Float64Array', limits.recordReads);
  const ends = copyOf(own(value, 'ends'), 'Uint32Array', limits.recordReads);
  if (!times || !ends || times.length !== ends.length || !times.every(isTime)) return undefined;
  if (!ends.every((end, i) => end <= size && end >= (ends[i - 1] ?? 0))) return undefined;
  const given = own(value, 'bytes');
  const bytes = given === undefined ? undefined : (isOurs ? wholeOf(given) : undefined) ?? copyOf(given, 'Uint8Array', limits.recordBytes);
  if (given !== undefined && bytes?.byteLength !== size) return undefined;
  const reserialised = own(value, 'reserialised') === true;
  return { kind: 'chunk', exchange, side, offset, size, ...(bytes && { bytes }), times, ends, ...(reserialised && { reserialised }) };
}

function checkEnd(value: unknown, exchange: number): PageRecord | undefined {
  const clock = own(value, 'clock');
  const how = own(value, 'how');
  const bytes = own(value, 'bytes');
  if (!isTime(clock) || !isEndCause(how) || !isCount(bytes)) return undefined;
  const error = own(value, 'error');
  const name = textOf(own(error, 'name'));
  const message = textOf(own(error, 'message'));
  return { kind: 'end', exchange, clock, how, bytes, ...(name !== undefined && message !== undefined && { error: { name, message } }) };
}

/** Headers that are pairs of texts; others are left out, and so is what goes past the number or the size of a record. */
function headersOf(value: unknown): HeaderList | undefined {
  if (!Array.isArray(value)) return undefined;
  const headers: Array<[string, string]> = [];
  let room: number = limits.headerCharacters;
  for (let i = 0; i < value.length && i < limits.headers; i++) {
    const pair = own(value, String(i));
    const name = textOf(own(pair, '0'));
    const text = textOf(own(pair, '1'));
    if (name === undefined || text === undefined) continue;
    headers.push([name, text]);
    room -= name.length + text.length;
    if (room < 0) break;
  }
  return headers;
}

/** The value of an own data property. A getter is not run: to us it is absent. */
function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

const MAX_UINT32 = 2 ** 32 - 1;
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
/** ms, of a clock or from a start: nobody's are later. */
export const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < limits.latestMs;
const textOf = (value: unknown): string | undefined => typeof value === 'string' ? cut(value) : undefined;
const cut = (text: string): string => text.length <= limits.textLength ? text : ownText(text.slice(0, limits.textLength));
const isSide = (value: unknown): value is Side => value === 'request' || value === 'response';
const isBodyForm = (value: unknown): value is BodyForm => value === 'none' || value === 'exact' || value === 'reserialised' || value === 'stream';
const isEndCause = (value: unknown): value is EndCause => endCauses.some((cause) => cause === value);

interface Typed { Uint8Array: Uint8Array<ArrayBuffer>; Uint32Array: Uint32Array<ArrayBuffer>; Float64Array: Float64Array<ArrayBuffer> }
const constructors = { Uint8Array, Uint32Array, Float64Array };
const typedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype);
const intrinsic = (key: PropertyKey, of: unknown): unknown => Object.getOwnPropertyDescriptor(typedArrayPrototype, key)?.get?.call(of);

/** A copy of a typed array of just this kind (told by its internal slot, which nothing can pretend) and at most this
 *  long. A detached one is an empty one. */
function copyOf<K extends keyof Typed>(value: unknown, kind: K, longest: number): Typed[K] | undefined {
  if (intrinsic(Symbol.toStringTag, value) !== kind) return undefined;
  const length = intrinsic('length', value);
  if (!isCount(length) || length > longest) return undefined;
  return new constructors[kind](length === 0 ? [] : value as ArrayLike<number>) as Typed[K];
}

const lengthOfBuffer = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')?.get;
const canChange = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'resizable')?.get;

/** Bytes that fill a memory of their own, which is not shared with another thread and keeps its size. */
function wholeOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (intrinsic(Symbol.toStringTag, value) !== 'Uint8Array') return undefined;
  const buffer = intrinsic('buffer', value);
  try {
    // Throws for shared memory.
    const length: unknown = lengthOfBuffer?.call(buffer);
    if (length === 0 || length !== intrinsic('length', value) || Number(length) > limits.recordBytes || canChange?.call(buffer) !== false) return undefined;
    return new Uint8Array(buffer as ArrayBuffer);
  } catch {
    return undefined;
  }
}

/**
 * The rescue: what a leaving page could not get acknowledged any more, as JSON in `chrome.storage.session` (a message to
 * a stopped worker at unload is lost, a storage write is not). Typed arrays are base64. It is bounded: where not all fits,
 * the latest bytes are left out (of each body one size stays, so they count as missing), and past that the latest records.
 */
import { limits } from '../model/limits.ts';
import type { ChunkRecord, PageRecord } from '../model/record.ts';
import { RECORD_VERSION } from '../model/versions.ts';
import { checkRecord, isRelayName, isTime } from './record-check.ts';

/** Private windows share the store with the others, and only their own worker may read what was theirs. */
const prefixOf = (inPrivate: boolean): string => inPrivate ? 'private-rescue:' : 'rescue:';
export const rescueKey = (relay: string, inPrivate = false): string => prefixOf(inPrivate) + relay;
/** Beside it the same with hardly any bytes, which is there where the browser ended the page before it had written the
 *  other, and where the store is too full for that one and refused it whole, at a time when the page could no longer hear of
 *  it. Keys in order: the longer one comes first, then this tells nothing new. */
export const bareRescueKey = (relay: string, inPrivate = false): string => `${rescueKey(relay, inPrivate)}:bare`;
export const isRescueKey = (key: string, inPrivate = false): boolean => key.startsWith(prefixOf(inPrivate));

/** Records `first`, `first + 1`, ... of the document whose relay this was. */
export interface Rescue {
  relay: string;
  /** epoch ms */ at: number;
  first: number;
  records: Array<PageRecord | undefined>;
}

/** As stored: a JSON value whose text is at most `room` characters. */
export function encodeRescue(rescue: Rescue, room: number = limits.rescueBytes): unknown {
  const { relay, at, first } = rescue;
  const frame = { version: RECORD_VERSION, relay, at, first };
  const records = sizesOnly(rescue.records);
  let left = room - sizeOf({ ...frame, records: [] });
  const fit = records.findIndex((record) => (left -= sizeOf(record) + 1) < 0);
  if (fit >= 0) return { ...frame, records: records.slice(0, fit) };
  // Bytes in order: what is kept of a body is its beginning, which still reads as an answer.
  let whole = 0;
  for (const record of rescue.records) {
    const bytes = record?.kind === 'chunk' ? record.bytes : undefined;
    const plain = record && withoutBytes(record);
    if (plain && record.kind === 'chunk') {
      left -= sizeOf(plain) + base64Length(bytes?.byteLength ?? 0) + '"bytes":"",'.length;
      if (left < 0) break;
      if (bytes) plain['bytes'] = bytes.toBase64();
    }
    records[whole++] = plain;
  }
  return { ...frame, records: [...records.slice(0, whole), ...sizesOnly(rescue.records.slice(whole))] };
}

/** Reads a stored rescue; undefined when it is none of ours. A record that does not pass the gate is an empty place, so
 *  that those behind it keep their numbers. */
export function decodeRescue(value: unknown): Rescue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, relay, at, first, records } = value as Record<string, unknown>;
  if (version !== RECORD_VERSION || !isRelayName(relay) || !isTime(at) || !Number.isSafeInteger(first) || Number(first) < 0 || !Array.isArray(records)) return undefined;
  return { relay, at, first: Number(first), records: records.map((record: unknown) => checkRecord(withArrays(record))) };
}

/** Of each body only how far it was read: in the place of its last record, which covers those before it. (In the place of the
 *  first it would be lost where that one is stored already.) */
function sizesOnly(records: Rescue['records']): Array<Record<string, unknown> | undefined> {
  const begun = new Map<string, ChunkRecord>();
  const last = new Map<string, PageRecord>();
  for (const record of records) {
    if (record?.kind !== 'chunk') continue;
    const body = bodyOf(record);
    begun.set(body, begun.get(body) ?? record);
    last.set(body, record);
  }
  return records.map((record) => {
    if (record?.kind !== 'chunk') return record && withoutBytes(record);
    const from = begun.get(bodyOf(record));
    if (!from || last.get(bodyOf(record)) !== record) return undefined;
    const size = record.offset + record.size - from.offset;
    return withoutBytes({ ...record, offset: from.offset, size, times: from.times.slice(0, 1), ends: Uint32Array.from(from.times.slice(0, 1), () => size) });
  });
}

const bodyOf = ({ exchange, side }: ChunkRecord): string => `${exchange}/${side}`;

function withoutBytes(record: PageRecord): Record<string, unknown> {
  if (record.kind !== 'chunk') return { ...record };
  const { bytes: _, times, ends, ...rest } = record;
  return { ...rest, times: new Uint8Array(times.slice().buffer).toBase64(), ends: new Uint8Array(ends.slice().buffer).toBase64() };
}

/** Characters of it as JSON in a list. */
const sizeOf = (value: unknown): number => JSON.stringify(value ?? null).length;

function withArrays(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || !('kind' in stored) || stored.kind !== 'chunk') return stored;
  const { bytes, times, ends, ...rest } = stored as Record<string, unknown>;
  try {
    return {
      ...rest,
      times: new Float64Array(fromBase64(times).buffer),
      ends: new Uint32Array(fromBase64(ends).buffer),
      ...(bytes !== undefined && { bytes: fromBase64(bytes) }),
    };
  } catch {
    return undefined; // not base64, or not a whole number of elements
  }
}

const base64Length = (bytes: number): number => 4 * Math.ceil(bytes / 3);
const fromBase64 = (text: unknown): Uint8Array<ArrayBuffer> => Uint8Array.fromBase64(typeof text === 'string' ? text : '');

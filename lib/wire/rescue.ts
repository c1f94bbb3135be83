/**
 * The rescue: what a leaving page could not get acknowledged any more, as JSON in `chrome.storage.session` (a message to
 * a stopped worker at unload is lost, a storage write is not). Typed arrays are base64. It is bounded: where not all fits,
 * the latest bytes are left out (their sizes stay, so they count as missing), and past that the latest records.
 */
import { limits } from '../model/limits.ts';
import type { PageRecord } from '../model/record.ts';
import { RECORD_VERSION } from '../model/versions.ts';
import { checkRecord, isRelayName } from './record-check.ts';

const PREFIX = 'rescue:';
export const rescueKey = (relay: string): string => PREFIX + relay;
/** Beside it the same with hardly any bytes, which stays where the store is too full for the other and refused it whole, at
 *  a time when the page could no longer hear of that. Keys in order: the full one comes first, then this tells nothing new. */
export const bareRescueKey = (relay: string): string => `${rescueKey(relay)}:bare`;
export const isRescueKey = (key: string): boolean => key.startsWith(PREFIX);

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
  let left = room - JSON.stringify({ ...frame, records: [] }).length;
  const records: Array<Record<string, unknown>> = [];
  for (const record of rescue.records) {
    if (!record) break;
    const bare = withoutBytes(record);
    left -= JSON.stringify(bare).length + 1;
    if (left < 0) break;
    records.push(bare);
  }
  // Bytes in order: what is kept of a body is its beginning, which still reads as an answer.
  for (const [i, bare] of records.entries()) {
    const record = rescue.records[i];
    if (record?.kind !== 'chunk' || !record.bytes) continue;
    left -= base64Length(record.bytes.byteLength) + '"bytes":"",'.length;
    if (left < 0) break;
    bare['bytes'] = record.bytes.toBase64();
  }
  return { ...frame, records };
}

/** Reads a stored rescue; undefined when it is none of ours. A record that does not pass the gate is an empty place, so
 *  that those behind it keep their numbers. */
export function decodeRescue(value: unknown): Rescue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, relay, at, first, records } = value as Record<string, unknown>;
  if (version !== RECORD_VERSION || !isRelayName(relay) || typeof at !== 'number' || !Number.isSafeInteger(first) || Number(first) < 0 || !Array.isArray(records)) return undefined;
  return { relay, at, first: Number(first), records: records.map((record: unknown) => checkRecord(withArrays(record))) };
}

function withoutBytes(record: PageRecord): Record<string, unknown> {
  if (record.kind !== 'chunk') return { ...record };
  const { bytes: _, times, ends, ...rest } = record;
  return { ...rest, times: new Uint8Array(times.slice().buffer).toBase64(), ends: new Uint8Array(ends.slice().buffer).toBase64() };
}

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

/** Records as an honest shim makes them, of bodies whose every byte is known. */
import { limits } from '../../lib/model/limits.ts';
import type { ChunkRecord, PageRecord } from '../../lib/model/record.ts';

/** Byte `at` of the response of an exchange. */
const byteAt = (exchange: number, at: number): number => (exchange * 31 + at * 7) & 0xff;

export function chunk(exchange: number, offset: number, size: number): ChunkRecord {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = byteAt(exchange, offset + i);
  return { kind: 'chunk', exchange, side: 'response', offset, size, bytes, times: Float64Array.of(offset + 0.1), ends: Uint32Array.of(size) };
}

const blank = new Uint8Array(limits.recordBytes);

/** Many large chunks of one body, in order, which share one buffer: where what the bytes are does not matter. */
export function blankChunks(many: number, from = 0): ChunkRecord[] {
  return Array.from({ length: many }, (_, i) => ({ ...chunk(1, 0, 0), offset: from + i * blank.length, size: blank.length, bytes: blank, ends: Uint32Array.of(blank.length) }));
}

export const leave = (at: number): PageRecord => ({ kind: 'leave', at, clock: at });

/** Numbers from a seed, 0 <= n < 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of the chunks that were stored: bytes held and missing; throws where a byte is wrong or there twice. `blank`: see there. */
export function count(records: Iterable<PageRecord>, blank = false): { stored: number; missing: number } {
  const seen = new Map<number, number>();
  const total = { stored: 0, missing: 0 };
  for (const record of records) {
    if (record.kind !== 'chunk') continue;
    if (record.offset !== (seen.get(record.exchange) ?? 0)) throw new Error(`exchange ${record.exchange}: byte ${record.offset} follows ${seen.get(record.exchange)}`);
    seen.set(record.exchange, record.offset + record.size);
    if (!record.bytes) total.missing += record.size;
    else if (blank || record.bytes.every((byte, i) => byte === byteAt(record.exchange, record.offset + i))) total.stored += record.bytes.length;
    else throw new Error(`exchange ${record.exchange}: wrong bytes`);
  }
  return total;
}

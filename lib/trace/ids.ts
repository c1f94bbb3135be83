/**
 * Ids derived by SHA-256 from what the page and the browser named, never drawn by chance: a write repeated after the
 * worker's death makes the same span again and not a second one. Synchronous, because WebCrypto's digest is not and an
 * IndexedDB transaction closes while one waits for it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ExchangeId } from '../model/exchange.ts';
import { remembered } from './remembered.ts';

/** `llm`: the call itself. `tool`: one tool call of its answer, `ordinal` its index. `run`: the AGENT or CHAIN around a run. */
export type SpanRole = 'llm' | 'tool' | 'run';

const encoder = new TextEncoder();
const scratch = new Uint8Array(16 * 1024);

/** As UTF-8, until the next call: a buffer of its own for each takes as long as the hash. */
function bytesIn(text: string): Uint8Array {
  return text.length * 3 <= scratch.length ? scratch.subarray(0, encoder.encodeInto(text, scratch).written) : encoder.encode(text);
}

/** Hex of the first 16 bytes of the digest. A request repeats the history before it, and a look-up takes a tenth of a hash. */
const digestOf = remembered((text) => bytesToHex(sha256(bytesIn(text)).subarray(0, 16)));

/** Length before each part, so that no two lists of parts read the same. */
const joined = (parts: readonly string[]): string => parts.map((part) => `${part.length}:${part}`).join('');

/** So many of the first digits. OpenTelemetry holds ids of nothing but zeros for invalid. */
function idOf(digest: string, digits: number): string {
  const hex = digest.slice(0, digits);
  return /^0+$/.test(hex) ? `${hex.slice(0, -1)}1` : hex;
}

/** 16 hex digits. */
export function spanIdOf(documentId: string, exchange: ExchangeId, role: SpanRole, ordinal: number): string {
  return idOf(digestOf(joined(['span', documentId, exchange, role, String(ordinal)])), 16);
}

/** 32 hex digits: the trace that this exchange opens. */
export function traceIdOf(exchange: ExchangeId): string {
  return idOf(digestOf(joined(['trace', exchange])), 32);
}

/** 16 hex digits for comparing texts within one session, without keeping the texts. */
export function keyHash(...parts: string[]): string {
  return digestOf(joined(parts)).slice(0, 16);
}

/** As `keyHash`, of one text, whatever white space is in it. On the bytes, since a regular expression takes five times
 *  as long as the hash, and histories are long. */
export const textHash = remembered((text) => {
  const bytes = bytesIn(text);
  let length = 0;
  for (const byte of bytes) if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) bytes[length++] = byte;
  return bytesToHex(sha256(bytes.subarray(0, length)).subarray(0, 8));
});

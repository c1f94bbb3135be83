/**
 * Ids derived by SHA-256 from what the page and the browser named, never drawn by chance: a write repeated after the
 * worker's death makes the same span again and not a second one. Synchronous, because WebCrypto's digest is not and an
 * IndexedDB transaction closes while one waits for it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ExchangeId } from '../model/exchange.ts';

/** `llm`: the call itself. `tool`: one tool call of its answer, `ordinal` its index. `run`: the AGENT or CHAIN around a run. */
export type SpanRole = 'llm' | 'tool' | 'run';

/** Length before each part, so that no two lists of parts read the same. */
const digestOf = (parts: readonly string[]): Uint8Array => sha256(utf8ToBytes(parts.map((part) => `${part.length}:${part}`).join('')));

/** Hex of the first bytes. OpenTelemetry holds ids of nothing but zeros for invalid. */
function idOf(digest: Uint8Array, bytes: number): string {
  const hex = bytesToHex(digest.subarray(0, bytes));
  return /^0+$/.test(hex) ? `${hex.slice(0, -1)}1` : hex;
}

/** 16 hex digits. */
export function spanIdOf(documentId: string, exchange: ExchangeId, role: SpanRole, ordinal: number): string {
  return idOf(digestOf(['span', documentId, exchange, role, String(ordinal)]), 8);
}

/** 32 hex digits: the trace that this exchange opens. */
export function traceIdOf(exchange: ExchangeId): string {
  return idOf(digestOf(['trace', exchange]), 16);
}

/** 16 hex digits for comparing texts within one session, without keeping the texts. */
export function keyHash(...parts: string[]): string {
  return bytesToHex(digestOf(parts).subarray(0, 8));
}

/** As `keyHash`, of one text, whatever white space is in it. On the bytes, since a regular expression takes five times
 *  as long as the hash, and histories are long. */
export function textHash(text: string): string {
  const bytes = utf8ToBytes(text);
  let length = 0;
  for (const byte of bytes) if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) bytes[length++] = byte;
  return bytesToHex(sha256(bytes.subarray(0, length)).subarray(0, 8));
}

/**
 * Stars over the string values of secret keys (`"api_key": "..."`) in JSON that arrives in pieces: a scanner whose state is a
 * few numbers, so that nothing need be held back. It reads SSE and NDJSON as well, since JSON strings there are as in a
 * plain body; a line break inside a string means that this was no JSON string, and the scanner starts anew.
 */
import { fillBytes, fromUtf8, indexOf, indexOfByte, lastIndexOf, lowerCase, some, toLatin1, toUtf8, viewBuffer, viewLength, U8, type Bytes } from './natives.ts';
import { secretJsonKeyEnds, secretJsonKeys } from './secret-names.ts';

const QUOTE = 0x22, BACKSLASH = 0x5c, COLON = 0x3a, OPEN = 0x7b, CLOSE = 0x7d, STAR = 0x2a, LF = 0x0a, CR = 0x0d, SPACE = 0x20, TAB = 0x09, DASH = 0x2d, UNDERSCORE = 0x5f;
/** Past this a string is skipped by the engine's own search instead of byte by byte: images and long prompts. */
const LONG = 64;

// A key is known by a hash of its letters, without case, `_` and `-`, so that its text need not be kept across pieces.
const SEED = 17;
const hashed = (hash: number, byte: number): number => byte === DASH || byte === UNDERSCORE ? hash : (hash * 31 + (byte | 0x20)) | 0;
const secretHashes = secretJsonKeys.map((key) => toUtf8(key).reduce(hashed, SEED));

export class JsonSecrets {
  #inString = false;
  #escaped = false;
  #hash = SEED;
  #length = 0;
  /** a string has just ended: a colon makes it a key */
  #keyBefore = false;
  /** the next value belongs to a secret key */
  #valueNext = false;
  /** inside the string value of a secret key */
  #masking = false;
  /** how deep inside an object that is the value of a secret key: all its values go */
  #depth = 0;
  #value = '';

  /** Masks bytes[from...] in place, going on from the piece before. `found` hears of each value when it is complete. */
  scan(bytes: Bytes, from: number, found: (value: string) => void): void {
    if (!this.#inString && !this.#keyBefore && !this.#valueNext && this.#depth === 0) from += harmless(new U8(viewBuffer(bytes) as ArrayBuffer, from));
    let valueFrom = from;
    let newline = -1;
    const length = viewLength(bytes);
    for (let i = from; i < length; i++) {
      const byte = bytes[i] as number;
      if (!this.#inString) {
        this.#outside(byte);
        valueFrom = i + 1;
      } else if (this.#escaped) {
        this.#escaped = false;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
        this.#hash = SEED;
      } else if (byte === QUOTE || byte === LF || byte === CR) {
        this.#inString = false;
        this.#keyBefore = byte === QUOTE && !this.#masking;
        if (!this.#masking) continue;
        this.#mask(bytes, valueFrom, i);
        this.#masking = false;
        found(this.#value);
      } else if (this.#length++ < LONG) {
        this.#hash = hashed(this.#hash, byte);
      } else if (!this.#masking) {
        if (newline < i) newline = placeOf(bytes, LF, i);
        const quote = placeOf(bytes, QUOTE, i);
        const end = quote < newline ? quote : newline;
        let backslashes = 0;
        while (bytes[end - 1 - backslashes] === BACKSLASH) backslashes++;
        this.#escaped = backslashes % 2 === 1;
        i = end - 1;
      }
    }
    if (this.#masking) this.#mask(bytes, valueFrom, length);
  }

  #outside(byte: number): void {
    if (byte === SPACE || byte === LF || byte === CR || byte === TAB) return;
    if (byte === COLON) {
      const hash = this.#hash;
      this.#valueNext = this.#depth > 0 || (this.#keyBefore && some(secretHashes, (secret) => secret === hash));
    } else {
      if (byte === QUOTE) {
        this.#inString = true;
        this.#masking = this.#valueNext;
        this.#hash = SEED;
        this.#length = 0;
        this.#value = '';
      } else if (byte === OPEN && (this.#valueNext || this.#depth > 0)) this.#depth++;
      else if (byte === CLOSE && this.#depth > 0) this.#depth--;
      this.#valueNext = false;
    }
    this.#keyBefore = false;
  }

  #mask(bytes: Bytes, from: number, to: number): void {
    this.#value += fromUtf8(new U8(viewBuffer(bytes) as ArrayBuffer, from, to - from));
    fillBytes(bytes, STAR, from, to);
  }
}

/** How many bytes from the start hold no secret key for certain, and leave the scanner as it was: whole lines that end an
 *  object, in a text without the end of such a key. Nearly all of a stream is that, and the engine searches faster. */
function harmless(bytes: Bytes): number {
  const text = lowerCase(toLatin1(bytes));
  return some(secretJsonKeyEnds, (end) => holdsKey(text, end)) ? 0 : lastIndexOf(text, '}\n') + 1;
}

/** Whether a string that ends so is followed by a colon (or may be, at the end). */
function holdsKey(text: string, end: string): boolean {
  for (let at = indexOf(text, end); at >= 0; at = indexOf(text, end, at + 1)) {
    let next = at + end.length;
    while (text[next] === ' ' || text[next] === '\n') next++;
    if (next === text.length || text[next] === ':') return true;
  }
  return false;
}

function placeOf(bytes: Bytes, byte: number, from: number): number {
  const place = indexOfByte(bytes, byte, from);
  return place < 0 ? viewLength(bytes) : place;
}

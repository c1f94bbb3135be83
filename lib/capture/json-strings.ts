/**
 * Walks over JSON that arrives in pieces and tells of the string values of the keys that matter here: secrets (`"api_key"`)
 * and what a model says (`"content"`). Its state is a few numbers, so nothing need be held back for it. It reads SSE and
 * NDJSON as well, since JSON strings there are as in a plain body; a line break inside a string means that this was no JSON
 * string, and it starts anew.
 */
import { bare, indexOfByte, toUtf8, U8, viewLength, type Bytes } from './natives.ts';
import { saidKeys, secretJsonKeys } from './secret-names.ts';

const QUOTE = 0x22, BACKSLASH = 0x5c, COLON = 0x3a, OPEN = 0x7b, CLOSE = 0x7d, LF = 0x0a, CR = 0x0d, SPACE = 0x20, DASH = 0x2d, UNDERSCORE = 0x5f;
/** Past this a string is skipped by the engine's own search instead of byte by byte: images and long prompts. */
const LONG = 256;

/** The kind of a secret's value; any other number is that of a key in `saidKeys`. */
export const SECRET = -1;

// A key is known by a hash of its letters, without case, `_` and `-`, so that its text need not be kept across pieces.
const SEED = 17;
const hashed = (hash: number, byte: number): number => byte === DASH || byte === UNDERSCORE ? hash : ((hash << 5) - hash + (byte | 0x20)) | 0;
const kinds: Record<number, number> = bare({});
/** By the last bits of a hash: is it worth while to look? Most keys are none of ours. */
const BITS = 0xff;
const known = new U8(BITS + 1);
const know = (key: string, kind: number): void => {
  const hash = toUtf8(key).reduce(hashed, SEED);
  kinds[hash] = kind;
  known[hash & BITS] = 1;
};
secretJsonKeys.forEach((key) => { know(key, SECRET); });
saidKeys.forEach(know);

/** `bytes[from...to]` are a string value of that kind, or a part of one; `ended`: its last. */
export type Told = (kind: number, from: number, to: number, ended: boolean) => void;

export class JsonStrings {
  #inString = false;
  #escaped = false;
  /** of the string we are in or that has just ended, as far as it lies in pieces before */
  #hash = SEED;
  /** a string has just ended: a colon makes it a key */
  #keyBefore = false;
  /** of the value that comes next, or of the one we are in */
  #kind: number | undefined;
  /** how deep inside an object that is the value of a secret key: all its values go */
  #depth = 0;

  /** Reads bytes[from...], going on from the piece before. Runs for every byte that is recorded: hence the local variables. */
  scan(bytes: Bytes, from: number, tell: Told): void {
    const length = viewLength(bytes);
    let inString = this.#inString;
    let escaped = this.#escaped;
    let keyBefore = this.#keyBefore;
    let kind = this.#kind;
    /** of the string we are in, or that has just ended */
    let start = from;
    let end = from;
    let hash = this.#hash;
    let newline = -1;
    for (let i = from; i < length; i++) {
      const byte = bytes[i] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte > QUOTE) {
          if (i - start < LONG) continue;
          if (newline < i) newline = placeOf(bytes, LF, i);
          const quote = placeOf(bytes, QUOTE, i);
          const stop = quote < newline ? quote : newline;
          let backslashes = 0;
          while (bytes[stop - 1 - backslashes] === BACKSLASH) backslashes++;
          escaped = backslashes % 2 === 1;
          i = stop - 1;
        } else if (byte === QUOTE || byte === LF || byte === CR) {
          inString = false;
          end = i;
          keyBefore = byte === QUOTE && kind === undefined;
          if (kind !== undefined) tell(kind, start, end, true);
          kind = undefined;
        }
      } else if (byte === QUOTE) {
        inString = true;
        keyBefore = false;
        start = i + 1;
        hash = SEED;
      } else if (byte > SPACE) {
        if (byte === COLON) kind = this.#depth > 0 ? SECRET : keyBefore ? kindOf(hashOn(hash, bytes, start, end)) : undefined;
        else {
          if (byte === OPEN && (kind === SECRET || this.#depth > 0)) this.#depth++;
          else if (byte === CLOSE && this.#depth > 0) this.#depth--;
          kind = undefined;
        }
        keyBefore = false;
      }
    }
    if (inString) end = length;
    if (inString && kind !== undefined) tell(kind, start, end, false);
    this.#hash = inString || keyBefore ? hashOn(hash, bytes, start, end) : SEED;
    this.#inString = inString;
    this.#escaped = escaped;
    this.#keyBefore = keyBefore;
    this.#kind = kind;
  }
}

const kindOf = (hash: number): number | undefined => known[hash & BITS] === 1 ? kinds[hash] : undefined;

function hashOn(hash: number, bytes: Bytes, from: number, to: number): number {
  // Of a string longer than any key the hash is wrong, which does not matter.
  for (let i = from; i < to && i < from + LONG; i++) hash = hashed(hash, bytes[i] as number);
  return hash;
}

function placeOf(bytes: Bytes, byte: number, from: number): number {
  const place = indexOfByte(bytes, byte, from);
  return place < 0 ? viewLength(bytes) : place;
}

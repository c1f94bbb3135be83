/**
 * Finds, in JSON that arrives in pieces, the string values of the keys that matter here: secrets (`"api_key"`) and what a
 * model says (`"content"`). It goes from colon to colon, by the engine's own search, and looks at the key before each: most
 * are none of ours. It reads SSE and NDJSON as well, since JSON strings there are as in a plain body; a line break inside a
 * string means that this was no JSON string.
 */
import { bare, charCodeAt, indexOf, slice, U8 } from './natives.ts';
import { saidKeys, secretJsonKeys } from './secret-names.ts';

const QUOTE = 0x22, BACKSLASH = 0x5c, OPEN = 0x7b, CLOSE = 0x7d, SPACE = 0x20, DASH = 0x2d, UNDERSCORE = 0x5f;
/** Characters of a piece that may be the beginning of what the next one ends: a key, its colon and some space. */
const LONGEST_KEY = 256;

/** The kind of a secret's value; any other number is that of a key in `saidKeys`. */
export const SECRET = -1;

// A key is known by a hash of its letters, last one first, without case, `_` and `-`.
const hashed = (hash: number, character: number): number => character === DASH || character === UNDERSCORE ? hash : ((hash << 5) - hash + (character | 0x20)) | 0;
const kinds: Record<number, number> = bare({});
/** By the last two letters: is a key worth hashing? */
const likely = new U8(1024);
const lastTwo = (last: number, before: number): number => (last & 31) << 5 | (before & 31);
const know = (key: string, kind: number): void => {
  let hash = 0;
  for (let i = key.length - 1; i >= 0; i--) hash = hashed(hash, charCodeAt(key, i));
  kinds[hash] = kind;
  likely[lastTwo(charCodeAt(key, key.length - 1), charCodeAt(key, key.length - 2))] = 1;
};
secretJsonKeys.forEach((key) => { know(key, SECRET); });
saidKeys.forEach(know);

/** What lies in text[from...to] is a string value of that kind, or a part of one; `ended`: its last. */
type Told = (kind: number, from: number, to: number, ended: boolean) => void;

/** Reads piece[from...], of one character a byte, going on from the piece before. Runs over everything that is recorded. */
export type Scan = (piece: string, from: number, tell: Told) => void;

export function jsonStrings(): Scan {
  /** the end of the piece before, where a key may have begun */
  let before = '';
  /** of the value we are in */
  let kindNow: number | undefined;
  let escapedNow = false;
  /** how deep inside an object that is the value of a secret key: all its values go */
  let depth = 0;

  /** The string that goes on at `start`; answers where what follows it begins. */
  const readValue = (text: string, start: number, kind: number, tell: Told): number => {
    let end = start;
    let escaped = escapedNow;
    for (; end < text.length; end++) {
      const character = charCodeAt(text, end);
      if (escaped) escaped = false;
      else if (character === BACKSLASH) escaped = true;
      else if (character === QUOTE || character === 10 || character === 13) break;
    }
    const ended = end < text.length;
    kindNow = ended ? undefined : kind;
    escapedNow = !ended && escaped;
    tell(kind, start, end, ended);
    return ended ? end + 1 : end;
  };

  /** Inside the object of a secret key: up to its end, or to `to`. Answers where. */
  const countBraces = (text: string, from: number, to: number): number => {
    let at = from;
    for (; at < to && depth > 0; at++) {
      const character = charCodeAt(text, at);
      if (character === OPEN) depth++;
      else if (character === CLOSE) depth--;
    }
    return at;
  };

  return (piece, from, tell) => {
    const text = before + slice(piece, from);
    const shift = from - before.length;
    const { length } = text;
    const told: Told = (kind, start, end, ended) => { tell(kind, start + shift, end + shift, ended); };
    /** where what has not been looked at begins */
    let at = kindNow === undefined ? 0 : readValue(text, 0, kindNow, told);
    /** up to where braces are still to be counted at the end */
    let rest = length;
    for (let colon = indexOf(text, ':', at); colon >= 0; colon = indexOf(text, ':', at)) {
      countBraces(text, at, colon);
      const kind = depth > 0 ? SECRET : kindOfKey(text, colon);
      let next = colon + 1;
      if (kind !== undefined) {
        while (charCodeAt(text, next) <= SPACE) next++;
        if (next === length) {
          // The value comes with the next piece: the key is read again then, but not the braces before it.
          if (depth > 0) at = colon;
          rest = 0;
          break;
        }
        if (charCodeAt(text, next) === QUOTE) next = readValue(text, next + 1, kind, told);
        else if (kind === SECRET && depth === 0 && charCodeAt(text, next) === OPEN) {
          depth = 1;
          next++;
        }
      }
      at = next;
    }
    at = countBraces(text, at, rest);
    before = slice(text, at > length - LONGEST_KEY ? at : length - LONGEST_KEY);
  };
}

/** Of the key that ends before the colon. */
function kindOfKey(text: string, colon: number): number | undefined {
  let end = colon - 1;
  while (charCodeAt(text, end) <= SPACE) end--;
  if (charCodeAt(text, end) !== QUOTE || likely[lastTwo(charCodeAt(text, end - 1), charCodeAt(text, end - 2))] !== 1) return undefined;
  let hash = 0;
  for (let i = end - 1; i > end - LONGEST_KEY; i--) {
    const character = charCodeAt(text, i);
    if (character === QUOTE) return kinds[hash];
    hash = hashed(hash, character);
  }
  return undefined;
}

/**
 * The secret values this document has shown, and their removal wherever else they occur. A value is learned in its own
 * place (a header, a query parameter, a JSON key) and from then on masked everywhere, in text and in bytes.
 */
import { attempt, bare, decodePercent, encodePercent, fillBytes, includes, indexOf, list, push, slice, stringify, toLatin1, toUtf8, type Bytes } from './natives.ts';

export const STAR = 0x2a;
/** What stands in a text where a secret was. */
export const REMOVED = '***';
/** Shorter values are words: they are removed in their own place only. */
const SHORTEST = 8;
/** Longer ones are looked for in pieces: whole they would make records too large while they are held back. */
const LONGEST = 8192;
/** A page that makes new secrets with each call pushes out those it no longer uses. */
const MOST = 256;

/** Known ones among the latest so many are not learned again: the same key comes with every call. */
const FRESH = 32;

/** One spelling of a secret: as text, and as its UTF-8 bytes with one character each. */
interface Spelling { plain: string; latin1: string }

export type Secrets = ReturnType<typeof secretsOfDocument>;

export function secretsOfDocument() {
  let spellings: Spelling[] = list();

  const add = (plain: string): void => {
    if (plain.length < SHORTEST) return;
    if (plain.length > LONGEST) {
      add(slice(plain, 0, LONGEST));
      add(slice(plain, LONGEST));
      return;
    }
    // The one used last comes first.
    const next = list<Spelling>();
    push(next, bare({ plain, latin1: toLatin1(toUtf8(plain)) }));
    for (let i = 0; i < spellings.length && next.length < MOST; i++) {
      const known = spellings[i] as Spelling;
      if (known.plain !== plain) push(next, known);
    }
    spellings = next;
  };

  const learnSpellings = (value: string): void => {
    add(value);
    add(attempt(decodePercent, value) ?? value);
    add(attempt(encodePercent, value) ?? value);
    add(slice(stringify(value), 1, -1));
  };

  return {
    /** `Bearer abc` also teaches `abc`; percent-encoded, decoded and JSON-escaped spellings are taught along. */
    learn(value: string): void {
      for (let i = 0; i < spellings.length && i < FRESH; i++) if (spellings[i]?.plain === value) return;
      const scheme = indexOf(value, ' ');
      learnSpellings(value);
      if (scheme > 0) learnSpellings(slice(value, scheme + 1));
    },

    /** The text without any secret known so far; `counted` hears of each removal. */
    removeFrom(text: string, counted: () => void): string {
      for (let i = 0; i < spellings.length; i++) {
        const secret = (spellings[i] as Spelling).plain;
        for (let at = indexOf(text, secret); at >= 0; at = indexOf(text, secret, at + REMOVED.length)) {
          text = slice(text, 0, at) + REMOVED + slice(text, at + secret.length);
          counted();
        }
      }
      return text;
    },

    /** Stars over every occurrence in the bytes, whose text is given, at equal length. Answers how many bytes from the start may leave: less than all when the
     *  end is the beginning of a secret and more may come. At the very end such a rest is starred when it is long. */
    maskBytes(bytes: Bytes, text: string, atEnd: boolean, counted: () => void): number {
      let safe = text.length;
      for (let i = 0; i < spellings.length; i++) {
        const secret = (spellings[i] as Spelling).latin1;
        for (let at = indexOf(text, secret); at >= 0; at = indexOf(text, secret, at + secret.length)) {
          fillBytes(bytes, STAR, at, at + secret.length);
          counted();
        }
        const rest = beginningAtEnd(text, secret);
        if (rest === 0) continue;
        if (!atEnd) safe = text.length - rest < safe ? text.length - rest : safe;
        else if (rest >= SHORTEST) fillBytes(bytes, STAR, text.length - rest);
      }
      return safe;
    },

    none: (): boolean => spellings.length === 0,

    /** Finds the secrets in a text that comes in pieces. `star` hears from where to where: of one that may only begin at the
     *  end, all but its first letters. Returns that end, to stand before the next piece. */
    find(text: string, star: (from: number, to: number) => void, counted: () => void): string {
      let rest = 0;
      for (let i = 0; i < spellings.length; i++) {
        const secret = (spellings[i] as Spelling).latin1;
        if (!includes(text, slice(secret, 0, 1))) continue; // most texts here are words
        for (let at = indexOf(text, secret); at >= 0; at = indexOf(text, secret, at + secret.length)) {
          star(at, at + secret.length);
          counted();
        }
        const begun = beginningAtEnd(text, secret);
        star(text.length - begun + SHORTEST, text.length);
        if (begun > rest) rest = begun;
      }
      return slice(text, text.length - rest);
    },
  };
}

/** Length of the longest end of the text with which the secret, longer than it, begins. */
function beginningAtEnd(text: string, secret: string): number {
  const first = slice(secret, 0, 1);
  const earliest = text.length - secret.length + 1;
  const end = earliest > 0 ? slice(text, earliest) : text;
  for (let at = indexOf(end, first); at >= 0; at = indexOf(end, first, at + 1)) {
    const rest = slice(end, at);
    if (rest === slice(secret, 0, rest.length)) return rest.length;
  }
  return 0;
}

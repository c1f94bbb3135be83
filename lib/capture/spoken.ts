/**
 * Secrets that a model says: letter by letter, each piece in a frame of its own (`"content":"sk-a"`, `"content":"b1"`), where
 * no search in the bytes finds them. So the strings of a key are joined in thought, over frames and over what arrives at a
 * time, and what goes on with a secret is starred. Its first letters may have left already.
 */
import { bare, fillBytes, indexOf, lastIndexOf, slice, toLatin1, U8, viewBuffer, viewLength, type Bytes } from './natives.ts';
import { STAR, type Secrets } from './secrets.ts';

/** Keys under which streams bring a text piece by piece. */
const KEYS: Record<string, true> = bare({ content: true, text: true, delta: true, arguments: true, partial_json: true, thinking: true, reasoning: true, reasoning_content: true, response: true });
/** More than a key with its quotes, its colon and white space. */
const KEY_ROOM = 32;

export class SpokenSecrets {
  /** the end of the text before; where that was within a string of ours, its key */
  #before = '';
  /** by key: how its strings ended, as far as a secret begins so */
  readonly #said: Record<string, string> = bare({});

  /** Stars in bytes[from...], in place, going on from the bytes before. */
  mask(bytes: Bytes, from: number, secrets: Secrets, counted: () => void): void {
    if (secrets.none()) return;
    const fresh = this.#before.length;
    const text = this.#before + toLatin1(new U8(viewBuffer(bytes) as ArrayBuffer, from, viewLength(bytes) - from));
    this.#before = slice(text, -KEY_ROOM);
    // By the colons, in one pass: to look for each key would take as many.
    for (let at = indexOf(text, ':'); at >= 0; at = indexOf(text, ':', at)) {
      const colon = at++;
      while (text[at] === ' ') at++;
      if (text[at] !== '"' || text[colon - 1] !== '"') continue;
      const key = slice(text, lastIndexOf(text, '"', colon - 2) + 1, colon - 1);
      if (!KEYS[key]) continue;
      const begin = at + 1 > fresh ? at + 1 : fresh;
      do at = indexOf(text, '"', at + 1); while (at >= 0 && text[at - 1] === '\\');
      if (at < 0) {
        this.#before = `"${key}":"`;
        at = text.length;
      }
      if (at < begin) continue;
      const said = this.#said[key] ?? '';
      const shift = from + begin - fresh - said.length;
      this.#said[key] = secrets.find(said + slice(text, begin, at), (first, end) => {
        if (end > said.length) fillBytes(bytes, STAR, (first > said.length ? first : said.length) + shift, end + shift);
      }, counted);
    }
  }
}

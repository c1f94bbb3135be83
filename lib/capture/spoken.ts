/**
 * Secrets that a model says: letter by letter, each piece in a frame of its own (`"content":"sk-a"`, `"content":"b1"`), where
 * no search in the bytes finds them. So the strings of a key are joined in thought, over frames and over what arrives at a
 * time, and what goes on with a secret is starred. Its first letters may have left already.
 */
import { fillBytes, indexOf, list, slice, toLatin1, U8, viewBuffer, viewLength, type Bytes } from './natives.ts';
import { STAR, type Secrets } from './secrets.ts';

/** Keys under which streams bring a text piece by piece. */
const KEYS = ['content', 'text', 'delta', 'arguments', 'partial_json', 'thinking', 'reasoning', 'reasoning_content', 'response'];
/** More than a key with its quotes, its colon and white space. */
const KEY_ROOM = 32;

export class SpokenSecrets {
  /** the end of the text before; where that was within a string of ours, its key */
  #before = '';
  /** by number of the key: how its strings ended, as far as a secret begins so */
  readonly #said: string[] = list();

  /** Stars in bytes[from...], in place, going on from the bytes before. */
  mask(bytes: Bytes, from: number, secrets: Secrets, counted: () => void): void {
    if (secrets.none()) return;
    const fresh = this.#before.length;
    const text = this.#before + toLatin1(new U8(viewBuffer(bytes) as ArrayBuffer, from, viewLength(bytes) - from));
    this.#before = slice(text, -KEY_ROOM);
    for (let k = 0; k < KEYS.length; k++) {
      const key = `"${KEYS[k]}":`;
      for (let at = indexOf(text, key); at >= 0; at = indexOf(text, key, at)) {
        at += key.length;
        while (text[at] === ' ') at++;
        if (text[at] !== '"') continue;
        const begin = at + 1 > fresh ? at + 1 : fresh;
        do at = indexOf(text, '"', at + 1); while (at >= 0 && text[at - 1] === '\\');
        if (at < 0) {
          this.#before = `${key}"`;
          at = text.length;
        }
        if (at < begin) continue;
        const said = this.#said[k] ?? '';
        const shift = from + begin - fresh - said.length;
        this.#said[k] = secrets.find(said + slice(text, begin, at), (first, end) => {
          if (end > said.length) fillBytes(bytes, STAR, (first > said.length ? first : said.length) + shift, end + shift);
        }, counted);
      }
    }
  }
}

/**
 * Secrets that a model says: letter by letter, each piece in a frame of its own (`"content":"sk-a"`, `"content":"b1"`), where
 * no search in the bytes finds them. So the strings of a key are joined in thought, over frames and over what arrives at a
 * time, and what goes on with a secret is starred. Its first letters may have left already.
 */
import { fillBytes, list, push, type Bytes } from './natives.ts';
import { STAR, type Secrets } from './secrets.ts';

/** Where in all that was said a string begins, and where in the bytes. */
interface Piece { said: number; place: number }

export function spokenSecrets(secrets: Secrets, counted: () => void) {
  /** by kind of the key: how its strings ended, as far as a secret begins so; then with what came now */
  const said: string[] = list();
  const pieces: Piece[][] = list();

  return {
    /** The next string of this kind, which begins at `place` in the bytes. */
    hear(kind: number, text: string, place: number): void {
      const before = said[kind] ?? '';
      push(pieces[kind] ??= list(), { said: before.length, place });
      said[kind] = before + text;
    },

    /** Stars over the secrets in what was heard since the last time. */
    mask(bytes: Bytes): void {
      for (let kind = 0; kind < pieces.length; kind++) {
        const heard = pieces[kind];
        if (!heard) continue;
        said[kind] = secrets.find(said[kind] ?? '', (first, end) => { star(bytes, heard, first, end); }, counted);
        heard.length = 0;
      }
    },
  };
}

/** Stars over said[first...end], in the pieces it came in. */
function star(bytes: Bytes, pieces: readonly Piece[], first: number, end: number): void {
  for (let i = pieces.length; i > 0 && end > first; i--) {
    const { said, place } = pieces[i - 1] as Piece;
    if (end <= said) continue;
    fillBytes(bytes, STAR, place + (first > said ? first - said : 0), place + end - said);
    end = said;
  }
}

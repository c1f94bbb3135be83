/** A pure function of a text that keeps what it found for the texts it was last asked about. */
import { limits } from '../model/limits.ts';

/** Of longer texts engines take the length for the hash: a page could make all of them meet in one place. */
const LONGEST = 16_000;

export function remembered(make: (text: string) => string): (text: string) => string {
  // Two generations: what is asked for again moves to the young one, the old one is given up whole.
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  let characters = 0;
  return (text) => {
    if (text.length > LONGEST) return make(text);
    const known = young.get(text);
    if (known !== undefined) return known;
    const found = old.get(text) ?? make(text);
    if (characters > limits.rememberedText / 2) {
      [old, young] = [young, new Map()];
      characters = 0;
    }
    // What the map itself takes counts too.
    characters += text.length + 50;
    young.set(text, found);
    return found;
  };
}

/** Where in a text as it was written a query stands, which is looked for in another form. */
import { ownText } from '../../model/own-text.ts';
import { normalOf } from './normal-form.ts';

/** One line: what stands before the match, the match, what follows. */
export interface Snippet { before: string; match: string; after: string }

const BEFORE = 40;
const AFTER = 160;
/** Characters of a match that are shown. */
const LONGEST = 200;

/** In memory of its own: a hit outlives the text. */
const line = (part: string): string => ownText(part.toWellFormed().replace(/\s+/g, ' '));

/** @param query in normal form; it is in the text's */
export function snippetOf(text: string, query: string): Snippet {
  const found = matchIn(text, query);
  const [start, end] = [found.start - insidePair(text, found.start), found.end + insidePair(text, found.end)];
  const [from, to] = [Math.max(0, start - BEFORE), Math.min(text.length, end + AFTER)];
  return { before: (from > 0 ? '…' : '') + line(text.slice(from, start)), match: line(text.slice(start, Math.min(end, start + LONGEST))), after: line(text.slice(end, to)) + (to < text.length ? '…' : '') };
}

/** 1 between the halves of a character, else 0. */
const insidePair = (text: string, at: number): number => Number(/^[\uDC00-\uDFFF]/.test(text.slice(at, at + 1)) && /[\uD800-\uDBFF]$/.test(text.slice(at - 1, at)));

function matchIn(text: string, query: string): { start: number; end: number } {
  const lower = text.toLowerCase();
  const at = lower.length === text.length ? lower.indexOf(query) : -1;
  if (at >= 0) return { start: at, end: at + query.length };
  // The forms differ in length: the shortest beginning of the text that holds it, and of that the shortest end.
  const end = least(text.length, (to) => normalOf(text.slice(0, to)).includes(query));
  const length = least(end, (size) => normalOf(text.slice(end - size, end)).includes(query));
  return { start: end - length, end };
}

/** The least number up to `most` for which it holds; it holds for all larger ones. */
function least(most: number, holds: (n: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Brings the words that were found into view and marks them, once the message they stand in is on the page. */
import { useEffect, type RefObject } from 'react';

/** Registered under this name for `::highlight(found)`. */
const MARK = 'found';

/** @param words as they stand in the text; undefined: nothing is marked
 *  @param shown what the pane shows, once it is there */
export function useShowFound(pane: RefObject<HTMLElement | null>, words: string | undefined, shown: unknown): void {
  useEffect(() => {
    CSS.highlights.delete(MARK);
    if (!words || !shown || !pane.current) return undefined;
    const range = rangeOf(pane.current, words.toLowerCase());
    if (!range) return undefined;
    CSS.highlights.set(MARK, new Highlight(range));
    range.startContainer.parentElement?.scrollIntoView({ block: 'center' });
    return () => { CSS.highlights.delete(MARK); };
  }, [pane, words, shown]);
}

/** The last place: what a call brought stands below what it repeats. */
function rangeOf(pane: HTMLElement, words: string): Range | undefined {
  let found: Range | undefined;
  const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = (node.nodeValue ?? '').replace(/\s/g, ' ').toLowerCase().lastIndexOf(words);
    if (at < 0) continue;
    found = document.createRange();
    found.setStart(node, at);
    found.setEnd(node, Math.min(at + words.length, node.nodeValue?.length ?? 0));
  }
  return found;
}

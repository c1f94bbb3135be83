/**
 * Outline + what is collapsed + filter = the lines of the tree, in order. Pure and linear; the component beside it
 * (`components/trace-tree/TraceTree.tsx`) knows only these rows.
 *
 * A match keeps its ancestors, or nobody could see where it hangs; they are marked `context`. While a filter is on,
 * nothing is collapsed: a match that stays folded away is not found.
 */
import type { OutlineSpan } from '../model/span.ts';
import { type Filter, matcher } from './filter.ts';
import type { Outline } from './outline.ts';

export interface TreeRow {
  span: OutlineSpan;
  /** 0 for roots */ depth: number;
  /** see `OutlineNode` */ tokens: number | undefined;
  hasChildren: boolean;
  collapsed: boolean;
  /** shown only because something below it matches */ context: boolean;
  /** place among the siblings that are shown, from 1, and their number (ARIA) */ position: number;
  siblings: number;
}

/** `outline` must be in pre-order with correct `parent` and `end` (see `toOutline`). */
/** @param found a span whose texts hold what the filter's words say: it matches whatever its row says */
export function toRows(outline: Outline, collapsed: ReadonlySet<string>, filter: Filter, found?: string): TreeRow[] {
  const matches = matcher(filter);
  const matched = outline.map((node) => node.span.spanId === found || (matches?.(node.span) ?? true));
  const kept = keepAncestors(outline, matched);
  const rows: TreeRow[] = [];
  const shownChildren = new Map<number, number>();
  const parents: number[] = [];
  for (let index = 0; index < outline.length; ) {
    const node = outline[index] as Outline[number];
    const folded = !matches && node.end > index + 1 && collapsed.has(node.span.spanId);
    if (kept[index]) {
      const position = (shownChildren.get(node.parent) ?? 0) + 1;
      shownChildren.set(node.parent, position);
      parents.push(node.parent);
      rows.push({ span: node.span, depth: node.depth, tokens: node.tokens, hasChildren: hasKeptChild(index), collapsed: folded, context: !matched[index], position, siblings: 0 });
    }
    index = folded || !kept[index] ? node.end : index + 1;
  }
  rows.forEach((row, at) => { row.siblings = shownChildren.get(parents[at] as number) ?? 1; });
  return rows;

  /** Looks at the children only: `end` steps over what hangs below each. */
  function hasKeptChild(index: number): boolean {
    const node = outline[index] as Outline[number];
    if (!matches) return node.end > index + 1;
    for (let next = index + 1; next < node.end; next = (outline[next] as Outline[number]).end) if (kept[next]) return true;
    return false;
  }
}

/** Parents come before their children, so one pass from the end carries every match up to its root. */
function keepAncestors(outline: Outline, matched: readonly boolean[]): boolean[] {
  const kept = [...matched];
  for (let index = outline.length - 1; index >= 0; index--) {
    const parent = (outline[index] as Outline[number]).parent;
    if (kept[index] && parent >= 0) kept[parent] = true;
  }
  return kept;
}

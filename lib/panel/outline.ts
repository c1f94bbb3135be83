/** Spans of one trace as an outline: every node before its children, siblings by start. Pure and linear (but for
 *  the sorting); whatever the parents say, each span comes out exactly once. */
import { isWire, type OutlineSpan } from '../model/span.ts';

interface OutlineNode {
  span: OutlineSpan;
  /** 0 for roots */ depth: number;
  /** index of the parent, -1 for roots */ parent: number;
  /** index just past the last descendant */ end: number;
  /** its own, or those of the model calls below it; undefined where none are known */ tokens: number | undefined;
}
export type Outline = readonly OutlineNode[];

/** A span whose parent is not among `spans` is a root; so is the first of a cycle. */
export function toOutline(spans: readonly OutlineSpan[]): Outline {
  const sorted = spans.toSorted((a, b) => a.startMs - b.startMs || (a.toolIndex ?? 0) - (b.toolIndex ?? 0) || (a.spanId < b.spanId ? -1 : 1));
  const known = new Set(sorted.map((span) => span.spanId));
  const children = new Map<string, OutlineSpan[]>();
  const roots: OutlineSpan[] = [];
  for (const span of sorted) {
    const siblings = span.parentSpanId === undefined ? roots : known.has(span.parentSpanId) ? children.get(span.parentSpanId) : roots;
    if (siblings) siblings.push(span);
    else children.set(span.parentSpanId as string, [span]);
  }
  const nodes: OutlineNode[] = [];
  const placed = new Set<string>();
  for (const root of roots) walk(root);
  if (placed.size < known.size) for (const span of sorted) walk(span); // only cycles are left

  function walk(root: OutlineSpan): void {
    const open: Array<{ span: OutlineSpan; parent: number; depth: number }> = [{ span: root, parent: -1, depth: 0 }];
    for (let next = open.pop(); next; next = open.pop()) {
      if (placed.has(next.span.spanId)) continue;
      placed.add(next.span.spanId);
      const index = nodes.push({ ...next, end: 0, tokens: isWire(next.span) ? next.span.usage?.total : undefined }) - 1;
      for (const child of (children.get(next.span.spanId) ?? []).toReversed()) open.push({ span: child, parent: index, depth: next.depth + 1 });
    }
  }

  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index] as OutlineNode;
    node.end = Math.max(node.end, index + 1);
    const parent = nodes[node.parent];
    if (!parent) continue;
    parent.end = Math.max(parent.end, node.end);
    if (node.tokens !== undefined && !isWire(parent.span)) parent.tokens = (parent.tokens ?? 0) + node.tokens;
  }
  return nodes;
}

/** All spans below one, in order. */
export function spansBelow(span: OutlineSpan, trace: readonly OutlineSpan[]): OutlineSpan[] {
  const outline = toOutline(trace);
  const at = outline.findIndex((node) => node.span.spanId === span.spanId);
  return outline.slice(at + 1, outline[at]?.end ?? 0).map((node) => node.span);
}

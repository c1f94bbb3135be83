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
  const sorted = byStart(spans);
  // Of fifty thousand each look counts: what a span says is asked once, and places stand for spans.
  const ids = sorted.map(({ spanId }) => spanId);
  const placeOf = new Map<string, number>();
  for (const [place, id] of ids.entries()) if (!placeOf.has(id)) placeOf.set(id, place);
  const placed = new Uint8Array(sorted.length);
  // What is there twice, because it went from one block to another meanwhile, is shown once.
  if (placeOf.size < ids.length) for (const [place, id] of ids.entries()) placed[place] = Number(placeOf.get(id) !== place);
  /** the last child of each, and of each the sibling before it; -1: none */
  const [lastChild, before] = [new Int32Array(ids.length).fill(-1), new Int32Array(ids.length).fill(-1)];
  const roots: number[] = [];
  for (const [place, { parentSpanId }] of sorted.entries()) {
    const parent = parentSpanId === undefined ? undefined : placeOf.get(parentSpanId);
    if (parent === undefined) roots.push(place);
    else {
      before[place] = lastChild[parent] as number;
      lastChild[parent] = place;
    }
  }
  const nodes: OutlineNode[] = [];
  /** node of the parent, by the place of the child */
  const above = new Int32Array(ids.length).fill(-1);
  for (const root of roots) walk(root);
  if (nodes.length < placeOf.size) for (const place of ids.keys()) walk(place); // only cycles are left

  function walk(root: number): void {
    above[root] = -1;
    const open = [root];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (placed[place] === 1) continue;
      placed[place] = 1;
      const span = sorted[place] as OutlineSpan;
      const parent = above[place] as number;
      const index = nodes.push({ span, depth: parent < 0 ? 0 : (nodes[parent] as OutlineNode).depth + 1, parent, end: 0, tokens: isWire(span) ? span.usage?.total : undefined }) - 1;
      for (let child = lastChild[place] as number; child >= 0; child = before[child] as number) {
        above[child] = index;
        open.push(child);
      }
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

/** Blocks have them in this order as a rule. */
function byStart(spans: readonly OutlineSpan[]): readonly OutlineSpan[] {
  const starts = Float64Array.from(spans, ({ startMs }) => startMs);
  const order = (a: number, b: number): number => (starts[a] as number) - (starts[b] as number) || siblingOrder(spans[a] as OutlineSpan, spans[b] as OutlineSpan);
  if (starts.every((_, place) => place === 0 || order(place - 1, place) <= 0)) return spans;
  return Array.from(starts.keys()).toSorted(order).map((place) => spans[place] as OutlineSpan);
}

const siblingOrder = (a: OutlineSpan, b: OutlineSpan): number => (a.toolIndex ?? 0) - (b.toolIndex ?? 0) || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0);

/** All spans below one, in order. */
export function spansBelow(span: OutlineSpan, trace: readonly OutlineSpan[]): OutlineSpan[] {
  const outline = toOutline(trace);
  const at = outline.findIndex((node) => node.span.spanId === span.spanId);
  return outline.slice(at + 1, outline[at]?.end ?? 0).map((node) => node.span);
}

/** Where the next bytes of a request are cut, and what of them is known from the requests before it. */
import { isLongEnough, scanOn, skipTo, type Cut, type Scan } from './cut-body.ts';
import type { Hash } from './pieces.ts';
import { sizeOf, type Growing, type OpenList, type RecentList } from './recent-lists.ts';
import { append, sameBytes } from './stretch.ts';

/** Parts of a list that an earlier list has too, up to the comma at `at`. */
export interface Shared { kind: 'shared'; at: number; hashes: readonly Hash[] }
/** As far as it is told of. */
export interface ListEnd { kind: 'end'; at: number; list?: OpenList }

export type Step = Pick<Cut, 'at'> & { kind: 'list' | 'element' } | Shared | ListEnd;

const COMMA = 0x2c;

/** @param recent lists of requests of the session, the likeliest first */
export function growOn(scan: Scan, bytes: Uint8Array<ArrayBuffer>, growing: Growing | undefined, recent: () => RecentList[]): Step[] {
  const base = scan.at;
  const end = base + bytes.byteLength;
  const steps: Step[] = [];
  if (growing) append(growing.body, bytes);
  while (scan.at < end) {
    const shared = growing?.open && share(scan, growing.open, bytes, base);
    if (shared) steps.push(shared);
    const cuts = scanOn(scan, bytes.subarray(scan.at - base));
    for (const cut of cuts) steps.push(growing ? noted(growing, cut) : cut);
    // What came before these bytes cannot be compared any more.
    if (growing?.open && cuts.at(-1)?.kind === 'list' && growing.open.from >= base) growing.open.recent = recent();
  }
  return steps;
}

/** Skips what the list has in common with a recent one, as far as that has come. */
function share(scan: Scan, open: OpenList, bytes: Uint8Array, base: number): Shared | undefined {
  const at = Math.max(open.from, base);
  const had = open.ends.length;
  const alike: RecentList[] = [];
  let best: RecentList | undefined;
  let parts = had;
  for (const list of open.recent) {
    const same = at - open.from + Math.min(sameBytes(bytes, at - base, list.body, list.from + at - open.from), sizeOf(list) - (at - open.from));
    const within = partsWithin(list, same, bytes[open.from + same - base]);
    if (within > parts) [best, parts] = [list, within];
    if (open.from + same === base + bytes.byteLength) alike.push(list);
  }
  open.recent = alike;
  if (!best) return undefined;
  const [end = 0, items = 0, nested = 0] = [best.ends[parts - 1], best.items[parts - 1], best.nested[parts - 1]];
  if (!skipTo(scan, { end: open.from + end, parts: parts - had, items, nested: open.nestedBefore + nested })) return undefined;
  const { ends: allEnds, items: allItems, nested: allNested, prefixes } = best;
  Object.assign(open, { ends: allEnds.slice(0, parts), items: allItems.slice(0, parts), nested: allNested.slice(0, parts), prefixes: prefixes.slice(0, parts), like: { list: best, parts } });
  return { kind: 'shared', at: open.from + end, hashes: best.hashes.slice(had, parts) };
}

/** Parts of a list of which so many bytes are the same. @param next the byte behind those */
function partsWithin({ ends }: RecentList, same: number, next: number | undefined): number {
  const parts = partsEndingBefore(ends, same);
  // The last one ended with the list, and here others follow.
  const isLast = parts === ends.length - 1 && ends[parts] === same && next === COMMA;
  return isLast && isLongEnough(same - (ends[parts - 1] ?? -1)) ? ends.length : parts;
}

function partsEndingBefore(ends: readonly number[], place: number): number {
  let [from, to] = [0, ends.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ends[middle] ?? 0) < place) from = middle + 1;
    else to = middle;
  }
  return from;
}

function noted(growing: Growing, cut: Cut): Step {
  const { kind, at, items, nested } = cut;
  if (kind === 'list') growing.open = { from: at + 1, nestedBefore: nested, ends: [], items: [], nested: [], hashes: [], prefixes: [], recent: [] };
  const { open } = growing;
  if (!open || kind === 'list') return cut;
  open.ends.push(at - open.from);
  open.items.push(items);
  open.nested.push(nested - open.nestedBefore);
  if (kind === 'element') return cut;
  growing.done.push(open);
  delete growing.open;
  return { kind: 'end', at, list: open };
}

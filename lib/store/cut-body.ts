/**
 * Where a JSON body is cut: at the elements of the long lists of its outermost object (`messages`, `input`, `contents`,
 * `tools`, documents), because requests of one app repeat those and add to them. It is looked through as it comes, whatever
 * it is: what has no such lists has no cuts.
 */

/** How far a body was looked through; can be stored. */
export interface Scan {
  /** bytes so far */ at: number;
  depth: number;
  inString: boolean;
  /** an odd number of backslashes came last */ escaped: boolean;
  /** a colon came last */ isValue: boolean;
  /** inside a list of the outermost object: `maybe` until its first element begins */ list: 'no' | 'maybe' | 'yes';
  /** where the `[` is of a list that may be one, else the last cut */ since: number;
  lists: number;
  elements: number;
  /** no more cuts come */ over: boolean;
  /** objects and lists so far */ nested: number;
  /** members of the outermost object so far */ members: number;
  /** elements of the list before the last cut, short ones too */ items: number;
}

/** `list`: behind this byte, a `[`, elements begin. `element`: this comma ends one (or a few that are short). `end`: this
 *  byte follows the last one. `items`, `nested`: of the scan at this byte, which is not counted. */
export interface Cut { kind: 'list' | 'element' | 'end'; at: number; items: number; nested: number }

export const newScan = (): Scan => ({ at: 0, depth: 0, inString: false, escaped: false, isValue: false, list: 'no', since: 0, lists: 0, elements: 0, over: false, nested: 0, members: 0, items: 0 });

const [QUOTE, BACKSLASH, COMMA, COLON, SPACE] = [0x22, 0x5c, 0x2c, 0x3a, 0x20];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Bytes of what is cut off: shorter elements stay with the next ones, since each costs a row of its own. */
const LEAST = 64;
export const isLongEnough = (bytes: number): boolean => bytes > LEAST;
/** Lists and elements of a body: more than any request has, and what a hostile page can make of one. */
const LISTS = 16;
const ELEMENTS = 10_000;

/** Looks through the next bytes of a body, up to where a list begins if there is one.
 *  @returns the cuts in them, places counted from the body's beginning */
export function scanOn(scan: Scan, bytes: Uint8Array): Cut[] {
  const cuts: Cut[] = [];
  const base = scan.at;
  let i = 0;
  while (i < bytes.length && !scan.over && cuts.at(-1)?.kind !== 'list') {
    if (scan.inString) i = stringEnd(scan, bytes, i);
    else look(scan, bytes[i] as number, base + i++, cuts);
  }
  scan.at = base + (scan.over ? bytes.length : i);
  return cuts;
}

/** Goes on behind a part of the list that is looked through: it ends at `end`, and so many parts and elements of the list and
 *  objects and lists of the body came before. Not where more elements came than are told apart. */
export function skipTo(scan: Scan, { end, parts, items, nested }: { end: number; parts: number; items: number; nested: number }): boolean {
  if (scan.elements + parts >= ELEMENTS) return false;
  Object.assign(scan, { at: end + 1, depth: 2, inString: false, escaped: false, isValue: false, since: end, elements: scan.elements + parts, items, nested });
  return true;
}

/** The place after the string that goes on at `from`, or the end of the bytes. */
function stringEnd(scan: Scan, bytes: Uint8Array, from: number): number {
  for (let end = bytes.indexOf(QUOTE, from); ; end = bytes.indexOf(QUOTE, end + 1)) {
    const to = end < 0 ? bytes.length : end;
    let first = to;
    while (first > from && bytes[first - 1] === BACKSLASH) first--;
    const isEscaped = ((to - first) % 2 === 1) !== (first === from && scan.escaped);
    if (end < 0) {
      scan.escaped = isEscaped;
      return to;
    }
    if (isEscaped) continue;
    scan.inString = scan.escaped = false;
    return end + 1;
  }
}

function look(scan: Scan, byte: number, at: number, cuts: Cut[]): void {
  if (byte <= SPACE) return;
  if (scan.list === 'maybe') begin(scan, byte, cuts);
  if (byte === QUOTE) {
    scan.inString = true;
    scan.escaped = false;
  } else if (byte === BRACE || byte === BRACKET) {
    if (scan.depth === 0 && byte === BRACKET) scan.over = true; // no object
    if (scan.depth === 1 && byte === BRACKET && scan.isValue && scan.lists < LISTS) Object.assign(scan, { list: 'maybe', since: at });
    scan.depth++;
    scan.nested++;
  } else if (byte === BRACE_END || byte === BRACKET_END) {
    scan.depth--;
    if (scan.depth === 1) endList(scan, at, cuts);
    if (scan.depth <= 0) scan.over = true;
  } else if (byte === COMMA && scan.depth === 2 && scan.list === 'yes') {
    scan.items++;
    if (isLongEnough(at - scan.since)) endElement(scan, at, cuts);
  } else if (byte === COLON && scan.depth === 1) scan.members++;
  scan.isValue = byte === COLON;
}

/** What is no object, text or list (tokens, a vector) repeats nothing. */
function begin(scan: Scan, byte: number, cuts: Cut[]): void {
  const isList = byte === BRACE || byte === BRACKET || byte === QUOTE;
  scan.list = isList && scan.elements < ELEMENTS ? 'yes' : 'no';
  if (scan.list === 'no') return;
  scan.lists++;
  scan.items = 0;
  cuts.push({ kind: 'list', at: scan.since, items: 0, nested: scan.nested });
}

function endElement(scan: Scan, at: number, cuts: Cut[]): void {
  scan.elements++;
  scan.since = at;
  const { items, nested } = scan;
  cuts.push({ kind: scan.elements < ELEMENTS ? 'element' : 'end', at, items, nested });
  if (scan.elements >= ELEMENTS) scan.list = 'no';
}

function endList(scan: Scan, at: number, cuts: Cut[]): void {
  if (scan.list === 'yes') cuts.push({ kind: 'end', at, items: scan.items + 1, nested: scan.nested });
  scan.list = 'no';
}

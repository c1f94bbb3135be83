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
}

/** `list`: behind this byte, a `[`, elements begin. `element`: this comma ends one (or a few that are short). `end`: this
 *  byte follows the last one. */
export interface Cut { kind: 'list' | 'element' | 'end'; at: number }

export const newScan = (): Scan => ({ at: 0, depth: 0, inString: false, escaped: false, isValue: false, list: 'no', since: 0, lists: 0, elements: 0, over: false });

const [QUOTE, BACKSLASH, COMMA, COLON, SPACE] = [0x22, 0x5c, 0x2c, 0x3a, 0x20];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Bytes of what is cut off: shorter elements stay with the next ones, since each costs a row of its own. */
const LEAST = 64;
/** Lists and elements of a body: more than any request has, and what a hostile page can make of one. */
const LISTS = 16;
const ELEMENTS = 10_000;

/** Looks through the next bytes of a body. @returns the cuts in them, places counted from the body's beginning */
export function scanOn(scan: Scan, bytes: Uint8Array): Cut[] {
  const cuts: Cut[] = [];
  const base = scan.at;
  for (let i = 0; i < bytes.length && !scan.over;) {
    if (scan.inString) i = stringEnd(scan, bytes, i);
    else look(scan, bytes[i] as number, base + i++, cuts);
  }
  scan.at = base + bytes.length;
  return cuts;
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
  } else if (byte === BRACE_END || byte === BRACKET_END) {
    scan.depth--;
    if (scan.depth === 1) endList(scan, at, cuts);
    if (scan.depth <= 0) scan.over = true;
  } else if (byte === COMMA && scan.depth === 2 && scan.list === 'yes' && at - scan.since > LEAST) {
    scan.elements++;
    scan.since = at;
    if (scan.elements < ELEMENTS) cuts.push({ kind: 'element', at });
    else endList(scan, at, cuts);
  }
  scan.isValue = byte === COLON;
}

/** What is no object, text or list (tokens, a vector) repeats nothing. */
function begin(scan: Scan, byte: number, cuts: Cut[]): void {
  const isList = byte === BRACE || byte === BRACKET || byte === QUOTE;
  scan.list = isList && scan.elements < ELEMENTS ? 'yes' : 'no';
  if (scan.list === 'no') return;
  scan.lists++;
  cuts.push({ kind: 'list', at: scan.since });
}

function endList(scan: Scan, at: number, cuts: Cut[]): void {
  if (scan.list === 'yes') cuts.push({ kind: 'end', at });
  scan.list = 'no';
}

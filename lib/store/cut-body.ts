/**
 * Where a JSON body is cut: at the elements of the long arrays of its outermost object (`messages`, `input`, `contents`,
 * `tools`, documents), because requests of one app repeat those and add to them. Cutting moves no byte: the parts in order,
 * elements with a comma between them, are the body again, whatever it is. What is no such JSON stays in one part.
 */

/** `elements`: what lies between the commas of one array, white space and all. */
export type Cut = { bytes: Uint8Array<ArrayBuffer> } | { elements: Array<Uint8Array<ArrayBuffer>> };

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Bytes of an element, on the average: each costs rows of its own, and numbers (tokens, a vector) repeat nothing. */
const LEAST = 24;
/** Arrays of a body, and elements of all of them: more than any request has, and what a hostile page can make of one. */
const ARRAYS = 16;
const ELEMENTS = 10_000;

/** The place after a string that begins at `at`. */
function afterString(bytes: Uint8Array, at: number): number {
  for (let end = bytes.indexOf(QUOTE, at + 1); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let slashes = end;
    while (bytes[slashes - 1] === BACKSLASH) slashes--;
    if ((end - slashes) % 2 === 0) return end + 1;
  }
  return bytes.length;
}

interface Found { /** of the `[` */ start: number; /** of the `]` */ end: number; commas: number[] }

/** Arrays that are values of the outermost object. */
function arraysOf(bytes: Uint8Array): Found[] {
  const found: Found[] = [];
  let depth = 0;
  let open: Found | undefined;
  let isValue = false;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = afterString(bytes, at);
      isValue = false;
      continue;
    }
    if (byte === BRACE || byte === BRACKET) {
      if (depth === 0 && byte === BRACKET) return [];
      depth++;
      if (depth === 2 && byte === BRACKET && isValue) open = { start: at, end: 0, commas: [] };
    } else if (byte === BRACE_END || byte === BRACKET_END) {
      depth--;
      if (depth === 1 && open) {
        found.push({ ...open, end: at });
        open = undefined;
      }
      if (depth <= 0) break;
    } else if (byte === COMMA && depth === 2 && open) open.commas.push(at);
    if (byte > 0x20) isValue = byte === COLON;
    at++;
  }
  return found;
}

export function cutBody(bytes: Uint8Array<ArrayBuffer>): Cut[] {
  const cuts: Cut[] = [];
  let at = 0;
  let left = ELEMENTS;
  const long = arraysOf(bytes).filter(({ start, end, commas }) => end - start > (commas.length + 1) * LEAST);
  for (const { start, end, commas } of long.slice(0, ARRAYS)) {
    const count = commas.length + 1;
    if (count > left) continue;
    left -= count;
    cuts.push({ bytes: bytes.subarray(at, start + 1) });
    const bounds = [start, ...commas, end];
    cuts.push({ elements: commas.concat(end).map((to, i) => bytes.subarray((bounds[i] as number) + 1, to)) });
    at = end;
  }
  cuts.push({ bytes: bytes.subarray(at) });
  return cuts;
}

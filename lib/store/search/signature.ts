/**
 * A signature says what cannot be in a text: a bit for each two and three characters that follow each other in it, and for each
 * single one of scripts whose words are as short as that. A query can only be in a text whose signature has all of the query's
 * bits; whether it is shows the text. Four bits of signature for each different three characters are about 29% of the text.
 */

/** Bits for each different three characters. */
const BITS = 4;
/** 32 bits each. A text with more is so long that it has everything anyway. */
const MOST_WORDS = 4096;
/** A longer text may hold anything: it is always read. */
const LONGEST = 512 * 1024;
/** From here on a single character may be a word (Greek and Cyrillic are few enough not to mind). */
const SINGLE = 0x250;

// All hashes are signed 32 bits: whole numbers that need no object. The loops below call nothing they do not know, since every
// character that is stored passes them.

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x7f_eb_35_2d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x84_6c_a6_8b);
  return hash ^ (hash >>> 16);
}

const [SECOND, THIRD] = [0x9e_37_79_b1, 0x85_eb_ca_6b];
const threeOf = (a: number, b: number, c: number): number => mixed((a + Math.imul(b, SECOND) + Math.imul(c, THIRD)) | 0);
const twoOf = (a: number, b: number): number => mixed(((a + Math.imul(b, SECOND)) | 0) ^ 0x55_55_55_55);
const oneOf = (a: number): number => mixed(a ^ 0x33_cc_33_cc);

/** Hashes of the present text, those of three first; it grows with the longest text. */
let hashes = new Int32Array(1 << 14);

/** Fills `hashes`. Nothing reaches over the border of two fields (a NUL). */
function hash(text: string): { threes: number; all: number } {
  const { length } = text;
  if (hashes.length < length * 3) hashes = new Int32Array(length * 6);
  const found = hashes;
  let all = 0;
  for (let at = 2, a = text.charCodeAt(0), b = text.charCodeAt(1); at < length; at++) {
    const c = text.charCodeAt(at);
    if (a !== 0 && b !== 0 && c !== 0) found[all++] = threeOf(a, b, c);
    a = b;
    b = c;
  }
  const threes = all;
  for (let at = 0, b = 0; at < length; at++) {
    const c = text.charCodeAt(at);
    if (c >= SINGLE) found[all++] = oneOf(c);
    if (b !== 0 && c !== 0) found[all++] = twoOf(b, c);
    b = c;
  }
  return { threes, all };
}

/** Which hashes of the present text were seen, as far as 20 bits tell them apart. */
const seen = new Int32Array(1 << 15);

/** Empty: any query may be in the text. @param text in normal form */
export function signatureOf(text: string): Uint32Array<ArrayBuffer> {
  if (text.length > LONGEST) return new Uint32Array();
  const { threes, all } = hash(text);
  const found = hashes;
  let different = 0;
  for (let i = 0; i < threes; i++) {
    const value = found[i] as number;
    const word = (value >>> 5) & 0x7f_ff;
    const old = seen[word] as number;
    different += ~(old >>> value) & 1;
    seen[word] = old | (1 << value);
  }
  for (let i = 0; i < threes; i++) seen[((found[i] as number) >>> 5) & 0x7f_ff] = 0;
  const bits = new Uint32Array(Math.min(MOST_WORDS, Math.max(1, Math.ceil(different * BITS / 32))));
  const part = partOf(bits.length);
  for (let i = 0; i < all; i++) {
    const at = ((found[i] as number) >>> 0) * part | 0;
    bits[at >>> 5] = (bits[at >>> 5] as number) | (1 << at);
  }
  return bits;
}

/** What a hash is multiplied with to be a place in a signature. */
const partOf = (words: number): number => words * 32 / 0x1_00_00_00_00;

/** What a query needs of a signature. @param query in normal form */
export function hashesOf(query: string): Uint32Array {
  const { all } = hash(query);
  return Uint32Array.from(new Set(new Uint32Array(hashes.buffer, 0, all)));
}

/** @param from, words: where the signature lies in `bits` */
export function mayHold(bits: Uint32Array, from: number, words: number, hashes: Uint32Array): boolean {
  if (words === 0) return true;
  const part = partOf(words);
  for (let i = 0; i < hashes.length; i++) {
    const at = (hashes[i] as number) * part | 0;
    if (((bits[from + (at >>> 5)] as number) & (1 << at)) === 0) return false;
  }
  return true;
}

/**
 * A signature says what cannot be in a text: a bit for each two and three characters that follow each other in it, and for each
 * single one of scripts whose words are as short as that. A query can only be in a text whose signature has all of the query's
 * bits; whether it is shows the text. Three bits of signature for each different three characters, about 22% of the text,
 * let 75 texts of 100,000 be read for a page of hits in the middle, and some thousands at the worst.
 */

/** Bits for each different three characters. */
const BITS = 3;
/** 32 bits each. A text with more is so long that it has everything anyway. */
const MOST_WORDS = 4096;
/** A longer text may hold anything: it is always read. */
const LONGEST = 512 * 1024;
/** From here on a single character may be a word (Greek and Cyrillic are few enough not to mind). */
const SINGLE = 0x250;

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x7f_eb_35_2d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x84_6c_a6_8b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const threeOf = (a: number, b: number, c: number): number => mixed(Math.trunc(a + Math.imul(b, 0x9e_37_79_b1) + Math.imul(c, 0x85_eb_ca_6b)));
const twoOf = (a: number, b: number): number => mixed((a + Math.imul(b, 0x9e_37_79_b1)) ^ 0x55_55_55_55);
const oneOf = (a: number): number => mixed(a ^ 0x33_cc_33_cc);

/** Calls `add` with the hash of each sequence. Nothing reaches over the border of two fields (a NUL). */
function eachHash(text: string, add: (hash: number, isThree: boolean) => void): void {
  let [a, b] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c >= SINGLE) add(oneOf(c), false);
    if (b !== 0 && c !== 0) {
      add(twoOf(b, c), false);
      if (a !== 0) add(threeOf(a, b, c), true);
    }
    a = b;
    b = c;
  }
}

/** Which hashes of the present text were seen, as far as 20 bits tell them apart. */
const seen = new Uint32Array(1 << 15);

/** Empty: any query may be in the text. @param text in normal form */
export function signatureOf(text: string): Uint32Array<ArrayBuffer> {
  if (text.length > LONGEST) return new Uint32Array();
  let different = 0;
  seen.fill(0);
  eachHash(text, (hash, isThree) => {
    const [word, bit] = [(hash >>> 5) & 0x7f_ff, 1 << (hash & 31)];
    const old = seen[word] as number;
    if (isThree && (old & bit) === 0) different++;
    seen[word] = old | bit;
  });
  const bits = new Uint32Array(Math.min(MOST_WORDS, Math.max(1, Math.ceil(different * BITS / 32))));
  const size = bits.length * 32;
  eachHash(text, (hash) => {
    const at = placeOf(hash, size);
    bits[at >>> 5] = (bits[at >>> 5] as number) | (1 << (at & 31));
  });
  return bits;
}

const placeOf = (hash: number, size: number): number => Math.floor(hash / 0x1_00_00_00_00 * size);

/** What a query needs of a signature. @param query in normal form */
export function hashesOf(query: string): Uint32Array {
  const hashes = new Set<number>();
  eachHash(query, (hash) => void hashes.add(hash));
  return Uint32Array.from(hashes);
}

/** @param from, words: where the signature lies in `bits` */
export function mayHold(bits: Uint32Array, from: number, words: number, hashes: Uint32Array): boolean {
  const size = words * 32;
  if (size === 0) return true;
  for (let i = 0; i < hashes.length; i++) {
    const at = placeOf(hashes[i] as number, size);
    if (((bits[from + (at >>> 5)] as number) & (1 << (at & 31))) === 0) return false;
  }
  return true;
}

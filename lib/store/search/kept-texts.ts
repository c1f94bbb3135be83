/**
 * Texts in memory, in normal form, the latest first: a query that signatures tell little of (rare short words, phrases of
 * common ones) would read ten thousand of them, and the next letter would again. They are read after the first query, while
 * nobody waits for one, and given up when nobody has searched for a while.
 */
import { read, startingWith, type Database } from '../database.ts';
import { namedPiecesIn, nameOf } from '../pieces.ts';
import { textsOf, type Candidate, type IndexMemory, type KnownRow } from './index-memory.ts';
import { searchableOf } from './normal-form.ts';
import { bytesOf } from './row-texts.ts';
import { fieldsStored, TEXT_STORES } from './stored-texts.ts';
import { fieldsOfBytes } from './texts.ts';

export interface KeptTexts {
  /** Where there is room for it. @param searchable its normal form */ keep(candidate: Candidate, searchable: string): void;
  /** Reads what is not kept, as far as there is room; before each step it asks whether it may go on. */
  fill(goOn: () => Promise<boolean>): Promise<void>;
  clear(): void;
}

/** Bytes. A hundred thousand texts of 600 characters are 60 MB. */
const MOST = 64 * 1024 * 1024;
/** Texts read in one transaction: a write waits for a few milliseconds. */
const AT_ONCE = 48;
/** Pieces of a session from which on they are not looked up one by one; rows of a page at first, and bytes after which it is not
 *  made larger. */
const MANY = 200;
const LEAST = 4;
const PAGE_BYTES = 128 * 1024;

/**
 * In V8 a text takes a byte for each character, but two as soon as one of them is not Latin-1, such as a dash. So each of these
 * is written as a mark and two characters. What holds a query holds it in this form too; the other way round it may be chance.
 */
export function compact(text: string): string {
  if (!/[^\0-\xff]/.test(text)) return text;
  const written = text.replace(/[^\0-\xff]/g, (other) => `\x01${String.fromCharCode(other.charCodeAt(0) >>> 8, other.charCodeAt(0) & 0xff)}`);
  // By way of its bytes: V8 does not look whether a text made of another has become narrow.
  return decoder.decode(encoder.encode(written));
}
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const EVERYTHING = new Uint32Array();

export function createKeptTexts(database: Database, memory: IndexMemory): KeptTexts {
  let total = 0;

  function give({ texts }: KnownRow): void {
    total -= texts.bytes();
    texts.clear();
  }

  function keep({ known: { texts }, place }: Candidate, compacted: string): void {
    const bytes = bytesOf(compacted);
    if (texts.has(place) || total + bytes > MOST) return;
    texts.put(place, compacted);
    total += bytes;
  }

  function seal({ texts }: KnownRow): void {
    total -= texts.bytes();
    texts.seal();
    total += texts.bytes();
  }

  /** Many pieces are read in the order in which they lie: a third of the time. As far as there is room. */
  async function fillPieces(session: string, rows: readonly KnownRow[], goOn: () => Promise<boolean>): Promise<void> {
    const missing = new Map<string, Candidate>();
    for (const known of rows) {
      for (const candidate of missingOf(known)) if (candidate.kind === 'piece') missing.set(nameOf(candidate.ref), candidate);
    }
    let size = LEAST;
    for (let range = startingWith(session); missing.size > MANY && total < MOST && await goOn();) {
      const page = await read(database, ['pieces'], (tx) => tx.objectStore('pieces').getAll(range, size));
      for (const { name, bytes } of page.flatMap(namedPiecesIn)) {
        const candidate = missing.get(name);
        if (candidate) keep(candidate, compact(searchableOf(fieldsOfBytes(bytes))));
      }
      const last = page.at(-1);
      if (!last || page.length < size) return;
      range = IDBKeyRange.bound([session, last.hash], range.upper, true);
      // One may have 32 MB.
      size = page.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) < PAGE_BYTES ? Math.min(size * 2, 2 * AT_ONCE) : LEAST;
    }
  }

  return {
    keep: (candidate, searchable) => keep(candidate, compact(searchable)),
    async fill(goOn) {
      if (!await goOn()) return;
      const rows = memory.rows();
      // Rows that are no more took theirs with them.
      total = rows.reduce((sum, { texts }) => sum + texts.bytes(), 0);
      for (const [session, own] of Map.groupBy(rows, ({ row }) => row.session)) await fillPieces(session, own, goOn);
      let oldest = rows.length;
      for (const [i, known] of rows.entries()) {
        if (known.texts.isSealed()) continue;
        for (const part of partsOf(missingOf(known))) {
          if (!await goOn()) return;
          const texts = await read(database, TEXT_STORES, (tx) => fieldsStored(tx, part));
          const compacted = texts.map((fields) => compact(searchableOf(fields ?? [])));
          const needed = compacted.reduce((sum, text) => sum + bytesOf(text), 0);
          for (; total + needed > MOST && oldest > i + 1; oldest--) give(rows[oldest - 1] as KnownRow);
          const isFull = total + needed > MOST;
          for (const [j, candidate] of part.entries()) keep(candidate, compacted[j] as string);
          if (isFull) return;
        }
        seal(known);
      }
    },
    clear() {
      for (const known of memory.rows()) give(known);
      total = 0;
    },
  };
}

const missingOf = (known: KnownRow): Candidate[] => known.texts.isSealed() ? [] : textsOf(known, EVERYTHING, (place) => !known.texts.has(place));

/** Parts of which each can be read at once: a text too long for a signature is the last of its part. */
function partsOf(candidates: readonly Candidate[]): Candidate[][] {
  const parts: Candidate[][] = [[]];
  for (const candidate of candidates) {
    const part = parts.at(-1) as Candidate[];
    part.push(candidate);
    if (part.length === AT_ONCE || candidate.isLong) parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

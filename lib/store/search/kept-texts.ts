/**
 * Texts in memory, in normal form, the latest first: a query that signatures tell little of (rare short words, phrases of
 * common ones) would read ten thousand of them, and the next letter would again. They are read after the first query, while
 * nobody waits for one, and given up when nobody has searched for a while.
 */
import { read, startingWith, type Database } from '../database.ts';
import { piecesIn } from '../pieces.ts';
import { textsOf, type Candidate, type IndexMemory, type KnownRow } from './index-memory.ts';
import { searchableOf } from './normal-form.ts';
import { fieldsOfBytes, fieldsStored, TEXT_STORES } from './texts.ts';

export interface KeptTexts {
  isKept(candidate: Candidate): boolean;
  /** False: it is kept, and not in it. @param query in the form of `compact` */ mayHold(candidate: Candidate, query: string): boolean;
  /** Where there is room for it. */ keep(candidate: Candidate, searchable: string): void;
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

/** With what V8 has around it. */
const bytesOf = (compacted: string): number => 32 + compacted.length;

const EVERYTHING = new Uint32Array();

export function createKeptTexts(database: Database, memory: IndexMemory): KeptTexts {
  let total = 0;

  function give(known: KnownRow): void {
    total -= known.bytes;
    known.texts.length = known.bytes = 0;
    known.isFull = false;
  }

  function keep({ known, place }: Candidate, compacted: string): void {
    const bytes = bytesOf(compacted);
    if (known.texts[place] !== undefined || total + bytes > MOST) return;
    known.texts[place] = compacted;
    known.bytes += bytes;
    total += bytes;
  }

  /** Many pieces are read in the order in which they lie: a third of the time. As far as there is room. */
  async function fillPieces(session: string, rows: readonly KnownRow[], goOn: () => Promise<boolean>): Promise<void> {
    const missing = new Map<string, Candidate>();
    for (const known of rows) {
      if (known.isFull) continue;
      for (const candidate of textsOf(known, EVERYTHING)) if (candidate.kind === 'piece' && known.texts[candidate.place] === undefined) missing.set(candidate.ref.toHex(), candidate);
    }
    let size = LEAST;
    for (let range = startingWith(session); missing.size > MANY && total < MOST && await goOn();) {
      const page = await read(database, ['pieces'], (tx) => tx.objectStore('pieces').getAll(range, size));
      for (const { hash, bytes } of page.flatMap(piecesIn)) {
        const candidate = missing.get(hash.toHex());
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
    isKept: ({ known, place }) => known.texts[place] !== undefined,
    mayHold: ({ known, place }, query) => known.texts[place]?.includes(query) ?? true,
    keep: (candidate, searchable) => keep(candidate, compact(searchable)),
    async fill(goOn) {
      const rows = memory.rows();
      // Rows that are no more took theirs with them.
      total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const [session, own] of Map.groupBy(rows, ({ row }) => row.session)) await fillPieces(session, own, goOn);
      let oldest = rows.length;
      for (const [i, known] of rows.entries()) {
        if (known.isFull) continue;
        const missing = textsOf(known, EVERYTHING).filter(({ place }) => known.texts[place] === undefined);
        for (const part of partsOf(missing)) {
          if (!await goOn()) return;
          const texts = await read(database, TEXT_STORES, (tx) => Promise.all(part.map((candidate) => fieldsStored(tx, candidate.session, candidate))));
          const compacted = texts.map((fields) => compact(searchableOf(fields ?? [])));
          const needed = compacted.reduce((sum, text) => sum + bytesOf(text), 0);
          for (; total + needed > MOST && oldest > i + 1; oldest--) give(rows[oldest - 1] as KnownRow);
          const isFull = total + needed > MOST;
          for (const [j, candidate] of part.entries()) keep(candidate, compacted[j] as string);
          if (isFull) return;
        }
        known.isFull = true;
      }
    },
    clear() {
      for (const known of memory.rows()) give(known);
      total = 0;
    },
  };
}

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

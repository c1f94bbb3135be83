/** What is stored, read row by row from the extension's database, and held against what the page read. */
import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import type { EndCause, Side } from '../../lib/model/record.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import type { DocumentRow, ExchangeRow } from '../../lib/store/schema.ts';
import { spansIn, type SpansRow } from '../../lib/store/spans.ts';
import type { TabSession } from '../../lib/model/session.ts';

/** `bytes`: base64 */
interface StoredSegment { exchange: string; side: Side; offset: number; size: number; bytes: string }
export interface Stored {
  sessions: TabSession[];
  documents: DocumentRow[];
  exchanges: ExchangeRow[];
  segments: StoredSegment[];
  spans: SpanRow[];
  /** pieces that no request uses */ unusedPieces: number;
  /** number of rows of the other stores */ bodies: number; live: number;
}

/** All rows as they are in one transaction. @param origin a page of the extension's origin @param only of these stores */
export async function readStored(origin: Page, only?: string[]): Promise<Stored> {
  const stored = await origin.evaluate(async (only) => {
    // Opening the database would make it.
    if (!(await indexedDB.databases()).some(({ name }) => name === 'spanlight')) return { sessions: [], documents: [], exchanges: [], segments: [], spans: [], unusedPieces: 0, bodies: 0, live: 0 };
    const opening = indexedDB.open('spanlight');
    await new Promise((resolve, reject) => {
      opening.addEventListener('success', resolve);
      opening.addEventListener('error', () => reject(new Error(String(opening.error))));
    });
    const database = opening.result;
    const tx = database.transaction([...database.objectStoreNames], 'readonly');
    const rows = new Map([...database.objectStoreNames].filter((name) => !only || only.includes(name)).map((name) => [name, tx.objectStore(name).getAll()]));
    await new Promise((resolve) => { tx.addEventListener('complete', resolve); });
    database.close();
    const all = (name: string): never[] => (rows.get(name)?.result ?? []) as never[];
    const segments: StoredSegment[] = (all('segments') as Array<StoredSegment & { bytes: Uint8Array }>).map(({ exchange, offset, size, bytes }) => ({ exchange, side: 'response', offset, size, bytes: bytes.toBase64() }));

    // Requests, put together again as the schema says.
    interface Head { chain: Uint8Array; n: number }
    const pieces = new Map((all('pieces') as Array<{ hash: Uint8Array; bytes: Uint8Array; more?: string[]; ends?: number[] }>).flatMap(({ hash, bytes, more = [], ends = [bytes.length] }) =>
      [hash, ...more.map((name) => Uint8Array.from(name, (character) => character.charCodeAt(0)))].map((name, i): [string, Uint8Array] => [name.toHex(), bytes.subarray(ends[i - 1] ?? 0, ends[i])])));
    const chains = new Map((all('chains') as Array<Head & { pieces: Uint8Array; from?: Head }>).map((row) => [`${row.chain.toHex()}/${row.n}`, row]));
    const used = new Set<string>();
    const piece = (hash: Uint8Array): Uint8Array => {
      used.add(hash.toHex());
      return pieces.get(hash.toHex()) ?? new Uint8Array();
    };
    const listOf = ({ chain, n }: Head): Uint8Array[] => {
      const row = chains.get(`${chain.toHex()}/${n}`);
      const before = n > 0 ? { chain, n: n - 1 } : row?.from;
      const own = Array.from({ length: (row?.pieces.length ?? 0) / 16 }, (_, i) => piece(row!.pieces.slice(i * 16, i * 16 + 16)));
      return [...before ? listOf(before) : [], ...own];
    };
    // The row of offset -1 has what is cut of a request; behind it lies what came since, some of which may be cut by now.
    const bodies = all('bodies') as Array<{ exchange: string; offset: number; size: number; bytes?: Uint8Array; parts?: Array<{ piece: Uint8Array } | Head>; open?: Uint8Array }>;
    const cut = new Map<string, number>();
    for (const { exchange, offset, size, bytes, parts = [], open = new Uint8Array() } of bodies) {
      if (offset === -1) {
        const rebuilt = parts.flatMap((part) => 'chain' in part ? listOf(part).flatMap((element, i) => i > 0 ? [0x2c, ...element] : [...element]) : [...piece(part.piece)]);
        for (let at = 0; at < open.length; at += 16) rebuilt.push(...piece(open.slice(at, at + 16)), 0x2c);
        cut.set(exchange, size);
        segments.push({ exchange, side: 'request', offset: 0, size, bytes: new Uint8Array(rebuilt).toBase64() });
      } else {
        const known = Math.max(0, (cut.get(exchange) ?? 0) - offset);
        segments.push({ exchange, side: 'request', offset: offset + known, size: size - known, bytes: (bytes ?? new Uint8Array()).slice(known).toBase64() });
      }
    }
    return { sessions: all('sessions'), documents: all('documents'), exchanges: all('exchanges'), segments, spans: all('spans') as SpansRow[], unusedPieces: pieces.size - used.size, bodies: cut.size, live: all('live').length };
  }, only);
  return { ...stored, spans: stored.spans.flatMap(spansIn) };
}

/** Waits until what is stored is as asked. It has to come about by itself: nothing here wakes the worker. */
export async function storedWhen(origin: Page, is: (stored: Stored) => boolean, what: string): Promise<Stored> {
  let stored: Stored | undefined;
  await until(async () => is(stored = await readStored(origin)), () => `${what}; stored: ${JSON.stringify(stored?.exchanges.map(({ url, response, end }) => [nameOf(url), response, end]))}`);
  return stored as Stored;
}

const PATIENCE_MS = 90_000;

export async function until(condition: () => Promise<boolean> | boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`This never came about: ${what()}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Calls are told apart by the first part of their path. */
export const nameOf = (url: string): string => new URL(url).pathname.split('/')[1] ?? '';

export interface Expected {
  /** bytes the page read, by its own count */ read: number;
  /** what the server sent, at least that far */ sent: Buffer;
  /** any of these */ how: EndCause | EndCause[];
}

/** One call as it is stored: `stored` bytes that are there and are the server's, each counted once; `missing` as its span says;
 *  `doubled` bytes that are there again, and rows that should not be; `faults`: what is not as it must be. */
export interface Account { stored: number; missing: number; doubled: number; faults: string[]; row: ExchangeRow; span: SpanRow }

/** Holds one call's rows against what happened. Every byte the page read is stored at its place or counted as missing. */
export function accountOf(stored: Stored, name: string, { read, sent, how }: Expected): Account {
  const faults: string[] = [];
  const check = (ok: boolean, what: string): void => { if (!ok) faults.push(`${name}: ${what}`); };
  const rows = stored.exchanges.filter(({ url }) => nameOf(url) === name);
  const row = rows[0] as ExchangeRow;
  if (!row) return { stored: 0, missing: 0, doubled: 0, faults: [`${name}: not stored`], row, span: undefined as unknown as SpanRow };
  check(rows.length === 1, `${rows.length} exchanges`);
  const { response, request } = row;
  check(response.read === read, `the page read ${read} bytes, by the row ${response.read}`);
  check(response.stored + response.missing === read, `${response.stored} stored + ${response.missing} missing of ${read}`);
  let [at, sum, doubled] = [0, 0, 0];
  for (const segment of stored.segments.filter(({ exchange, side }) => exchange === row.id && side === 'response')) {
    const bytes = Buffer.from(segment.bytes, 'base64');
    const end = segment.offset + segment.size;
    check(segment.offset >= at, `bytes from ${segment.offset} on are there twice`);
    check(bytes.length === segment.size && bytes.equals(sent.subarray(segment.offset, end)), `not the server's bytes at ${segment.offset}`);
    doubled += Math.max(0, Math.min(end, at) - segment.offset);
    sum += Math.max(0, end - Math.max(segment.offset, at));
    at = Math.max(at, end);
  }
  check(sum === response.stored, `${sum} bytes are there, by the row ${response.stored}`);
  check(at <= read, `bytes past what was read: ${at} of ${read}`);
  const asked = stored.segments.filter(({ exchange, side }) => exchange === row.id && side === 'request').map(({ bytes }) => Buffer.from(bytes, 'base64').toString()).join('');
  check(request.missing === 0 && asked.includes(`"content":"${name}"`), `the request: ${request.missing} bytes missing, ${asked}`);
  const spans = stored.spans.filter(({ exchange }) => exchange === row.id);
  const hows: Array<string | undefined> = [how].flat();
  check(spans.length === 1 && spans[0]?.kind === 'LLM', `spans: ${spans.map(({ kind }) => kind).join(' ')}`);
  check(hows.includes(spans[0]?.endCause), `its span ended ${spans[0]?.endCause}, not ${hows.join(' or ')}`);
  check(hows.includes(row.end?.how), `it ended ${row.end?.how}, not ${hows.join(' or ')}`);
  check((spans[0]?.missingBytes ?? 0) === response.missing, `its span tells of ${spans[0]?.missingBytes} missing bytes, not of ${response.missing}`);
  doubled += Math.max(0, rows.length - 1) + Math.max(0, spans.length - 1);
  return { stored: sum, missing: response.missing, doubled, faults, row, span: spans[0] as SpanRow };
}

export function expectAccounted(stored: Stored, name: string, expected: Expected): Account {
  const account = accountOf(stored, name, expected);
  expect.soft(account.faults).toEqual([]);
  return account;
}

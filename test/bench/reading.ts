/**
 * What it costs to read calls, apart from any browser: how fast against `JSON.parse` of the same bytes, and whether a chunk
 * of a long stream costs what one of a short stream does. `node test/bench/reading.ts` runs it alone.
 */
import type { Exchange } from '../../lib/model/exchange.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { callOf, endFold, feedFold, startFold } from '../../lib/trace/fold.ts';
import { comparisonRow, finish, speedRow, type BenchRow } from './report.ts';
import { streams, type Stream } from './streams.ts';

/** The background makes facts with each batch (60 ms): so often at fifty chunks a second. */
const CHUNKS_A_BATCH = 3;

const exchangeOf = (url: string, request: Uint8Array): Exchange => ({
  id: 'd/1', session: 's', documentId: 'd', ordinal: 1, frameId: 0, startMs: 1, clock: 0, transport: 'fetch', method: 'POST', url, pageUrl: 'http://localhost/', requestHeaders: [], requestForm: 'exact',
  request: { read: request.length, stored: request.length, missing: 0 }, response: { read: 0, stored: 0, missing: 0 }, head: { atMs: 1, status: 200, type: 'cors', url, headers: [] }, removedSecrets: 0, rev: 0,
});

/** Reads a call as the background does, as it comes. Throws where nothing was read: that would be fast. */
function read({ url, request, said }: Stream, chunks: readonly Uint8Array[], chunksABatch: number): void {
  const exchange = exchangeOf(url, request);
  const fold = startFold(exchange, request);
  for (const [at, chunk] of chunks.entries()) {
    feedFold(fold, chunk);
    if (at % chunksABatch === 0) exchange.facts = factsOf(exchange, callOf(fold));
  }
  endFold(fold);
  const call = callOf(fold);
  exchange.facts = factsOf({ ...exchange, end: { atMs: 2, how: 'complete' } }, call);
  const found = call.vectors?.count ?? call.output.flatMap(({ parts }) => parts).reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
  if (found !== said * (call.vectors === undefined ? chunks.length : 1)) throw new Error(`${url}: ${found} read`);
}

function msOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Of three: what else the machine does takes a turn of some ms for itself, and makes it no faster. */
const leastMsOf = (work: () => void): number => Math.min(msOf(work), msOf(work), msOf(work));

const sizeOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0);

/** Whole bodies: megabytes a second of request and response. Read in pieces of a network read, facts once. */
function speed(stream: Stream, least: number): BenchRow {
  const chunks = stream.chunks(stream.isPlain === true ? 1 : 2000);
  const megabytes = (stream.request.length + sizeOf(chunks)) / 1e6;
  const texts = [stream.request, ...chunks];
  const decoder = new TextDecoder();
  const turns = { base: new Array<number>(), ours: new Array<number>() };
  const parse = (): void => { for (const bytes of texts) JSON.parse(stream.jsonIn(decoder.decode(bytes))); };
  const ours = (): void => { read(stream, chunks, Infinity); };
  for (let round = -3; round < 15; round += 1) {
    const [base, reading] = [leastMsOf(parse), leastMsOf(ours)];
    if (round < 0) continue; // warms up
    turns.base.push(megabytes / base * 1000);
    turns.ours.push(megabytes / reading * 1000);
  }
  return speedRow(`reading ${stream.dialect}: speed against JSON.parse`, 'MB/s', turns, least);
}

/** A chunk of a long stream against one of a stream of 1,000, with the facts of each batch. */
function linear(stream: Stream, chunks: readonly Uint8Array[], goal: number): BenchRow {
  const few = chunks.slice(0, 1000);
  const turns = { base: new Array<number>(), ours: new Array<number>() };
  for (let round = -1; round < 3; round += 1) {
    const base = msOf(() => { for (let time = 0; time < 10; time += 1) read(stream, few, CHUNKS_A_BATCH); }) / 10 / few.length * 1000;
    const ours = msOf(() => { read(stream, chunks, CHUNKS_A_BATCH); }) / chunks.length * 1000;
    if (round < 0) continue;
    turns.base.push(base);
    turns.ours.push(ours);
  }
  return comparisonRow(`reading ${stream.dialect}: chunk of ${chunks.length / 1000}k against one of 1k`, 'µs/chunk', turns, goal, false);
}

/** Goals of our own. Measured on two busy cores: 0.12 to 0.19 of JSON.parse, which is 30 to 50 MB/s of chunks of a word
 *  (models send 0.05) and 100 MB/s of vectors; a chunk of a long stream costs 0.8 to 1.1 of a short one's, where a cost that grew with the stream gave 6 to 10. */
export function benchReading(): BenchRow[] {
  return streams.flatMap((stream) => {
    const long = stream.isPlain === true ? [] : stream.chunks(100_000);
    return [speed(stream, 0.08), ...(long.length === 0 ? [] : [linear(stream, long.slice(0, 10_000), 2), linear(stream, long, 2)])];
  });
}

if (import.meta.main) finish('reading', benchReading());

/** In a page of its own, without the extension: the code of lib/record and lib/store over the real IndexedDB. */
import { deleteDB, openDB } from 'idb';
import type { PageRecord } from '../../lib/model/record.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import type { Recorder } from '../../lib/record/recorder.ts';
import { openDatabase, read, write, type Database } from '../../lib/store/database.ts';
import { createReader } from '../../lib/store/reader.ts';
import { putRequestBytes } from '../../lib/store/request-bodies.ts';
import { putSegment } from '../../lib/store/segments.ts';
import { spansIn } from '../../lib/store/spans.ts';
import { batchOf, bytesOf, opened, pageOf } from '../record/page.ts';
import { RUN_SPANS, agentRuns, agentTurns, batched } from './agent-runs.ts';
import { makeRecorder, type Made } from './made.ts';
import { tellTurns, turnsOfThread } from './page-thread.ts';
import { searchJobs } from './search-page.ts';
import { sweepJobs } from './sweep-page.ts';

const spansOf = (database: Database): Promise<SpanRow[]> => read(database, ['spans'], async (tx) => (await tx.objectStore('spans').getAll()).flatMap(spansIn));

const CALM_MS = 10;

let example: SpanRow[] = [];
let piped = 0;
let raws = 0;

export const storeJobs = {
  /** Agents' runs through the recorder. Returns µs a span. */
  async pipeline(runs: number): Promise<number> {
    const { database, recorder, close } = makeRecorder();
    const page = pageOf(1);
    // Each time of other texts: what is remembered of texts must not help.
    const batches = batched(page, [opened(), ...agentRuns(runs, piped)]);
    piped += runs;
    const begin = performance.now();
    for (const batch of batches) await recorder.take(batch, page.sender);
    const took = performance.now() - begin;
    example = await spansOf(database);
    await close();
    if (example.length !== runs * RUN_SPANS) throw new Error(`${example.length} spans of ${runs} runs`);
    return took * 1000 / example.length;
  },

  /** The same rows into one store without an index, 200 a transaction. Returns µs a span. */
  async raw() {
    const database = await openDB(`bench-raw-${raws++}`, 1, { upgrade: (made) => { made.createObjectStore('spans', { keyPath: ['source', 'spanId'] }); } });
    const begin = performance.now();
    for (let first = 0; first < example.length; first += 200) {
      const tx = database.transaction('spans', 'readwrite');
      for (const span of example.slice(first, first + 200)) void tx.store.put(span);
      await tx.done;
    }
    const took = performance.now() - begin;
    database.close();
    await deleteDB(database.name);
    return took * 1000 / example.length;
  },

  /** One agent of `turns` turns. Returns for each turn the bytes that request and answer newly have, and after some turns what all
   *  rows of content take.
   *  @param kept name of a database, which stays */
  async turns(turns: number, size: number, { weighed = [], kept }: { weighed?: readonly number[]; kept?: string } = {}) {
    const { database, recorder, close } = makeRecorder(undefined, kept);
    const rows: Array<{ fresh: number; stored?: number }> = [];
    const take = await beginRun(recorder, 1);
    for await (const { turn, records, fresh } of turnsOfThread('/page.js', turns, size)) {
      await take(records);
      rows.push({ fresh, ...(weighed.includes(turn) && { stored: await contentBytes(database) }) });
    }
    await (kept === undefined ? close() : database.close());
    return rows;
  },

  /** The last turns of an agent's run and, in turns with them, the turn `early` of others. Returns the ms of each. */
  async lateAndEarly({ turns, late, early, size }: { turns: number; late: number; early: number; size: number }) {
    const { recorder, close } = makeRecorder();
    const times: { late: number[]; early: number[] } = { late: [], early: [] };
    const take = await beginRun(recorder, 1);
    const timed = async (records: PageRecord[], taken: typeof take): Promise<number> => {
      // The page's work is over.
      await new Promise((resolve) => { setTimeout(resolve, CALM_MS); });
      return msOf(() => taken(records));
    };
    for await (const { turn, records } of turnsOfThread('/page.js', turns, size)) {
      if (turn <= turns - late) {
        await take(records);
        continue;
      }
      const other = await beginRun(recorder, turn);
      for await (const { turn: at, records: first } of turnsOfThread('/page.js', early, size)) {
        if (at < early) await other(first);
        else times.early.push(await timed(first, other));
      }
      times.late.push(await timed(records, take));
    }
    await close();
    return times;
  },

  /** The requests and answers of the same agent, and nothing else of its calls, in a database that stays. Returns their new bytes. */
  async content(turns: number, size: number, name: string) {
    const database = openDatabase(name);
    let all = 0;
    for (const { turn, request, pieces, fresh } of agentTurns(turns, size)) {
      const [id, asked, answer] = [`document-1/${turn}`, bytesOf(request), bytesOf(pieces.join(''))];
      await write(database, async (tx) => {
        await putRequestBytes(tx, { id, session: 'session' }, asked.byteLength, 0, [asked]);
        putSegment(tx, id, { offset: 0, bytes: answer, times: new Float64Array(pieces.length), ends: new Uint32Array(pieces.length) });
      });
      all += fresh;
    }
    await database.close();
    return all;
  },

  /** Fills a database, which stays. */
  async fill(spans: number, whole: boolean) { filled.set(spans, await fill(spans, whole)); },

  async empty(spans: number) {
    await filled.get(spans)?.close();
    filled.delete(spans);
  },

  /** ms to list the newest 100 traces. */
  list: (spans: number) => msOf(() => createReader(databaseOf(spans)).traces(IMPORTED, { limit: 100 })),

  /** ms to open the trace that is n-th. */
  outline: (spans: number, trace: number) => msOf(() => createReader(databaseOf(spans)).outline(IMPORTED, trace.toString(16).padStart(32, '0'))),

  ...searchJobs,
  ...sweepJobs,
};

/** A run in a tab of its own. Returns who takes its records. */
async function beginRun(recorder: Recorder, tab: number): Promise<(records: PageRecord[]) => Promise<void>> {
  const page = pageOf(tab, tab);
  await recorder.take(batchOf(page, 0, [opened()]), page.sender);
  let seq = 1;
  return async (records) => {
    for (const batch of batched(page, records) as Array<{ records: PageRecord[] }>) {
      await recorder.take(batchOf(page, seq, batch.records), page.sender);
      seq += batch.records.length;
    }
  };
}

function databaseOf(spans: number): Database {
  const made = filled.get(spans);
  if (!made) throw new Error(`nothing is filled with ${spans} spans`);
  return made.database;
}

const CONTENT = ['segments', 'bodies', 'chains', 'pieces'] as const;

const hex = (n: number, length: number): string => n.toString(16).padStart(length, '0');

const filled = new Map<number, Made>();

/** A database with that many spans of an imported file, ten a trace and one text each; but one trace has them all if `whole`. */
async function fill(spans: number, whole: boolean): Promise<Made> {
  const made = makeRecorder();
  for (let first = 0; first < spans; first += 500) {
    const part = Array.from({ length: Math.min(500, spans - first) }, (_, i) => {
      const n = first + i;
      const trace = whole ? 1 : Math.floor(n / 10) + 1;
      const row = {
        source: IMPORTED, spanId: hex(n + 1, 16), traceId: hex(trace, 32), kind: 'LLM', name: 'chat gpt', label: `gpt ${n}`, startMs: n, endMs: n + 1, status: 'unset', exchange: `${IMPORTED}/${n}`, rev: 0,
        ...((whole ? n > 0 : n % 10 > 0) && { parentSpanId: hex(whole ? 1 : n - (n % 10) + 1, 16) }), link: { relation: 'root', evidence: 'none', confidence: 0, detail: '' },
      } as SpanRow;
      return { row, content: JSON.stringify({ 'input.value': textOf(n) }) };
    });
    await made.recorder.command({ type: 'import', part: { session: IMPORTED, file: 'bench.json', site: 'http://localhost/', resource: '{}', spans: part } });
  }
  return made;
}

const IMPORTED = 'import-bench';
const WORDS = ['harbour', 'lantern', 'winter', 'signal', 'orchard', 'marble', 'thunder', 'pepper', 'velvet', 'compass', 'meadow', 'copper', 'island', 'whistle', 'saffron', 'glacier'];

/** About 200 characters, the same for the same number. */
function textOf(n: number): string {
  const words = Array.from({ length: 24 }, (_, i) => WORDS[((n + 1) * (i * 2_654_435 + 40_503)) % 97 % WORDS.length]);
  return `${words.join(' ')} number ${n * 7919 % 1_000_003}`;
}

async function msOf(job: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await job();
  return performance.now() - begin;
}

/** Bytes of all rows that hold what crossed the wire, keys and all. */
async function contentBytes(database: Database): Promise<number> {
  return read(database, CONTENT, async (tx) => {
    let bytes = 0;
    for (const store of CONTENT) for (const row of await tx.objectStore(store).getAll()) bytes += sizeOf(row);
    return bytes;
  });
}

function sizeOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength + 4;
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'object' && value !== null) return Object.entries(value).reduce((sum, [key, item]) => sum + (Array.isArray(value) ? 0 : key.length + 2) + sizeOf(item), 2);
  return 8;
}

export type StoreJobs = typeof storeJobs;
declare global { interface Window { storeJobs: StoreJobs } }
if (typeof window === 'undefined') tellTurns();
else window.storeJobs = storeJobs;

/**
 * Full-text search: of the texts whose signatures have all that the query needs, newest first, those that hold it are hits. So
 * it finds exactly what reading everything would find.
 */
import { read as readStores, type Database } from '../database.ts';
import { createIndexMemory, type Candidate } from './index-memory.ts';
import { compact, createKeptTexts } from './kept-texts.ts';
import { queryOf } from './normal-form.ts';
import { createOwners } from './owners.ts';
import { hashesOf } from './signature.ts';
import { createTeller, type SearchHit } from './tell-hits.ts';

export type { SearchHit };

export interface SearchOptions { /** default: all */ sessions?: ReadonlySet<string>; /** One hit of each trace is enough: the newest. */ perTrace?: boolean }

export interface Search {
  /** Hits as they are found, the newest calls first; ends when all are told. */
  hits(typed: string, options?: SearchOptions, signal?: AbortSignal): AsyncGenerator<SearchHit[], void>;
  /** Is everything indexed? Not yet, after an update from a version without a search. */
  complete(): Promise<boolean>;
  /** Resolves when what there is room for is kept in memory, from where queries after the first are answered. */
  settled(): Promise<void>;
  /** Nobody searches for now: gives back the memory that texts take. */
  rest(): void;
}

/** Texts read in one transaction: a write waits for a few milliseconds at the most. */
const FIRST = 24;
const MOST = 96;
/** After so many ms of work something else has its turn: a key, a frame. */
const AT_A_STRETCH = 8;

export function createSearch(database: Database): Search {
  const memory = createIndexMemory(database);
  const kept = createKeptTexts(database, memory);
  const owners = createOwners();
  let filling: Promise<void> | undefined;
  let resting = false;
  /** queries that are being answered, and who waits until there is none */
  let running = 0;
  const waiting: Array<() => void> = [];

  async function mayFill(): Promise<boolean> {
    if (running > 0 && !resting) await new Promise<void>((resolve) => { waiting.push(resolve); });
    return !resting;
  }

  /** Texts that may hold the query, as many as are read in one transaction. */
  async function* possible(query: string, sessions?: ReadonlySet<string>, signal?: AbortSignal): AsyncGenerator<Candidate[], void> {
    let part: Candidate[] = [];
    let size = FIRST;
    let pauseAt = performance.now() + AT_A_STRETCH;
    for (const found of memory.candidates(hashesOf(query), compact(query), sessions)) {
      for (const candidate of found) {
        part.push(candidate);
        if (part.length < size && !candidate.isLong) continue;
        yield part;
        part = [];
        size = Math.min(MOST, size * 2);
      }
      if (performance.now() < pauseAt) continue;
      await pause();
      signal?.throwIfAborted();
      pauseAt = performance.now() + AT_A_STRETCH;
    }
    if (part.length > 0) yield part;
  }

  return {
    async* hits(typed, { sessions, perTrace = false } = {}, signal) {
      const query = queryOf(typed);
      if (query === '') return;
      signal?.throwIfAborted();
      resting = false;
      running++;
      try {
        await memory.refresh();
        signal?.throwIfAborted();
        // What fails here fails for the next query as well, which tells.
        filling ??= kept.fill(mayFill).catch(() => {}).finally(() => { filling = undefined; });
        const { look, tell } = createTeller(database, query, perTrace, kept, owners, signal);
        for await (const looked of ahead(possible(query, sessions, signal), look)) {
          const hits = await tell(looked);
          if (hits.length > 0) yield hits;
        }
      } finally {
        running--;
        if (running === 0) for (const go of waiting.splice(0)) go();
      }
    },
    complete: async () => await readStores(database, ['unindexed'], (tx) => tx.objectStore('unindexed').count()) === 0,
    async settled() { await filling; },
    rest() {
      resting = true;
      kept.clear();
      owners.clear();
      for (const go of waiting.splice(0)) go();
    },
  };
}

/** Does the work on each part, and on the next while it is told: some are read here while others are read in the browser. */
async function* ahead<Part, Done>(parts: AsyncGenerator<Part, void>, work: (part: Part) => Promise<Done>): AsyncGenerator<Done, void> {
  const start = async (): Promise<{ done: Done } | undefined> => {
    const next = await parts.next();
    return next.done ? undefined : { done: await work(next.value) };
  };
  for (const coming = [start()]; ; ) {
    coming.push(start());
    // Told when its turn has come.
    for (const later of coming) later.catch(() => {});
    const come = await coming.shift();
    if (!come) return;
    yield come.done;
  }
}

/** Lets others have their turn. */
function pause(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', () => { port1.close(); resolve(); });
    port1.start();
    port2.postMessage(undefined);
  });
}

/** The jobs of the bench's page that search. */
import type { TraceRow } from '../../lib/model/trace.ts';
import { read, write, type Database } from '../../lib/store/database.ts';
import { hashOf, putPieces, type Piece } from '../../lib/store/pieces.ts';
import type { ExchangeRow } from '../../lib/store/schema.ts';
import { normalOf, queryOf } from '../../lib/store/search/normal-form.ts';
import { createSearch, type Search } from '../../lib/store/search/search.ts';
import { addSignatures, type IndexedText } from '../../lib/store/search/signatures.ts';
import { putAnswer, textOfAnswer, textOfBytes } from '../../lib/store/search/texts.ts';
import { MOST_FOUND } from '../../lib/panel/found.ts';
import { asked, batchOf, call, opened, pageOf, streamed, user } from '../record/page.ts';
import { makeRecorder, type Made } from './made.ts';
import { madeQueries, madeText } from './made-texts.ts';

/** Of each call two messages are new in its request, and there is an answer. */
const PER_CALL = 3;
const PER_TRACE = 10 * PER_CALL;
const PER_SESSION = 5_000;
const AT_ONCE = 500;

interface Searched extends Made { queries: string[]; /** texts in normal form */ normal: string; asPanel: Search; toLast: Search }
let searched: Searched | undefined;

function ready(): Searched {
  if (!searched) throw new Error('nothing to search: `fillTexts` first');
  return searched;
}

const queryAt = (n: number): string => ready().queries[n] ?? '';

const encoder = new TextEncoder();
const sessionOf = (n: number): string => `session-${Math.floor(n / PER_SESSION)}`;
const callOf = (n: number): number => Math.floor(n / PER_CALL);
const hexOf = (n: number): string => n.toString(16).padStart(32, '0');
const isAnswer = (n: number): boolean => n % PER_CALL === PER_CALL - 1;

interface Like { exchange: ExchangeRow; trace: TraceRow }

/** Rows of a recorded call, to make others of. */
async function recordedRows(): Promise<Like> {
  const { database, recorder, close } = makeRecorder();
  const page = pageOf(1);
  await recorder.take(batchOf(page, 0, [opened(), ...call(1, { request: asked(user(madeText(1))), pieces: streamed([madeText(2)]) })]), page.sender);
  const rows = await read(database, ['exchanges', 'traces'], (tx) => Promise.all([tx.objectStore('exchanges').getAll(), tx.objectStore('traces').getAll()]));
  await close();
  const [[exchange], [trace]] = rows;
  if (!exchange || !trace) throw new Error('the call was not recorded');
  return { exchange, trace };
}

/** Rows as the recorder writes them, as far as a search reads them. */
async function addTexts(database: Database, from: number, to: number, like: Like): Promise<void> {
  const session = sessionOf(from);
  await write(database, async (tx) => {
    const known = await tx.objectStore('sessions').get(session) ?? { id: session, tabId: 1, run: 'bench', startedMs: 0, lastMs: 0, url: '', paused: false, rev: 0, removedRev: 0, clearedMs: 0, bytes: 0, diskBytes: 0, exchanges: 0, unrecorded: 0 };
    const rev = known.rev + 1;
    const entries: IndexedText[] = [];
    let pieces: Piece[] = [];
    for (let n = from; n < to; n++) {
      const [text, traceId] = [madeText(n), hexOf(Math.floor(n / PER_TRACE))];
      const owner: ExchangeRow = { ...like.exchange, id: `document-${session}/${callOf(n)}`, session, documentId: `document-${session}`, startMs: callOf(n), traceId, rev };
      if (n % PER_CALL === 0 || n === from) {
        void tx.objectStore('exchanges').put(owner);
        void tx.objectStore('traces').put({ ...like.trace, source: session, traceId, rev });
      }
      const fields = [{ key: 'content', text }];
      const bytes = encoder.encode(JSON.stringify({ role: n % 2 === 0 ? 'user' : 'assistant', content: text }));
      const hash = hashOf(session, bytes);
      if (!isAnswer(n)) pieces.push({ hash, bytes });
      if (isAnswer(n)) putAnswer(tx, owner, fields);
      if (isAnswer(n) || n === to - 1) {
        putPieces(tx, session, pieces);
        pieces = [];
      }
      const entry = isAnswer(n) ? textOfAnswer(owner, fields) : textOfBytes('piece', owner, bytes, hash);
      if (entry) entries.push(entry);
    }
    await addSignatures(tx, session, rev, entries);
    void tx.objectStore('sessions').put({ ...known, rev });
  });
}

/** @param asPanel it wants one hit of a trace, and ends when it has as many as it shows */
async function look(search: Search, query: string, asPanel: boolean): Promise<{ ms: number; hits: number }> {
  const [texts, traces] = [new Set<string>(), new Set<string>()];
  const begin = performance.now();
  for await (const hits of search.hits(query, { perTrace: asPanel })) {
    for (const { text, session, traceId } of hits) {
      texts.add(text);
      traces.add(`${session}/${traceId}`);
    }
    if (asPanel && traces.size >= MOST_FOUND) break;
  }
  return { ms: performance.now() - begin, hits: texts.size };
}

/** What is in no normal form: it ends the text that is looked through, and a field in it. */
const [END, BETWEEN] = ['\n', '\t'];

/** Fields of a text. All of them are one string: a hundred thousand would be the page's, not the search's, to clean up. */
const fieldsAt = (n: number): string => [normalOf(madeText(n)), ...isAnswer(n) ? [] : [n % 2 === 0 ? 'user' : 'assistant']].join(BETWEEN) + END;

/** All texts that hold it, by looking through all of them: no signature, no index, no reading of what is stored. */
function bruteForce(query: string, normal: string): number {
  let count = 0;
  const sought = queryOf(query);
  for (let at = normal.indexOf(sought); at >= 0; at = normal.indexOf(sought, normal.indexOf(END, at))) count++;
  return count;
}

export interface Looked { query: string; /** to the last hit */ ms: number; hits: number; expected: number }

export const searchJobs = {
  /** Fills a database with texts, which stays. */
  async fillTexts(texts: number, queries: number) {
    const made = makeRecorder();
    const like = await recordedRows();
    for (let from = 0; from < texts; from += AT_ONCE) await addTexts(made.database, from, Math.min(texts, from + AT_ONCE), like);
    const [asPanel, toLast] = [createSearch(made.database), createSearch(made.database)];
    searched = { ...made, queries: madeQueries(queries, texts), asPanel, toLast, normal: Array.from({ length: texts }, (_, n) => fieldsAt(n)).join('') };
  },

  async forgetTexts() {
    await searched?.close();
    searched = undefined;
  },

  /** As a panel that was opened just now asks the n-th query: the index is loaded first. Returns ms until all is found that it shows. */
  async lookCold(n: number) {
    const search = createSearch(ready().database);
    const { ms } = await look(search, queryAt(n), true);
    // That panel is closed: it would go on reading texts into memory beside the next one.
    search.rest();
    await search.settled();
    return ms;
  },

  /** The same of a panel that was used before. */
  lookWarm: (n: number) => look(ready().asPanel, queryAt(n), true).then(({ ms }) => ms),

  /** What there is room for is in memory: seconds after the first query. */
  async settled() {
    const { asPanel, toLast } = ready();
    await asPanel.settled();
    await toLast.settled();
  },

  /** To the last hit, by a search of its own: what a panel has read is not at hand. */
  async lookForAll(from: number, to: number): Promise<Looked[]> {
    const { toLast, queries, normal } = ready();
    const all: Looked[] = [];
    for (const query of queries.slice(from, to)) all.push({ query, ...await look(toLast, query, false), expected: bruteForce(query, normal) });
    return all;
  },
};

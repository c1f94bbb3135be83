/**
 * Full-text search: the texts whose signatures have all that the query needs are read, newest first, and those that hold it are
 * hits. So it finds exactly what reading everything would find.
 */
import { isForgotten } from '../../model/session.ts';
import { read, type Database, type ReadTransaction } from '../database.ts';
import type { Field } from './fields.ts';
import { createIndexMemory, type Candidate } from './index-memory.ts';
import { normalOf, queryOf, searchableOf } from './normal-form.ts';
import { hashesOf } from './signature.ts';
import { spanIdIn, type TextKind } from './signatures.ts';
import { snippetOf, type Snippet } from './snippet.ts';
import { fieldsStored } from './texts.ts';

export interface SearchHit extends Snippet {
  session: string;
  /** that brought the text */ exchange: string;
  traceId?: string;
  /** of the trace */ title?: string;
  /** of an imported span */ spanId?: string;
  kind: TextKind;
  /** names the text: the same in every hit of it */ text: string;
  /** of the message, where it is one */ role?: string;
  /** name of the field in the JSON */ key: string;
  /** of the tool, where the message tells it */ tool?: string;
  startMs: number;
}

export interface SearchOptions { /** default: all */ sessions?: ReadonlySet<string> }

export interface Search {
  /** Hits as they are found, the newest calls first; ends when all are told. */
  hits(typed: string, options?: SearchOptions, signal?: AbortSignal): AsyncGenerator<SearchHit[], void>;
  /** Is everything indexed? Not yet, after an update from a version without a search. */
  complete(): Promise<boolean>;
}

/** Texts read in one transaction: a write waits for a few milliseconds at the most. */
const FIRST = 24;
const MOST = 192;
/** Characters of read texts that are kept in normal form: what a query reads in vain, the next would too. */
const KEPT = 32 * 1024 * 1024;
const TEXTS = ['exchanges', 'segments', 'bodies', 'chains', 'pieces', 'contents', 'spans', 'texts'] as const;
const OWNERS = ['sessions', 'exchanges', 'spans', 'traces'] as const;

export function createSearch(database: Database): Search {
  const memory = createIndexMemory(database);
  const kept = new Map<string, string>();
  let keptLength = 0;

  function keep(name: string, searchable: string): void {
    if (keptLength + searchable.length > KEPT) {
      kept.clear();
      keptLength = 0;
    }
    keptLength += searchable.length - (kept.get(name)?.length ?? 0);
    kept.set(name, searchable);
  }

  /** Which of these hold the query. */
  async function check(candidates: readonly Candidate[], query: string): Promise<SearchHit[]> {
    const open = candidates.filter((candidate) => kept.get(nameOf(candidate))?.includes(query) ?? true);
    if (open.length === 0) return [];
    const texts = await read(database, TEXTS, (tx) => Promise.all(open.map((candidate) => fieldsStored(tx, candidate.session, candidate))));
    const held = open.flatMap((candidate, i) => {
      const fields = texts[i];
      if (!fields) return [];
      const name = nameOf(candidate);
      const searchable = kept.get(name) ?? searchableOf(fields);
      keep(name, searchable);
      return searchable.includes(query) ? [{ candidate, fields }] : [];
    });
    if (held.length === 0) return [];
    // Few of what was read: whose they are is asked of them alone.
    const owners = await read(database, OWNERS, (tx) => Promise.all(held.map(({ candidate }) => ownerOf(tx, candidate))));
    return held.flatMap(({ candidate, fields }, i) => owners[i] ? [{ ...hitOf(candidate, fields, query), ...owners[i] }] : []);
  }

  return {
    async* hits(typed, { sessions } = {}, signal) {
      const query = queryOf(typed);
      if (query === '') return;
      for (const text of await memory.refresh(signal)) if (text.kind !== 'piece') kept.delete(nameOf(text));
      const told = new Set<string>();
      const candidates = memory.candidates(hashesOf(query), sessions);
      let size = FIRST;
      for (let at = 0; at < candidates.length; at += size, size = Math.min(MOST, size * 2)) {
        signal?.throwIfAborted();
        // A call that seemed to have ended and went on is indexed again when it ends.
        const hits = (await check(candidates.slice(at, at + size), query)).filter(({ text }) => !told.has(text) && told.add(text));
        if (hits.length > 0) yield hits;
      }
    },
    complete: async () => await read(database, ['unindexed'], (tx) => tx.objectStore('unindexed').count()) === 0,
  };
}

const nameOf = ({ session, kind, exchange, ref }: Candidate): string => `${session} ${kind} ${ref.length > 0 ? ref.toHex() : exchange}`;

/** Undefined where the call is deleted. */
async function ownerOf(tx: ReadTransaction, { session, kind, exchange, ref }: Candidate): Promise<Pick<SearchHit, 'traceId' | 'title'> | undefined> {
  const owner = kind === 'span' ? await tx.objectStore('spans').get([session, spanIdIn(ref)]) : await tx.objectStore('exchanges').get(exchange);
  const trace = owner?.traceId === undefined ? undefined : await tx.objectStore('traces').get([session, owner.traceId]);
  const recorded = owner && await tx.objectStore('sessions').get(session);
  if (!owner || (owner.traceId !== undefined && !trace) || (recorded && isForgotten(recorded, owner))) return undefined;
  return { traceId: owner.traceId, title: trace?.title.value };
}

function hitOf(candidate: Candidate, fields: readonly Field[], query: string): SearchHit {
  const { session, exchange, kind, startMs, ref } = candidate;
  const at = fields.findIndex(({ text }) => normalOf(text.replaceAll('\0', ' ')).includes(query));
  const field = fields[at] ?? { key: '', text: '' };
  // Short messages lie in one piece.
  const named = (key: string): string | undefined => (fields.slice(0, at + 1).findLast((field) => field.key === key) ?? fields.find((field) => field.key === key))?.text;
  const role = kind === 'piece' ? named('role') : undefined;
  const tool = role === 'tool' || kind === 'answer' ? named(kind === 'answer' ? 'tool' : 'name') : undefined;
  return {
    session, exchange, kind, startMs, role, tool, text: nameOf(candidate), key: field.key,
    ...(kind === 'span' && { spanId: spanIdIn(ref) }), ...snippetOf(field.text, query),
  };
}

/** Which texts hold a query, as they are stored now, and what is told of them: whose they are, and the words around it. */
import { read, type Database, type ReadTransaction } from '../database.ts';
import type { Field } from './fields.ts';
import type { Candidate } from './index-memory.ts';
import type { KeptTexts } from './kept-texts.ts';
import { normalOf, searchableOf } from './normal-form.ts';
import { OWNER_STORES, type Owners } from './owners.ts';
import { spanIdIn, type TextKind } from './signatures.ts';
import { snippetOf, type Snippet } from './snippet.ts';
import { fieldsStored, TEXT_STORES } from './stored-texts.ts';

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

const STORES = [...new Set([...TEXT_STORES, ...OWNER_STORES])];

/** Those of some texts that hold the query, as far as is known, and the fields of those that were read for it. */
interface Looked { candidates: readonly Candidate[]; read: ReadonlyMap<Candidate, Field[]> }

export interface Teller {
  /** Reads those of which nothing is kept. */ look(candidates: readonly Candidate[]): Promise<Looked>;
  /** Hits in order, each text once. What is kept may be out of date, so it is read as it is stored now. */ tell(looked: Looked): Promise<SearchHit[]>;
}

/** @param perTrace one hit of each trace is told: the first */
export function createTeller(database: Database, query: string, perTrace: boolean, kept: KeptTexts, owners: Owners, signal?: AbortSignal): Teller {
  const told = new Set<string>();
  const tracesTold = new Set<string>();

  /** Fields of those that hold it. */
  async function holding(tx: ReadTransaction, candidates: readonly Candidate[]): Promise<Map<Candidate, Field[]>> {
    const stored = candidates.length > 0 ? await fieldsStored(tx, candidates) : [];
    return new Map(candidates.flatMap((candidate, i) => {
      const fields = stored[i] ?? [];
      const searchable = searchableOf(fields);
      kept.keep(candidate, searchable);
      return searchable.includes(query) ? [[candidate, fields] as const] : [];
    }));
  }

  async function tell(tx: ReadTransaction, { candidates, read }: Looked): Promise<SearchHit[]> {
    const fieldsOf = new Map(read);
    // Where each is told, no text waits for its owner.
    const wanted = perTrace ? [] : candidates.filter((candidate) => !fieldsOf.has(candidate));
    const [ofWhom, early] = await Promise.all([owners.of(tx, candidates), holding(tx, wanted)]);
    for (const [candidate, fields] of early) fieldsOf.set(candidate, fields);
    const ownerOf = new Map(candidates.map((candidate, i) => [candidate, ofWhom[i]]));
    const traceOf = (candidate: Candidate): string | undefined => {
      const traceId = perTrace ? ownerOf.get(candidate)?.traceId : undefined;
      return traceId === undefined ? undefined : `${candidate.session} ${traceId}`;
    };
    const isOpen = (candidate: Candidate): boolean => ownerOf.get(candidate) !== undefined && !told.has(nameOf(candidate)) && !tracesTold.has(traceOf(candidate) ?? '');
    const hits: SearchHit[] = [];
    for (let open = candidates.filter(isOpen); open.length > 0; open = open.filter(isOpen)) {
      // The first of each trace, or all.
      const asked = firstsBy(open, (candidate) => traceOf(candidate) ?? nameOf(candidate));
      for (const [candidate, fields] of await holding(tx, perTrace ? asked.filter((candidate) => !fieldsOf.has(candidate)) : [])) fieldsOf.set(candidate, fields);
      for (const candidate of asked) {
        const fields = fieldsOf.get(candidate);
        const trace = traceOf(candidate);
        told.add(nameOf(candidate));
        if (!fields) continue;
        hits.push({ ...hitOf(candidate, fields, query), ...ownerOf.get(candidate) });
        if (trace !== undefined) tracesTold.add(trace);
      }
    }
    return hits.toSorted((a, b) => b.startMs - a.startMs);
  }

  return {
    async look(candidates) {
      const unknown = new Set(candidates.filter(({ known: { texts }, place }) => !texts.has(place)));
      const found = unknown.size > 0 ? await read(database, TEXT_STORES, (tx) => holding(tx, [...unknown]), signal) : new Map<Candidate, Field[]>();
      return { candidates: candidates.filter((candidate) => !unknown.has(candidate) || found.has(candidate)), read: found };
    },
    tell: async (looked) => looked.candidates.length > 0 ? await read(database, STORES, (tx) => tell(tx, looked), signal) : [],
  };
}

function firstsBy(candidates: readonly Candidate[], nameOf: (candidate: Candidate) => string): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((candidate) => {
    const name = nameOf(candidate);
    return !seen.has(name) && seen.add(name);
  });
}

const nameOf = ({ session, kind, exchange, ref }: Candidate): string => `${session} ${kind} ${ref.length > 0 ? ref.toHex() : exchange}`;

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

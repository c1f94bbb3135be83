/** What is told of texts that hold a query: whose they are, and the words around it. */
import { isForgotten } from '../../model/session.ts';
import { read, type Database, type ReadTransaction } from '../database.ts';
import type { Field } from './fields.ts';
import type { Candidate } from './index-memory.ts';
import { normalOf, searchableOf } from './normal-form.ts';
import { spanIdIn, type TextKind } from './signatures.ts';
import { snippetOf, type Snippet } from './snippet.ts';
import { fieldsStored, TEXT_STORES } from './texts.ts';

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

/** Undefined where the call is deleted, or being so. */
type Owner = Pick<SearchHit, 'traceId' | 'title'> | undefined;

const OWNERS = ['sessions', 'exchanges', 'spans', 'traces'] as const;

/** @param perTrace one hit of each trace is told: the first
 *  @returns tells those that hold it as they are stored now, in order, each text once; what it is given may be out of date */
export function createTeller(database: Database, query: string, perTrace: boolean): (candidates: readonly Candidate[], signal?: AbortSignal) => Promise<SearchHit[]> {
  const told = new Set<string>();
  const tracesTold = new Set<string>();
  const owners = new Map<string, Owner>();

  const isTold = (candidate: Candidate): boolean => told.has(nameOf(candidate)) || tracesTold.has(traceOf(candidate) ?? '');

  function traceOf(candidate: Candidate): string | undefined {
    const traceId = perTrace ? owners.get(ownerName(candidate))?.traceId : undefined;
    return traceId === undefined ? undefined : `${candidate.session} ${traceId}`;
  }

  /** The first of each trace, or all. */
  function firsts(candidates: readonly Candidate[]): Candidate[] {
    const seen = new Set<string>();
    return candidates.filter((candidate) => {
      const name = traceOf(candidate) ?? nameOf(candidate);
      return !seen.has(name) && seen.add(name);
    });
  }

  return async (candidates, signal) => {
    const unknown = new Map(candidates.map((candidate) => [ownerName(candidate), candidate])).values().filter((candidate) => !owners.has(ownerName(candidate))).toArray();
    if (unknown.length > 0) await read(database, OWNERS, (tx) => Promise.all(unknown.map(async (candidate) => void owners.set(ownerName(candidate), await ownerOf(tx, candidate)))), signal);
    const hits: SearchHit[] = [];
    for (let open = candidates.filter((candidate) => owners.get(ownerName(candidate)) && !isTold(candidate)); open.length > 0; open = open.filter((candidate) => !isTold(candidate))) {
      const asked = firsts(open);
      const stored = await read(database, TEXT_STORES, (tx) => Promise.all(asked.map((candidate) => fieldsStored(tx, candidate.session, candidate))), signal);
      for (const [i, candidate] of asked.entries()) {
        const fields = stored[i];
        const trace = traceOf(candidate);
        if (fields && searchableOf(fields).includes(query)) {
          hits.push({ ...hitOf(candidate, fields, query), ...owners.get(ownerName(candidate)) });
          if (trace !== undefined) tracesTold.add(trace);
        }
        told.add(nameOf(candidate));
      }
    }
    return hits.toSorted((a, b) => b.startMs - a.startMs);
  };
}

const nameOf = ({ session, kind, exchange, ref }: Candidate): string => `${session} ${kind} ${ref.length > 0 ? ref.toHex() : exchange}`;
const ownerName = (candidate: Candidate): string => candidate.kind === 'span' ? nameOf(candidate) : `${candidate.session} ${candidate.exchange}`;

async function ownerOf(tx: ReadTransaction, { session, kind, exchange, ref }: Candidate): Promise<Owner> {
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

/** What the search found, trace by trace, as lines above the list. Pure. */
import type { SearchHit } from '../store/search/search.ts';
import { spanIdOf } from '../trace/ids.ts';
import { type Filter, freeTextOf } from './filter.ts';
import { plural } from './format.ts';
import type { ListRow } from './list-rows.ts';

/** A trace and the newest text of it that holds what was looked for. */
export interface FoundTrace {
  session: string; traceId: string; title: string;
  /** the call that brought the text, or the imported span */ spanId: string;
  /** "tool result", "answer" */ where: string;
  before: string; match: string; after: string;
}

export interface Found {
  text: string;
  traces: readonly FoundTrace[];
  /** `some`: there are more than are told */ state: 'looking' | 'some' | 'all';
  /** all that is stored is indexed */ complete: boolean;
}

/** Traces that are told: who finds so many looks for more words. */
export const MOST_FOUND = 50;

type FoundRow = { kind: 'found'; key: string; found: FoundTrace } | Extract<ListRow, { kind: 'hint' }>;

/** A line of the list, with what was found above the rest. */
export type PaneRow = FoundRow | ListRow;

/** What is looked for in texts; empty: nothing. A chip or a field asks for spans, of which texts know nothing. */
export function soughtText(filter: Filter): string {
  const text = filter.chip === 'all' ? freeTextOf(filter.text) : '';
  return text.length === 1 && /[ -~]/.test(text) ? '' : text;
}

/** What was found in a trace for the words that stand in the filter box now. */
export const foundIn = ({ found, filter }: { found: Found | undefined; filter: Filter }, { session, traceId }: Pick<FoundTrace, 'session' | 'traceId'>): FoundTrace | undefined =>
  found?.text === soughtText(filter) ? found.traces.find((trace) => trace.session === session && trace.traceId === traceId) : undefined;

/** The newest hit of each trace. */
export function addHits(traces: readonly FoundTrace[], hits: readonly SearchHit[]): FoundTrace[] {
  const all = [...traces];
  const known = new Set(traces.map(keyOf));
  for (const hit of hits) {
    if (hit.traceId === undefined || all.length === MOST_FOUND || known.has(keyOf({ session: hit.session, traceId: hit.traceId }))) continue;
    const trace = toFound(hit, hit.traceId);
    known.add(keyOf(trace));
    all.push(trace);
  }
  return all;
}

const keyOf = ({ session, traceId }: Pick<FoundTrace, 'session' | 'traceId'>): string => `found/${session}/${traceId}`;

function toFound(hit: SearchHit, traceId: string): FoundTrace {
  const { session, exchange, title = '', before, match, after } = hit;
  const documentId = exchange.slice(0, exchange.lastIndexOf('/'));
  return { session, traceId, title, spanId: hit.spanId ?? spanIdOf(documentId, exchange, 'llm', 0), where: whereOf(hit), before, match, after };
}

/** In words of the panel. */
function whereOf({ kind, key, role, tool }: SearchHit): string {
  if (kind === 'call') return key;
  if (kind === 'span') return 'span';
  if (kind === 'answer') return key === 'arguments' || key === 'tool' ? `tool call${tool === undefined || key === 'tool' ? '' : ` ${tool}`}` : key === 'content' ? 'answer' : key;
  if (kind === 'response') return 'answer';
  if (role === 'tool') return tool === undefined ? 'tool result' : `tool result of ${tool}`;
  if (role === 'assistant') return 'assistant';
  return role ?? (key === 'description' || key === 'name' ? 'tools' : 'request');
}

export function toFoundRows(found: Found | undefined, filter: Filter): FoundRow[] {
  if (!found || found.text !== soughtText(filter)) return [];
  const { traces, state, complete } = found;
  const count = plural(traces.length, 'trace');
  const told = traces.length === 0 ? (state === 'looking' ? 'Looking through all texts…' : 'In no text') : `In the text of ${state === 'some' ? `the latest ${count}` : count}${state === 'looking' ? '…' : ''}`;
  return [
    { kind: 'hint', key: 'found', text: complete ? told : `${told} · earlier ones are still being indexed` },
    ...traces.map((trace): FoundRow => ({ kind: 'found', key: keyOf(trace), found: trace })),
  ];
}

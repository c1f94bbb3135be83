/** The filter box and the chips. Words are joined by AND; `kind:`, `status:` and `model:` look at one field, everything
 *  else is free text over label, title, name and model. `"two words"` stay together. */
import type { SpanRow } from '../model/span.ts';
import type { TraceRow } from '../model/trace.ts';

export const chips = ['all', 'llm', 'tool', 'agent', 'retriever', 'error'] as const;
export type Chip = (typeof chips)[number];

export interface Filter { text: string; chip: Chip }
export const noFilter: Filter = { text: '', chip: 'all' };

/** What a filter looks at: a span, or a facet of a trace. */
type Filterable = Pick<SpanRow, 'kind' | 'status' | 'endMs' | 'name' | 'model' | 'title'> & { label?: string };
export type Match = (span: Filterable) => boolean;

const CHIP: Record<Chip, Match> = {
  all: () => true,
  llm: (span) => span.kind === 'LLM',
  tool: (span) => span.kind === 'TOOL',
  agent: (span) => span.kind === 'AGENT' || span.kind === 'CHAIN',
  retriever: (span) => span.kind === 'RETRIEVER' || span.kind === 'EMBEDDING' || span.kind === 'RERANKER',
  error: (span) => span.status === 'error',
};

const FIELD: ReadonlyMap<string, (value: string) => Match> = new Map([
  ['kind', (value) => (span) => span.kind.toLowerCase() === value],
  ['status', (value) => (span) => statusOf(span) === value],
  ['model', (value) => (span) => span.model?.toLowerCase().includes(value) ?? false],
]);

export const isEmpty = (filter: Filter): boolean => filter.chip === 'all' && filter.text.trim() === '';

/** The predicate a filter means; undefined where it lets everything pass. */
export function matcher(filter: Filter): Match | undefined {
  if (isEmpty(filter)) return undefined;
  const terms = [CHIP[filter.chip], ...wordsOf(filter.text).map(termOf)];
  return (span) => terms.every((term) => term(span));
}

/** Which traces of a list pass: those of which one facet does, as far as their rows tell. What is in their texts is found.ts's. */
export function traceMatcher(filter: Filter): ((row: TraceRow) => boolean) | undefined {
  const matches = matcher(filter);
  return matches && (({ facets }) => facets.some(matches));
}

/** What is said beside the fields, as one text: `status:error harbour view` is `harbour view`. */
export const freeTextOf = (text: string): string =>
  (text.match(/[^\s"]*"[^"]*"?|\S+/g) ?? []).filter((word) => !FIELD.has(word.slice(0, Math.max(0, word.indexOf(':'))).toLowerCase())).join(' ').replaceAll('"', '').trim();

function wordsOf(text: string): string[] {
  return (text.match(/[^\s"]*"[^"]*"?|\S+/g) ?? []).map((word) => word.replaceAll('"', '').toLowerCase()).filter((word) => word !== '');
}

function termOf(word: string): Match {
  const colon = word.indexOf(':');
  const field = FIELD.get(word.slice(0, Math.max(0, colon)));
  const value = word.slice(colon + 1);
  // `kind:` alone is someone still typing: it hides nothing.
  if (field) return value === '' ? () => true : field(value);
  return (span) => [span.label, span.title, span.name, span.model].some((text) => text?.toLowerCase().includes(word));
}

function statusOf(span: Filterable): string {
  if (span.status === 'error') return 'error';
  return span.endMs === undefined ? 'running' : 'ok';
}

/** What the row of a trace says of its spans, and two such made one: an import writes its spans in parts, and it must not matter
 *  how they were cut. Pure. */
import { isWire, type SpanRow } from '../model/span.ts';
import type { Earliest, Facet, Totals, TraceSummary } from '../model/trace.ts';

/** Up to so many different facets keep their labels; of the others so many are kept at all. */
const LABELLED = 32;
const FACETS = 64;

type Counts = Pick<TraceSummary, 'spans' | 'errors' | 'tokens'>;

const failedAmong = (spans: readonly SpanRow[]): SpanRow[] => spans.filter((span) => span.status === 'error' && (isWire(span) || span.kind === 'TOOL'));

/** An agent's row may carry the sum of its children: only calls count. */
function countsOf(spans: readonly SpanRow[]): Counts {
  const told = spans.flatMap((span) => isWire(span) && span.usage ? [span.usage.total] : []);
  return { spans: spans.length, errors: failedAmong(spans).length, tokens: told.length > 0 ? told.reduce((sum, tokens) => sum + tokens, 0) : undefined };
}

/** @param spans at least one */
export function summarise(spans: readonly SpanRow[]): TraceSummary {
  const title = earliest(spans.map((span) => from(span, span.title || span.label || 'Call', span.parentSpanId !== undefined ? 2 : span.title ? 0 : 1)));
  const exchange = earliest(spans.map((span) => from(span, span.exchange)));
  if (!title || !exchange) throw new Error('A trace without spans');
  return {
    title, exchange, ...facetsOf(spans.map((span) => facetOf(span, true)), true),
    startMs: spans.reduce((least, { startMs }) => Math.min(least, startMs), Infinity),
    endMs: spans.reduce((most, { startMs, endMs }) => Math.max(most, endMs ?? startMs), -Infinity),
    running: spans.some(({ endMs }) => endMs === undefined),
    ...countsOf(spans),
    errorType: earliest(failedAmong(spans).flatMap((span) => {
      const type = span.httpStatus && span.httpStatus >= 400 ? String(span.httpStatus) : span.errorType;
      return type === undefined ? [] : from(span, type);
    })),
  };
}

/** The summary of both, as if it were made of all their spans. */
export function joined(a: TraceSummary, b: TraceSummary): TraceSummary {
  const labelled = a.labelled && b.labelled;
  return {
    title: earliest([a.title, b.title]) ?? a.title, exchange: earliest([a.exchange, b.exchange]) ?? a.exchange,
    startMs: Math.min(a.startMs, b.startMs), endMs: Math.max(a.endMs, b.endMs), running: a.running || b.running,
    spans: a.spans + b.spans, errors: a.errors + b.errors,
    errorType: earliest([a.errorType, b.errorType].filter((type) => type !== undefined)),
    tokens: a.tokens === undefined && b.tokens === undefined ? undefined : (a.tokens ?? 0) + (b.tokens ?? 0), ...facetsOf([...a.facets, ...b.facets], labelled),
  };
}

/** The totals of a session after one of its traces changed. */
export function totalsAfter(totals: Totals | undefined, was: Counts | undefined, now: Counts | undefined): Totals {
  const { traces, spans, errors, tokens } = totals ?? { traces: 0, spans: 0, errors: 0, tokens: 0 };
  return {
    traces: traces + Number(now !== undefined) - Number(was !== undefined),
    spans: spans + (now?.spans ?? 0) - (was?.spans ?? 0), errors: errors + (now?.errors ?? 0) - (was?.errors ?? 0),
    tokens: tokens + (now?.tokens ?? 0) - (was?.tokens ?? 0),
  };
}

const from = ({ startMs, spanId }: SpanRow, value: string, rank = 0): Earliest => ({ value, rank, startMs, spanId });

const isBefore = (a: Earliest, b: Earliest): boolean => a.rank !== b.rank ? a.rank < b.rank : a.startMs !== b.startMs ? a.startMs < b.startMs : a.spanId < b.spanId;

function earliest(all: readonly Earliest[]): Earliest | undefined {
  return all.reduce<Earliest | undefined>((first, next) => first && !isBefore(next, first) ? first : next, undefined);
}

function facetOf({ kind, status, name, model, title, endMs, label }: Omit<Facet, 'endMs'> & { endMs?: number }, labelled: boolean): Facet {
  return { kind, status, name, ...(model !== undefined && { model }), ...(title !== undefined && { title }), ...(endMs !== undefined && { endMs: 0 }), ...(labelled && label !== undefined && { label }) };
}

function facetsOf(all: readonly Facet[], labelled: boolean): Pick<TraceSummary, 'facets' | 'labelled'> {
  const distinct = new Map(all.map((facet) => [JSON.stringify(facet), facet]));
  if (labelled && distinct.size > LABELLED) return facetsOf([...distinct.values()].map((facet) => facetOf(facet, false)), false);
  if (!labelled && all.some(({ label }) => label !== undefined)) return facetsOf(all.map((facet) => facetOf(facet, false)), false);
  const sorted = [...distinct].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, facet]) => facet);
  // What has a title, or a kind, status or state of its own stays however many there are: these are what people ask for.
  const firsts = new Set(new Map(sorted.toReversed().map((facet) => [`${facet.kind} ${facet.status} ${facet.endMs}`, facet])).values());
  const titled = new Set(sorted.filter(({ title }) => title !== undefined).slice(0, FACETS));
  return { facets: sorted.filter((facet, place) => place < FACETS || firsts.has(facet) || titled.has(facet)), labelled };
}

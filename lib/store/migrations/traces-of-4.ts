/** Rows of traces as version 4 had them, made of span rows. As it was then: what makes them today may change, this may not. */

export interface Span4 {
  spanId: string; traceId: string; parentSpanId?: string; kind: string; name: string; label: string; title?: string; startMs: number; endMs?: number; status: string;
  errorType?: string; httpStatus?: number; exchange: string; model?: string; usage?: { total: number };
}

interface Earliest { value: string; rank: number; startMs: number; spanId: string }
interface Facet { kind: string; status: string; name: string; model?: string; title?: string; endMs?: number; label?: string }

/** Up to so many different facets keep their labels; of the others so many are kept at all. */
const LABELLED = 32;
const FACETS = 64;

const isWire = ({ kind }: Span4): boolean => kind !== 'TOOL' && kind !== 'AGENT' && kind !== 'CHAIN';

/** Without an outline: large ones are read by their spans until they change. */
export function traceOf4(source: string, traceId: string, spans: readonly Span4[], rev: number) {
  const startMs = spans.reduce((least, span) => Math.min(least, span.startMs), Infinity);
  const failed = spans.filter((span) => span.status === 'error' && (isWire(span) || span.kind === 'TOOL'));
  const told = spans.flatMap((span) => isWire(span) && span.usage ? [span.usage.total] : []);
  return {
    title: earliest(spans.map((span) => from(span, span.title || span.label || 'Call', span.parentSpanId !== undefined ? 2 : span.title ? 0 : 1))),
    exchange: earliest(spans.map((span) => from(span, span.exchange))),
    ...facetsOf(spans.map((span) => facetOf(span, true)), true),
    startMs, endMs: spans.reduce((most, span) => Math.max(most, span.endMs ?? span.startMs), -Infinity),
    running: spans.some(({ endMs }) => endMs === undefined),
    spans: spans.length, errors: failed.length, tokens: told.length > 0 ? told.reduce((sum, tokens) => sum + tokens, 0) : undefined,
    errorType: earliest(failed.flatMap((span) => {
      const type = span.httpStatus && span.httpStatus >= 400 ? String(span.httpStatus) : span.errorType;
      return type === undefined ? [] : from(span, type);
    })),
    source, traceId, newest: -startMs, blocks: [], rev,
  };
}

const from = ({ startMs, spanId }: Span4, value: string, rank = 0): Earliest => ({ value, rank, startMs, spanId });

const isBefore = (a: Earliest, b: Earliest): boolean => a.rank !== b.rank ? a.rank < b.rank : a.startMs !== b.startMs ? a.startMs < b.startMs : a.spanId < b.spanId;

const earliest = (all: readonly Earliest[]): Earliest | undefined => all.reduce<Earliest | undefined>((first, next) => first && !isBefore(next, first) ? first : next, undefined);

function facetOf({ kind, status, name, model, title, endMs, label }: Facet, labelled: boolean): Facet {
  return { kind, status, name, ...(model !== undefined && { model }), ...(title !== undefined && { title }), ...(endMs !== undefined && { endMs: 0 }), ...(labelled && label !== undefined && { label }) };
}

function facetsOf(all: readonly Facet[], labelled: boolean): { facets: Facet[]; labelled: boolean } {
  const distinct = new Map(all.map((facet) => [JSON.stringify(facet), facet]));
  if (labelled && distinct.size > LABELLED) return facetsOf([...distinct.values()].map((facet) => facetOf(facet, false)), false);
  const sorted = [...distinct].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, facet]) => facet);
  const firsts = new Set(new Map(sorted.toReversed().map((facet) => [`${facet.kind} ${facet.status} ${facet.endMs}`, facet])).values());
  const titled = new Set(sorted.filter(({ title }) => title !== undefined).slice(0, FACETS));
  return { facets: sorted.filter((facet, place) => place < FACETS || firsts.has(facet) || titled.has(facet)), labelled };
}

/** What such a row takes on the disk, with its key and two indexes. */
export const diskOfTrace4 = (row: object): number => 300 + sizeOf(row);

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 9;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item);
  else for (const name in value) size += name.length + 2 + sizeOf((value as Record<string, unknown>)[name]);
  return size;
}

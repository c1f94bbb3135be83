/** A reader of rows in memory, which answers as a store that was given them. Their ids are 16 hex digits. */
import type { SpanRow } from '../../lib/model/span.ts';
import type { TraceRow } from '../../lib/model/trace.ts';
import { packSpans } from '../../lib/store/outline-blocks.ts';
import type { StoreReader } from '../../lib/store/reader.ts';
import { traceOf } from './trace-of-spans.ts';

const revOf = (rows: readonly SpanRow[]): number => Math.max(...rows.map(({ rev }) => rev));

export function tracesOf(rows: readonly SpanRow[]): TraceRow[] {
  const traces = Map.groupBy(rows, ({ source, traceId }) => `${source} ${traceId}`);
  return [...traces.values()].flatMap((own) => own[0] ? traceOf(own[0].source, own[0].traceId, own, revOf(own)).row : []);
}

const byNewest = (a: TraceRow, b: TraceRow): number => a.newest - b.newest || (a.traceId === b.traceId ? 0 : a.traceId < b.traceId ? -1 : 1);

export function rowsReader(rows: () => readonly SpanRow[]): Pick<StoreReader, 'traces' | 'outline' | 'spans' | 'span' | 'startedIn'> {
  return {
    async traces(source, { limit, before, sinceRev }) {
      const own = tracesOf(rows().filter((row) => row.source === source));
      if (sinceRev !== undefined) return own.filter(({ rev }) => rev > sinceRev).toSorted((a, b) => a.rev - b.rev).slice(0, limit);
      return own.toSorted(byNewest).filter((row) => !before || byNewest(row, { ...row, ...before }) > 0).slice(0, limit);
    },
    async outline(source, traceId, { sinceRev = 0 } = {}) {
      const own = rows().filter((row) => row.source === source && row.traceId === traceId);
      if (own.length === 0) return undefined;
      const rev = revOf(own);
      return { rev, count: 1, blocks: rev > sinceRev ? [{ source, traceId, block: 0, rev, spans: packSpans(own) }] : [] };
    },
    spans: async (source, traceId) => rows().filter((row) => row.source === source && (traceId === undefined || row.traceId === traceId)).toSorted((a, b) => a.startMs - b.startMs),
    span: async (source, spanId) => rows().find((row) => row.source === source && row.spanId === spanId),
    startedIn: async (source, fromMs, toMs) => rows().flatMap(({ source: own, spanId, startMs }) => own === source && startMs >= fromMs && startMs <= toMs ? spanId : []),
  };
}

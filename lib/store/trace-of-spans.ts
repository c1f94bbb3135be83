/** How the row of a trace and its spans are stored. Pure. */
import type { OutlineSpan } from '../model/span.ts';
import type { TraceRow, TraceSummary } from '../model/trace.ts';

/** Spans as their blocks have them: as the tree shows siblings. */
export function inPlace<Span extends OutlineSpan>(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => a.startMs - b.startMs || (a.toolIndex ?? 0) - (b.toolIndex ?? 0) || (a.spanId < b.spanId ? -1 : 1));
}

export function rowOf(source: string, traceId: string, summary: TraceSummary, blocks: number[], rev: number): TraceRow {
  return { ...summary, source, traceId, newest: -summary.startMs, blocks, rev };
}

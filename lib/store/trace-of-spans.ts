/** The row of a trace and the blocks of its outline, made of all its spans. Pure. */
import type { OutlineSpan, SpanRow } from '../model/span.ts';
import type { TraceRow, TraceSummary } from '../model/trace.ts';
import { diskOf } from './disk.ts';
import { inBlocks, packSpans, type OutlineBlock } from './outline-blocks.ts';
import { summarise } from './trace-summary.ts';

/** Spans as their blocks have them: as the tree shows siblings. */
export function inPlace<Span extends OutlineSpan>(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => a.startMs - b.startMs || (a.toolIndex ?? 0) - (b.toolIndex ?? 0) || (a.spanId < b.spanId ? -1 : 1));
}

export function rowOf(source: string, traceId: string, summary: TraceSummary, blocks: number[], rev: number): TraceRow {
  return { ...summary, source, traceId, newest: -summary.startMs, blocks, rev };
}

/** @param spans at least one */
export function traceOf(source: string, traceId: string, spans: readonly SpanRow[], rev: number): { row: TraceRow; blocks: OutlineBlock[] } {
  const blocks = inBlocks(inPlace(spans)).map((rows, block): OutlineBlock => ({ source, traceId, block, rev, spans: packSpans(rows) }));
  return { row: rowOf(source, traceId, summarise(spans), blocks.map((block) => diskOf('outlines', block)), rev), blocks };
}

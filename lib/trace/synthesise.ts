/** The spans of one run: its calls, and those nobody sent but evidence shows (tools, the agent around a loop). */
import type { Exchange } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import { spanIdOf, traceIdOf } from './ids.ts';
import { byStart, unlinked } from './link.ts';

/** @param run all exchanges of one run, in any order and however far they have come */
export function spansOf(run: readonly Exchange[]): SpanRow[] {
  return run.toSorted(byStart).map((exchange) => ({
    source: exchange.session, spanId: spanIdOf(exchange.documentId, exchange.id, 'llm', 0), traceId: exchange.traceId ?? traceIdOf(exchange.id),
    kind: 'LLM', name: 'chat', label: exchange.facts?.modelAsked ?? 'chat', startMs: exchange.startMs,
    endMs: exchange.end && exchange.startMs + exchange.end.atMs,
    status: 'unset', exchange: exchange.id, link: exchange.link ?? unlinked, rev: 0,
  }));
}

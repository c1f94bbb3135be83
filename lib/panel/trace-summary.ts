/** What the list says of a trace, derived from its rows. */
import { isWire, type SpanRow } from '../model/span.ts';
import type { Trace } from './recording.ts';

export interface TraceSummary {
  session: string;
  traceId: string;
  title: string;
  startMs: number;
  /** absent while anything of it runs */ endMs?: number;
  spans: number;
  errors: number;
  /** input + output of all LLM calls; undefined where none told */ tokens?: number;
  /** of the only or first failure: "429", "overloaded_error" */ errorType?: string;
}

/** Remembered by the trace object, which is replaced when a row of it changes. */
const remembered = new WeakMap<Trace, TraceSummary>();

export function summaryOf(trace: Trace): TraceSummary {
  const known = remembered.get(trace);
  if (known) return known;
  const summary = summarise(trace);
  remembered.set(trace, summary);
  return summary;
}

function summarise({ session, traceId, spans }: Trace): TraceSummary {
  const root = rootOf(spans);
  const failed = spans.filter((span) => span.status === 'error' && (isWire(span) || span.kind === 'TOOL'));
  const running = spans.some((span) => span.endMs === undefined);
  return {
    session, traceId,
    title: root?.title || root?.label || 'Call',
    startMs: spans.reduce((least, span) => Math.min(least, span.startMs), Infinity),
    endMs: running ? undefined : spans.reduce((most, span) => Math.max(most, span.endMs ?? span.startMs), 0),
    spans: spans.length,
    errors: failed.length,
    tokens: tokensOf(spans),
    errorType: failed.map((span) => span.httpStatus && span.httpStatus >= 400 ? String(span.httpStatus) : span.errorType).find((type) => type !== undefined),
  };
}

/** The earliest span without a parent; one with a title wins. */
function rootOf(spans: readonly SpanRow[]): SpanRow | undefined {
  const roots = spans.filter((span) => span.parentSpanId === undefined).toSorted((a, b) => a.startMs - b.startMs);
  return roots.find((span) => span.title) ?? roots[0] ?? spans[0];
}

/** Only calls count: an agent's row may carry the sum of its children. */
function tokensOf(spans: Iterable<SpanRow>): number | undefined {
  let sum: number | undefined;
  for (const span of spans) if (isWire(span) && span.usage) sum = (sum ?? 0) + span.usage.total;
  return sum;
}

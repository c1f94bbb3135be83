/** What the list says of a trace, from its row. */
import type { TraceRow } from '../model/trace.ts';

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

/** Remembered by the row, which is replaced when something of the trace changes. */
const remembered = new WeakMap<TraceRow, TraceSummary>();

export function summaryOf(row: TraceRow): TraceSummary {
  const known = remembered.get(row);
  if (known) return known;
  const { source, traceId, title, startMs, endMs, running, spans, errors, tokens, errorType } = row;
  const summary: TraceSummary = { session: source, traceId, title: title.value, startMs, endMs: running ? undefined : endMs, spans, errors, tokens, errorType: errorType?.value };
  remembered.set(row, summary);
  return summary;
}

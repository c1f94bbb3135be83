/** What the panel knows of one session: its span rows by trace. Values are never changed in place, and a trace that got
 *  no new row stays the very same object, so that everything derived from it can be remembered by it. */
import type { SpanRow } from '../model/span.ts';

export interface Trace { session: string; traceId: string; spans: readonly SpanRow[] }

export interface Recording {
  session: string;
  spans: ReadonlyMap<string, SpanRow>;
  traces: ReadonlyMap<string, Trace>;
  /** highest rev among the rows read so far */ rev: number;
  /** rows were removed up to this rev when we last started anew */ removedRev: number;
}

export const emptyRecording = (session: string, removedRev = 0): Recording => ({ session, spans: new Map(), traces: new Map(), rev: 0, removedRev });

/** Puts new or changed rows in. A span may have moved to another trace (trees join); a trace left empty is gone. */
export function mergeRows(recording: Recording, rows: readonly SpanRow[]): Recording {
  if (rows.length === 0) return recording;
  const spans = new Map(recording.spans);
  const touched = new Map<string, Map<string, SpanRow>>();
  const contentOf = (traceId: string): Map<string, SpanRow> => {
    const content = touched.get(traceId) ?? new Map((recording.traces.get(traceId)?.spans ?? []).map((span) => [span.spanId, span]));
    touched.set(traceId, content);
    return content;
  };
  let rev = recording.rev;
  for (const row of rows) {
    const before = spans.get(row.spanId);
    if (before && before.rev > row.rev) continue;
    if (before && before.traceId !== row.traceId) contentOf(before.traceId).delete(row.spanId);
    contentOf(row.traceId).set(row.spanId, row);
    spans.set(row.spanId, row);
    rev = Math.max(rev, row.rev);
  }
  const traces = new Map(recording.traces);
  for (const [traceId, content] of touched) {
    if (content.size === 0) traces.delete(traceId);
    else traces.set(traceId, { session: recording.session, traceId, spans: [...content.values()] });
  }
  return { ...recording, spans, traces, rev };
}

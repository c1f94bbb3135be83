/** What is shown when the user has chosen nothing, or something that is gone. Pure. */
import type { SpanRow } from '../model/span.ts';
import type { PanelData } from './panel-store.ts';
import type { Trace } from './recording.ts';
import { summaryOf } from './trace-summary.ts';

/** The chosen trace; else the newest of this tab. */
export function shownTrace({ trace, recordings, status }: Pick<PanelData, 'trace' | 'recordings' | 'status'>): Trace | undefined {
  const chosen = trace && recordings.get(trace.session)?.traces.get(trace.traceId);
  return chosen ?? newestTrace(recordings.get(status?.session ?? '')?.traces.values() ?? []);
}

function newestTrace(traces: Iterable<Trace>): Trace | undefined {
  let newest: Trace | undefined;
  let newestMs = -Infinity;
  for (const trace of traces) {
    const { startMs } = summaryOf(trace);
    if (startMs > newestMs) [newest, newestMs] = [trace, startMs];
  }
  return newest;
}

/** The chosen span; else the last model call, since people come for the answer. */
export function shownSpan(trace: Trace | undefined, spanId: string | undefined): SpanRow | undefined {
  if (!trace) return undefined;
  const chosen = spanId === undefined ? undefined : trace.spans.find((span) => span.spanId === spanId);
  return chosen ?? latest(trace.spans.filter((span) => span.kind === 'LLM')) ?? trace.spans[0];
}

const latest = (spans: readonly SpanRow[]): SpanRow | undefined => spans.reduce<SpanRow | undefined>((last, span) => (last && last.startMs >= span.startMs ? last : span), undefined);

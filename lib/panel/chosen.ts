/** What is shown when the user has chosen nothing, or something that is gone. Pure. */
import type { OutlineSpan } from '../model/span.ts';
import type { TraceRow } from '../model/trace.ts';
import type { Trace } from './open-trace.ts';
import type { PanelData } from './panel-store.ts';

/** The row of the chosen trace; else of the newest of this tab. */
export function shownRow({ trace, recordings, status }: Pick<PanelData, 'trace' | 'recordings' | 'status'>): TraceRow | undefined {
  const chosen = trace && recordings.get(trace.session)?.traces.get(trace.traceId);
  return chosen ?? newestOf(recordings.get(status?.session ?? '')?.traces.values() ?? []);
}

function newestOf(rows: Iterable<TraceRow>): TraceRow | undefined {
  let newest: TraceRow | undefined;
  for (const row of rows) if (!newest || row.startMs > newest.startMs) newest = row;
  return newest;
}

/** The trace whose spans are on the page: that of `shownRow`, or the one before it until its outline is read. */
export function shownTrace({ opened, recordings }: Pick<PanelData, 'opened' | 'recordings'>): Trace | undefined {
  return opened && recordings.get(opened.session)?.traces.has(opened.traceId) ? opened : undefined;
}

/** The chosen span; else the last model call, since people come for the answer. */
export function shownSpan(trace: Trace | undefined, spanId: string | undefined): OutlineSpan | undefined {
  if (!trace) return undefined;
  const chosen = spanId === undefined ? undefined : trace.spans.find((span) => span.spanId === spanId);
  return chosen ?? latest(trace.spans.filter((span) => span.kind === 'LLM')) ?? trace.spans[0];
}

const latest = (spans: readonly OutlineSpan[]): OutlineSpan | undefined => spans.reduce<OutlineSpan | undefined>((last, span) => (last && last.startMs >= span.startMs ? last : span), undefined);

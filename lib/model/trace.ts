/** A trace as the list shows it: small, and enough to filter by, so that a list reads no spans. */
import type { SpanRow } from './span.ts';

/** What a trace has of the earliest span that has it; of several kinds of spans the one of the lowest `rank`. */
export interface Earliest { value: string; rank: number; startMs: number; spanId: string }

/** Spans that look alike to a filter, as one. `endMs`: 0 for those that ended. */
export type Facet = Pick<SpanRow, 'kind' | 'status' | 'name' | 'model' | 'title'> & { endMs?: 0; /** see `labelled` */ label?: string };

export interface TraceSummary {
  /** what the trace is about, or what its root is */ title: Earliest;
  /** the exchange it began with */ exchange: Earliest;
  /** epoch ms */ startMs: number;
  /** epoch ms: the last end so far */ endMs: number;
  /** something of it runs */ running: boolean;
  spans: number;
  /** failed calls and tools */ errors: number;
  /** of the first failure: "429", "overloaded_error" */ errorType?: Earliest;
  /** input + output of all calls; absent where none told */ tokens?: number;
  /** all kinds of spans there are, or many of them */ facets: Facet[];
  /** facets have their label; a trace of many different ones does without */ labelled: boolean;
}

/** Key of the store `traces`: [source, traceId]. */
export interface TraceRow extends TraceSummary {
  source: string;
  traceId: string;
  /** -startMs: in the order of its index the newest come first */ newest: number;
  /** what each block of its outline takes on the disk; none: its span rows are read instead */ blocks: number[];
  /** of the last change of anything in it */ rev: number;
}

/** Sums over the traces of a session. */
export interface Totals { traces: number; spans: number; errors: number; tokens: number }

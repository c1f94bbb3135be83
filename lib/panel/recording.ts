/** What the panel knows of one session: rows of its traces, the newest ones and as many older ones as were asked for. Values
 *  are never changed in place, and a row that did not change stays the very same object, so that what is derived from it can be
 *  remembered by it. */
import type { TraceRow } from '../model/trace.ts';

export interface Recording {
  session: string;
  traces: ReadonlyMap<string, TraceRow>;
  /** the last of those that were read in order; absent: all there are were read */ oldest?: Pick<TraceRow, 'newest' | 'traceId'>;
  /** what changed up to this rev is in it */ rev: number;
  /** traces were removed up to this rev when we last started anew */ removedRev: number;
}

export const emptyRecording = (session: string, { rev = 0, removedRev = 0 }: Partial<Pick<Recording, 'rev' | 'removedRev'>> = {}): Recording => ({ session, traces: new Map(), rev, removedRev });

/** Puts new or changed rows in. What is older than all that was read is left to the page that reads it.
 *  @param rev what changed until then is among the rows */
export function mergeRows(recording: Recording, rows: readonly TraceRow[], rev: number): Recording {
  const { oldest, traces } = recording;
  const fits = rows.filter((row) => traces.has(row.traceId) || !oldest || isBefore(row, oldest));
  const merged = put(recording, fits);
  const latest = Math.max(recording.rev, rev, ...rows.map((row) => row.rev));
  return latest === merged.rev ? merged : { ...merged, rev: latest };
}

/** Puts the next page of older rows in. @param more there are still older ones */
export function addOlder(recording: Recording, rows: readonly TraceRow[], more: boolean): Recording {
  const last = rows.at(-1);
  const { oldest: _, ...all } = recording;
  return put(more && last ? { ...all, oldest: last } : all, rows);
}

const isBefore = (row: TraceRow, other: Pick<TraceRow, 'newest' | 'traceId'>): boolean => row.newest < other.newest || (row.newest === other.newest && row.traceId < other.traceId);

function put(recording: Recording, rows: readonly TraceRow[]): Recording {
  const fresh = rows.filter((row) => row.rev !== recording.traces.get(row.traceId)?.rev);
  if (fresh.length === 0) return recording;
  const traces = new Map(recording.traces);
  for (const row of fresh) traces.set(row.traceId, row);
  return { ...recording, traces };
}

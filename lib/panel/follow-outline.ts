/** Keeps the open trace equal to the store: its outline is read when another trace is shown or its row has changed, one reading
 *  at a time. A reading of a trace that is no longer shown is ended. */
import type { TraceRow } from '../model/trace.ts';
import type { StoreReader } from '../store/reader.ts';
import { shownRow } from './chosen.ts';
import { mergeOutline, type Trace } from './open-trace.ts';
import type { PanelStore } from './panel-store.ts';
import type { Recording } from './recording.ts';

export interface Outlines {
  /** The open trace as it will be once `recording` is shown, so that list and tree change at once; undefined: it need not be
   *  read, or cannot be just now. */
  ahead(recording: Recording): Promise<Trace | undefined>;
}

/** @param tell what went wrong; undefined: it went well */
export function followOutline(reader: Pick<StoreReader, 'outline'>, store: PanelStore, tell: (failure: unknown) => void, signal: AbortSignal): Outlines {
  const { actions } = store.getState();
  let reading: { row: TraceRow; leave: AbortController } | undefined;

  /** The trace as it is stored; undefined: it was deleted, its row will be gone. The very same: nothing of it is new. */
  async function read(row: TraceRow, leave: AbortSignal): Promise<Trace | undefined> {
    const { opened } = store.getState();
    const { source: session, traceId } = row;
    const before = opened?.session === session && opened.traceId === traceId ? opened : undefined;
    if (before && before.rev >= row.rev) return before;
    const outline = await reader.outline(session, traceId, { sinceRev: before?.rev }, leave);
    return outline && mergeOutline(before, { session, traceId }, outline);
  }

  async function readShown(): Promise<void> {
    for (let row = shownRow(store.getState()); row && !signal.aborted; row = shownRow(store.getState())) {
      const leave = new AbortController();
      reading = { row, leave };
      try {
        const trace = await read(row, AbortSignal.any([signal, leave.signal]));
        if (!trace || trace === store.getState().opened) break;
        if (!leave.signal.aborted) actions.set({ opened: trace });
        tell(undefined);
      } catch (error) {
        if (signal.aborted) break;
        if (leave.signal.aborted) continue;
        tell(error);
        break; // the next change reads again
      } finally {
        reading = undefined;
      }
    }
  }

  signal.addEventListener('abort', store.subscribe((state, before) => {
    if (state.recordings === before.recordings && state.trace === before.trace && state.status === before.status) return;
    const row = shownRow(state);
    if (reading && (reading.row.source !== row?.source || reading.row.traceId !== row.traceId)) reading.leave.abort();
    if (!reading) void readShown();
  }), { once: true });

  return {
    async ahead(recording) {
      const state = store.getState();
      const row = shownRow({ ...state, recordings: new Map(state.recordings).set(recording.session, recording) });
      if (reading || row?.source !== recording.session) return undefined;
      const leave = new AbortController();
      reading = { row, leave };
      return read(row, AbortSignal.any([signal, leave.signal])).catch(() => undefined).finally(() => { reading = undefined; });
    },
  };
}

/** How components reach the panel: one context, selectors, and readings that follow the store. */
import { createContext, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ExchangeId } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import { type Live, followLive } from './live.ts';
import type { Panel } from './panel.ts';
import type { Actions, PanelData } from './panel-store.ts';
import type { Reading } from './reading.ts';

export const PanelContext = createContext<Panel | undefined>(undefined);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error('No PanelContext above this component');
  return panel;
}

export function usePanelData<T>(select: (data: PanelData) => T): T {
  return useStore(usePanel().store, select);
}

export function useActions(): Actions {
  return usePanel().store.getState().actions;
}

/** The clock while `running`, so that open bars grow; it stands still otherwise. Epoch ms. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** The whole row of a span, read again when `rev` (its own) changes; the last one stays until the next is there. */
export function useSpanRow(session: string, spanId: string, rev: number): SpanRow | undefined {
  const { reader, store } = usePanel();
  const [read, setRead] = useState<{ rev: number; row: SpanRow | undefined }>();
  useEffect(() => {
    let gone = false;
    reader.span(session, spanId).then((row) => { if (!gone) setRead({ rev, row }); }, (error: unknown) => { if (!gone) store.getState().actions.complain(`Reading the span: ${String(error)}`); });
    return () => { gone = true; };
  }, [reader, rev, session, spanId, store]);
  return read?.row?.spanId === spanId && read.row.source === session ? read.row : undefined;
}

/** An exchange and what it means; read again when `rev` (of the span's row) changes. The last reading stays until the
 *  next one is there, so nothing flickers. `id` undefined reads nothing. */
export function useReading(id: ExchangeId | undefined, rev: number): Reading | undefined {
  const { readings } = usePanel();
  const [read, setRead] = useState<{ rev: number; reading: Reading | undefined }>();
  const { actions } = usePanel().store.getState();
  useEffect(() => {
    let gone = false;
    if (id !== undefined) {
      readings.read(id).then((reading) => { if (!gone) setRead({ rev, reading }); }, (error: unknown) => { if (!gone) actions.complain(`Reading the call: ${String(error)}`); });
    }
    return () => { gone = true; };
  }, [actions, id, readings, rev]);
  return read?.reading?.exchange.id === id ? read?.reading : undefined;
}

/** The text of a running call, read again with every note of its session. It stays after the end until another
 *  exchange is asked for: the caller drops it once the complete reading is there. */
export function useLive(exchange: ExchangeId | undefined, session: string): Live | undefined {
  const { reader, store } = usePanel();
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    if (exchange === undefined) return undefined;
    const leave = new AbortController();
    const fail = (error: unknown): void => store.getState().actions.complain(`Reading the running answer: ${String(error)}`);
    const read = followLive(exchange, (from) => reader.live(exchange, from), setLive, fail, leave.signal);
    const stop = store.subscribe((state, before) => { if (state.noted.get(session) !== before.noted.get(session)) void read(); });
    void read();
    return () => { leave.abort(); stop(); };
  }, [exchange, reader, session, store]);
  return live?.exchange === exchange ? live : undefined;
}

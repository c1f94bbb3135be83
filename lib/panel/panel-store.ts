/** The panel's state: what was read (facts) and what the user chose (selection, filter, folds). Everything else is
 *  derived by the pure functions beside this file. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TabStatus } from '../model/command.ts';
import type { ExchangeId } from '../model/exchange.ts';
import type { PageDocument, TabSession } from '../model/session.ts';
import { defaultBudget, type StorageSettings } from '../model/settings.ts';
import { shownRow } from './chosen.ts';
import { type Filter, noFilter } from './filter.ts';
import type { Found } from './found.ts';
import { EARLIER } from './list-rows.ts';
import type { Trace } from './open-trace.ts';
import type { Recording } from './recording.ts';
import type { UnseenCall } from './unseen.ts';
import type { WhyFailed } from './failure-cause.ts';

interface Facts {
  /** first reading of the store is done */ ready: boolean;
  sessions: readonly TabSession[];
  recordings: ReadonlyMap<string, Recording>;
  /** the trace whose spans were read */ opened: Trace | undefined;
  /** the budget, and what was removed for it */ storage: StorageSettings;
  documents: ReadonlyMap<string, readonly PageDocument[]>;
  /** last rev told by a note, by session; live text is read again when it grows */ noted: ReadonlyMap<string, number>;
  status: TabStatus | undefined;
  url: string | null | undefined;
  siteAllowed: boolean | undefined;
  /** sites the user allowed, as match patterns */ allowedSites: readonly string[];
  /** model calls of this tab that DevTools saw and nobody recorded */ unseen: readonly UnseenCall[];
  /** of calls that failed before an answer came */ whyFailed: ReadonlyMap<ExchangeId, WhyFailed>;
  alive: boolean;
  /** what the filter's words were found in */ found: Found | undefined;
  /** why the store could not be read, in words */ failure: string | undefined;
}

interface TraceChoice { session: string; traceId: string }
export const detailTabs = ['messages', 'timing', 'raw', 'attributes', 'why'] as const;
export type DetailTab = (typeof detailTabs)[number];

interface Choices {
  /** undefined: the newest trace of this tab, as it comes */ trace: TraceChoice | undefined;
  /** undefined: the span the panel thinks of first */ spanId: string | undefined;
  filter: Filter;
  collapsed: ReadonlySet<string>;
  openSessions: ReadonlySet<string>;
  tab: DetailTab;
  /** narrow layout: the list stands before the tree */ listInFront: boolean;
  /** what the last command or export answered, when it was no */ complaint: string | undefined;
}

export interface Actions {
  set(facts: Partial<Facts>): void;
  putSession(session: TabSession): void;
  /** it is no longer stored */ dropSession(session: string): void;
  /** @param opened the open trace as this recording tells of it: it is taken where that is what is shown */
  putRecording(recording: Recording, documents?: readonly PageDocument[], opened?: Trace): void;
  note(session: string, rev: number): void;
  chooseTrace(trace: TraceChoice | undefined): void;
  /** choosing a span stays with its trace, too */ chooseSpan(trace: TraceChoice, spanId: string): void;
  /** the span that brought what was found, its words in view */ chooseFound(found: TraceChoice & { spanId: string }): void;
  setFilter(filter: Partial<Filter>): void;
  setCollapsed(spanIds: readonly string[], collapsed: boolean): void;
  toggleSession(session: string): void;
  /** unfolds an imported session and chooses the first trace of its list */ showImport(session: string): void;
  setTab(tab: DetailTab): void;
  showList(inFront: boolean): void;
  complain(complaint: string | undefined): void;
}

export type PanelData = Facts & Choices & { actions: Actions };
export type PanelStore = StoreApi<PanelData>;

export function createPanelStore(): PanelStore {
  return createStore<PanelData>()((set) => ({
    ready: false, sessions: [], recordings: new Map(), opened: undefined, storage: { budget: defaultBudget, removed: {} }, documents: new Map(), noted: new Map(),
    status: undefined, url: undefined, siteAllowed: undefined, allowedSites: [], unseen: [], whyFailed: new Map(), alive: true, found: undefined, failure: undefined,
    trace: undefined, spanId: undefined, filter: noFilter, collapsed: new Set(), openSessions: new Set(), tab: 'messages', listInFront: false, complaint: undefined,
    actions: {
      set,
      putSession: (session) => set(({ sessions }) => ({ sessions: sessions.some((known) => known.id === session.id) ? sessions.map((known) => (known.id === session.id ? session : known)) : [...sessions, session] })),
      dropSession: (id) => set(({ sessions }) => ({ sessions: sessions.filter((session) => session.id !== id) })),
      putRecording: (recording, documents, opened) => set((state) => {
        const recordings = state.recordings.get(recording.session) === recording ? state.recordings : new Map(state.recordings).set(recording.session, recording);
        const row = opened && shownRow({ ...state, recordings });
        return {
          recordings, documents: documents ? new Map(state.documents).set(recording.session, documents) : state.documents,
          opened: row?.source === opened?.session && row?.traceId === opened?.traceId ? opened ?? state.opened : state.opened,
        };
      }),
      note: (session, rev) => set(({ noted }) => ({ noted: new Map(noted).set(session, rev) })),
      chooseTrace: (trace) => set({ trace, spanId: undefined, listInFront: false }),
      chooseSpan: ({ session, traceId }, spanId) => set({ trace: { session, traceId }, spanId }),
      chooseFound: ({ session, traceId, spanId }) => set({ trace: { session, traceId }, spanId, tab: 'messages', listInFront: false }),
      setFilter: (filter) => set((state) => ({ filter: { ...state.filter, ...filter } })),
      setCollapsed: (spanIds, folded) => set(({ collapsed }) => {
        const next = new Set(collapsed);
        for (const id of spanIds) if (folded) next.add(id); else next.delete(id);
        return { collapsed: next };
      }),
      toggleSession: (session) => set(({ openSessions }) => {
        const next = new Set(openSessions);
        if (!next.delete(session)) next.add(session);
        return { openSessions: next };
      }),
      showImport: (session) => set(({ recordings, openSessions }) => {
        const first = recordings.get(session)?.traces.values().next().value;
        return { openSessions: new Set([...openSessions, EARLIER, session]), ...(first && { trace: { session, traceId: first.traceId }, spanId: undefined }) };
      }),
      setTab: (tab) => set({ tab }),
      showList: (listInFront) => set({ listInFront }),
      complain: (complaint) => set({ complaint }),
    },
  }));
}

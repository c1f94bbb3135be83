/**
 * Keeps the panel's facts equal to the store: the newest traces of a session, then what has `rev > last` on a note, on focus,
 * when the page becomes visible and on mount, and older traces as they are asked for. A note only says that there is something,
 * so a lost one costs one refresh; traces removed since (`removedRev`) make a session start anew. One reading a session at a
 * time; what is told meanwhile is read next.
 */
import type { ChangeNote, TabSession } from '../model/session.ts';
import type { TraceRow } from '../model/trace.ts';
import type { StoreReader } from '../store/reader.ts';
import type { Search } from '../store/search/search.ts';
import { isEmpty } from './filter.ts';
import { followOutline } from './follow-outline.ts';
import type { Host } from './host.ts';
import type { PanelStore } from './panel-store.ts';
import { type Recording, addOlder, emptyRecording, mergeRows } from './recording.ts';

export interface Sources {
  reader: StoreReader;
  /** absent: the filter looks at rows alone */ search?: Search;
  host: Host;
  /** change notes of the store */ onChange(listener: (note: ChangeNote) => void, signal: AbortSignal): void;
}

export interface Follower {
  /** reads everything that is shown again, and asks the background for the tab's status */ refresh(): Promise<void>;
  /** the user wants to see this session: from now on it is read too */ open(session: string): Promise<void>;
  /** the user has come to the end of the traces that were read */ older(session: string): Promise<void>;
}

/** A page that just loaded says hello to the background a moment later; until then it looks unwatched. */
const HELLO_MS = 400;

/** Traces of the first reading, and of each one after it. */
const NEWEST = 100;
const OLDER = 500;
/** Changed traces that are read at once: where there are more, a session starts anew. */
const CHANGED = 500;

export function follow({ reader, host, onChange }: Sources, store: PanelStore, signal: AbortSignal): Follower {
  const followed = new Set<string>();
  const { actions } = store.getState();

  const jobs = new Map<string, { again: boolean; done: Promise<void> }>();
  /** what went wrong, by job, until that job succeeds */
  const failures = new Map<string, string>();

  /** sessions of which older traces are wanted */
  const wanted = new Set<string>();

  const outlines = followOutline(reader, store, (failure) => tell('outline', failure), signal);

  const readSession = (id: string): Promise<void> => single(id, async () => {
    const session = await reader.session(id);
    const known = store.getState().recordings.get(id);
    if (!session) {
      // Deleted, or gone for room.
      if (known) actions.putRecording(emptyRecording(id), []);
      actions.dropSession(id);
      return;
    }
    const { recording, rows } = await readChanges(session, known);
    const documents = rows.length === 0 || tellOfNewDocument(id, rows) ? await reader.documents(id) : undefined;
    const opened = await outlines.ahead(recording);
    actions.putSession(session);
    actions.putRecording(recording, documents, opened);
    // Not after the last reading: while much is recorded one follows on the other.
    if (!store.getState().ready) actions.set({ ready: true });
    // A filter looks at all traces: page after page, until there are none or the filter is gone.
    for (let all = recording; all.oldest && (wanted.delete(id) || !isEmpty(store.getState().filter)) && !signal.aborted;) {
      all = await readOlder(all);
      actions.putRecording(all);
    }
    wanted.delete(id);
  });

  async function readChanges(session: TabSession, known: Recording | undefined): Promise<{ recording: Recording; rows: readonly TraceRow[] }> {
    const { id, rev, removedRev } = session;
    if (known && known.removedRev >= removedRev) {
      const rows = await reader.traces(id, { sinceRev: known.rev, limit: CHANGED }, signal);
      if (rows.length < CHANGED) return { recording: mergeRows(known, rows, rev), rows };
    }
    const rows = await reader.traces(id, { limit: NEWEST }, signal);
    let recording = addOlder(emptyRecording(id, { rev, removedRev }), rows, rows.length === NEWEST);
    // As far down as the list was read before.
    while (recording.oldest && recording.traces.size < (known?.traces.size ?? 0)) recording = await readOlder(recording);
    return { recording, rows };
  }

  async function readOlder(recording: Recording): Promise<Recording> {
    const rows = await reader.traces(recording.session, { before: recording.oldest, limit: OLDER }, signal);
    return addOlder(recording, rows, rows.length === OLDER);
  }

  /** A change without rows may be a new document (a reload); else documents are read only when a row tells of one not
   *  seen yet (the id of its first exchange begins with the document's). */
  function tellOfNewDocument(session: string, rows: readonly TraceRow[]): boolean {
    const known = store.getState().documents.get(session);
    if (!known) return true;
    const ids = new Set(known.map((document) => document.documentId));
    return rows.some(({ exchange: { value } }) => !ids.has(value.slice(0, value.lastIndexOf('/'))));
  }

  const readAll = (): Promise<void> => single('', async () => {
    const [sessions, storage] = await Promise.all([reader.sessions(), reader.settings()]);
    actions.set({ sessions, storage });
    await Promise.all([...followed].map((id) => readSession(id)));
    actions.set({ ready: true });
  });

  const askStatus = (): Promise<void> => single('status', async () => {
    const url = await host.pageUrl();
    const siteAllowed = typeof url === 'string' && URL.canParse(url) ? await host.siteAllowed(url) : undefined;
    const allowedSites = await host.allowedSites();
    const status = await host.status();
    if (status) followed.add(status.session);
    actions.set({ url, siteAllowed, allowedSites, alive: host.alive(), status: status ?? store.getState().status });
  });

  const refresh = async (): Promise<void> => {
    await askStatus();
    await readAll();
  };

  onChange(({ session, rev }) => {
    actions.note(session, rev);
    if (followed.has(session)) void readSession(session);
    else void readAll();
    const { status, url } = store.getState();
    if (!status || url === undefined || (status.session === session && !status.watching)) void askStatus();
  }, signal);

  host.onChange(() => {
    // The session stays the tab's; what is said of the page waits for the answer.
    actions.set({ url: undefined });
    setTimeout(() => { if (!signal.aborted) void refresh(); }, HELLO_MS);
  }, signal);

  const again = (): void => { if (document.visibilityState === 'visible') void refresh(); };
  if (typeof window !== 'undefined') {
    window.addEventListener('focus', again, { signal });
    document.addEventListener('visibilitychange', again, { signal });
  }
  signal.addEventListener('abort', store.subscribe((state, before) => {
    if (state.filter !== before.filter && !isEmpty(state.filter)) for (const id of followed) if (state.recordings.get(id)?.oldest) void readSession(id);
  }), { once: true });
  void refresh();
  return {
    refresh,
    open: (id) => { followed.add(id); return readSession(id); },
    older: (id) => { wanted.add(id); return readSession(id); },
  };

  /** @param error of that job; undefined: it succeeded */
  function tell(key: string, error: unknown): void {
    if (error === undefined) failures.delete(key);
    else failures.set(key, error instanceof Error ? error.message : String(error));
    if (error !== undefined) actions.set({ alive: host.alive() });
    const failure = [...failures.values()].at(-1);
    if (store.getState().failure !== failure) actions.set({ failure });
  }

  /** Runs `job` unless it runs already: then once more afterwards. A failure is told in the panel, not thrown. */
  function single(key: string, job: () => Promise<void>): Promise<void> {
    const running = jobs.get(key);
    if (running) {
      running.again = true;
      return running.done;
    }
    const entry = { again: false, done: Promise.resolve() };
    entry.done = (async () => {
      try {
        do {
          entry.again = false;
          await job();
        } while (entry.again && !signal.aborted);
        tell(key, undefined);
      } catch (error) {
        tell(key, error);
      } finally {
        jobs.delete(key);
      }
    })();
    jobs.set(key, entry);
    return entry.done;
  }
}

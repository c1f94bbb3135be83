/**
 * Keeps the panel's facts equal to the store: reads `rev > last` on a note, on focus, when the page becomes visible and
 * on mount. A note only says that there is something, so a lost one costs one refresh; rows removed since
 * (`removedRev`) make a session start anew. One reading a session at a time; what is told meanwhile is read next.
 */
import type { ChangeNote } from '../model/session.ts';
import type { SpanRow } from '../model/span.ts';
import type { StoreReader } from '../store/reader.ts';
import type { Host } from './host.ts';
import type { PanelStore } from './panel-store.ts';
import { type Recording, emptyRecording, mergeRows } from './recording.ts';

export interface Sources {
  reader: StoreReader;
  host: Host;
  /** change notes of the store */ onChange(listener: (note: ChangeNote) => void, signal: AbortSignal): void;
}

export interface Follower {
  /** reads everything that is shown again, and asks the background for the tab's status */ refresh(): Promise<void>;
  /** the user wants to see this session: from now on it is read too */ open(session: string): Promise<void>;
}

/** A page that just loaded says hello to the background a moment later; until then it looks unwatched. */
const HELLO_MS = 400;

export function follow({ reader, host, onChange }: Sources, store: PanelStore, signal: AbortSignal): Follower {
  const followed = new Set<string>();
  const { actions } = store.getState();

  const jobs = new Map<string, { again: boolean; done: Promise<void> }>();
  /** what went wrong, by job, until that job succeeds */
  const failures = new Map<string, string>();

  const readSession = (id: string): Promise<void> => single(id, async () => {
    const session = await reader.session(id);
    const known = store.getState().recordings.get(id);
    if (!session) {
      if (known) actions.putRecording(emptyRecording(id), []);
      return;
    }
    const base: Recording = known && known.removedRev >= session.removedRev ? known : emptyRecording(id, session.removedRev);
    const rows = await reader.spans(id, base.rev);
    const documents = rows.length === 0 || tellOfNewDocument(id, rows) ? await reader.documents(id) : undefined;
    actions.putSession(session);
    actions.putRecording(mergeRows(base, rows), documents);
  });

  /** A change without rows may be a new document (a reload); else documents are read only when a row tells of one not
   *  seen yet (its exchange id begins with the document's). */
  function tellOfNewDocument(session: string, rows: readonly SpanRow[]): boolean {
    const known = store.getState().documents.get(session);
    if (!known) return true;
    const ids = new Set(known.map((document) => document.documentId));
    return rows.some((row) => !ids.has(row.exchange.slice(0, row.exchange.lastIndexOf('/'))));
  }

  const readAll = (): Promise<void> => single('', async () => {
    const sessions = await reader.sessions();
    actions.set({ sessions });
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
  void refresh();
  return { refresh, open: (id) => { followed.add(id); return readSession(id); } };

  function tellFailures(): void {
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
        failures.delete(key);
      } catch (error) {
        failures.set(key, error instanceof Error ? error.message : String(error));
        actions.set({ alive: host.alive() });
      } finally {
        jobs.delete(key);
        tellFailures();
      }
    })();
    jobs.set(key, entry);
    return entry.done;
  }
}

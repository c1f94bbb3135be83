import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TabStatus } from '../../lib/model/command.ts';
import type { ChangeNote, PageDocument, TabSession } from '../../lib/model/session.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { follow } from '../../lib/panel/follow.ts';
import type { Host } from '../../lib/panel/host.ts';
import { createPanelStore } from '../../lib/panel/panel-store.ts';
import type { StoreReader } from '../../lib/store/reader.ts';
import { rowsReader } from '../store/memory-reader.ts';
import { span } from './made-span.ts';

const missing = (): never => { throw new Error('not asked by the follower'); };

/** A store that can be written to by hand; `reads` tells what was asked of it. */
function scene() {
  const leave = new AbortController();
  const sessions = new Map<string, TabSession>();
  const rows = new Map<string, SpanRow>();
  const documents: PageDocument[] = [];
  const reads: string[] = [];
  let tell: ((note: ChangeNote) => void) | undefined;
  let navigated: (() => void) | undefined;
  const status: TabStatus = { session: 'here', paused: false, watching: true, orphaned: false };
  const own = rowsReader(() => [...rows.values()]);
  const reader: StoreReader = {
    ...own,
    traces: async (source, asked) => { reads.push(`traces ${source} ${asked.sinceRev === undefined ? asked.before ? 'older' : 'newest' : `> ${asked.sinceRev}`}`); return own.traces(source, asked); },
    outline: async (source, traceId, asked) => { reads.push(`outline ${traceId} > ${asked?.sinceRev ?? 0}`); return own.outline(source, traceId, asked); },
    settings: async () => ({ budget: { bytes: 5e8, days: 7 }, removed: {} }),
    sessions: async () => [...sessions.values()],
    session: async (id) => sessions.get(id),
    documents: async (session) => { reads.push(`documents ${session}`); return documents.filter((document) => document.session === session); },
    content: missing, exchange: missing, body: missing, live: missing,
  };
  const host = { tabId: 1, alive: () => true, status: async () => ({ ...status }), pageUrl: async () => 'http://localhost/', siteAllowed: async () => true, allowedSites: async () => [], onChange: (listener: () => void) => { navigated = listener; } } as unknown as Host;
  const store = createPanelStore();
  const start = () => follow({ reader, host, onChange: (listener) => { tell = listener; } }, store, leave.signal);
  return {
    leave, reader, reads, rows, status, store, start,
    session: (id: string, change: Partial<TabSession> = {}) => sessions.set(id, { id, tabId: 1, run: 'r', startedMs: 0, lastMs: 0, url: 'http://localhost/', paused: false, rev: 1, removedRev: 0, clearedMs: 0, bytes: 0, diskBytes: 0, exchanges: 0, unrecorded: 0, ...sessions.get(id), ...change }),
    write: (...written: SpanRow[]) => { for (const row of written) rows.set(row.spanId, row); },
    document: (documentId: string) => documents.push({ documentId, session: 'here', tabId: 1, frameId: 0, top: true, url: 'http://localhost/', openedMs: 0, nextSeq: 0, bytes: 0, exchanges: 0, rev: 1 }),
    note: (rev: number, session = 'here') => tell?.({ session, rev }),
    navigate: () => navigated?.(),
    shown: (session = 'here') => [...(store.getState().recordings.get(session)?.traces.keys() ?? [])].toSorted(),
  };
}
/** A trace of one span. */
const mine = (id: string, rev: number, change: Partial<SpanRow> = {}) => span(Buffer.from(id).toString('hex').padEnd(16, '0'), { source: 'here', traceId: id, startMs: 1_000 + rev, rev, ...change });
const id = (n: number): string => `t-${String(n).padStart(3, '0')}`;
let open: AbortController | undefined;
function begin() {
  const made = scene();
  open = made.leave;
  made.session('here');
  return made;
}
afterEach(() => {
  open?.abort();
  vi.useRealTimers();
});

describe('follow', () => {
  test('what was stored before the panel opened is there after mount', async () => {
    const { start, write, shown, store } = begin();
    write(mine('a', 1), mine('b', 2));
    await start().refresh();
    expect(shown()).toEqual(['a', 'b']);
    expect(store.getState().ready).toBe(true);
  });

  test('while notes never stop, what was read first is shown', async () => {
    const { start, write, note, reader, shown, store, leave } = begin();
    write(mine('a', 1));
    let rev = 1;
    const { session } = reader;
    reader.session = async (id) => {
      await new Promise((resolve) => { setTimeout(resolve, 1); });
      note(rev += 1); // with every reading there is something new
      return session(id);
    };
    start();
    await expect.poll(() => store.getState().ready).toBe(true);
    expect(shown()).toEqual(['a']);
    leave.abort();
  });

  test('a note brings what changed since, and only that', async () => {
    const { start, write, note, session, shown, reads } = begin();
    write(mine('a', 1));
    session('here', { rev: 2 });
    await start().refresh();
    reads.length = 0;
    write(mine('b', 3), mine('c', 4));
    note(4);
    await vi.waitFor(() => expect(shown()).toEqual(['a', 'b', 'c']));
    expect(reads.filter((read) => read.startsWith('traces'))).toEqual(['traces here > 2']);
  });

  test('a lost note costs nothing but a refresh', async () => {
    const { start, write, shown } = begin();
    const follower = start();
    await follower.refresh();
    write(mine('a', 4));
    await follower.refresh();
    expect(shown()).toEqual(['a']);
  });

  test('notes that arrive while it reads are read afterwards, not side by side', async () => {
    const { start, write, note, shown, reader } = begin();
    await start().refresh();
    let open = 0;
    let most = 0;
    const { traces } = reader;
    reader.traces = async (...asked) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const rows = await traces(...asked);
      open -= 1;
      return rows;
    };
    for (const rev of [2, 3, 4, 5]) {
      write(mine(`t-${rev}`, rev));
      note(rev);
    }
    await vi.waitFor(() => expect(shown()).toHaveLength(4));
    expect(most).toBe(1);
  });

  test('rows removed since make it start anew: clear empties the panel, late rows stay', async () => {
    const { start, write, note, rows, session, shown } = begin();
    write(mine('a', 1), mine('b', 2));
    await start().refresh();
    rows.clear();
    write(mine('new', 4));
    session('here', { rev: 4, removedRev: 3 });
    note(4);
    await vi.waitFor(() => expect(shown()).toEqual(['new']));
  });

  test('other sessions are read when someone opens them, and followed from then on', async () => {
    const { start, write, note, session, shown, reads, store } = begin();
    session('other');
    write(mine('x', 1, { source: 'other' }));
    const follower = start();
    await follower.refresh();
    expect(store.getState().sessions.map(({ id }) => id)).toEqual(['here', 'other']);
    expect(reads.some((read) => read.includes('other'))).toBe(false);
    await follower.open('other');
    expect(shown('other')).toEqual(['x']);
    write(mine('y', 2, { source: 'other' }));
    note(2, 'other');
    await vi.waitFor(() => expect(shown('other')).toEqual(['x', 'y']));
  });

  test('documents are read again only when a row tells of a new one', async () => {
    const { start, write, note, shown, reads, document } = begin();
    document('doc');
    write(mine('a', 1));
    await start().refresh();
    reads.length = 0;
    write(mine('b', 2));
    note(2);
    await vi.waitFor(() => expect(shown()).toHaveLength(2));
    expect(reads).not.toContain('documents here');
    document('doc-2');
    write(mine('c', 3, { exchange: 'doc-2/1' }));
    note(3);
    await vi.waitFor(() => expect(reads).toContain('documents here'));
  });

  test('a new page is marked before it has made a call', async () => {
    const { start, write, navigate, document, store } = begin();
    document('doc');
    write(mine('a', 1));
    await start().refresh();
    document('doc-2');
    navigate();
    await vi.waitFor(() => expect(store.getState().documents.get('here')).toHaveLength(2));
  });

  test('after a navigation it asks again whether the page is watched, and a first record tells at once', async () => {
    const { start, navigate, note, status, store } = begin();
    await start().refresh();
    status.watching = false;
    navigate();
    expect(store.getState()).toMatchObject({ url: undefined, status: { session: status.session } });
    await vi.waitFor(() => expect(store.getState().status?.watching).toBe(false));
    status.watching = true;
    note(2);
    await vi.waitFor(() => expect(store.getState().status?.watching).toBe(true));
  });

  test('a store that cannot be read is told, and is forgotten when it can again', async () => {
    const { start, reader, store } = begin();
    const { sessions } = reader;
    reader.sessions = () => Promise.reject(new Error('database is closed'));
    const follower = start();
    await follower.refresh();
    expect(store.getState().failure).toBe('database is closed');
    reader.sessions = sessions;
    await follower.refresh();
    expect(store.getState()).toMatchObject({ failure: undefined, ready: true });
  });

  test('a failure of one reading is told until that reading succeeds, whatever else does', async () => {
    const { start, reader, store, note, write, shown } = begin();
    const follower = start();
    await follower.refresh();
    const { traces } = reader;
    reader.traces = () => Promise.reject(new Error('the disk is slow'));
    await follower.refresh();
    expect(store.getState().failure).toBe('the disk is slow');
    reader.traces = traces;
    write(mine('a', 2));
    note(2);
    await vi.waitFor(() => expect(shown()).toEqual(['a']));
    await vi.waitFor(() => expect(store.getState().failure).toBeUndefined());
  });

  test('of a long session the newest traces are read, older ones when they are asked for, and what changed among those', async () => {
    const { start, write, note, session, shown, store } = begin();
    write(...Array.from({ length: 700 }, (_, n) => mine(id(n), 1, { startMs: n })));
    const follower = start();
    await follower.refresh();
    expect(shown()).toEqual(Array.from({ length: 100 }, (_, n) => id(600 + n)));
    write(mine(id(5), 2, { startMs: 5, label: 'unread' }), mine(id(650), 2, { startMs: 650, title: 'changed' }));
    session('here', { rev: 2 });
    note(2);
    await vi.waitFor(() => expect(store.getState().recordings.get('here')?.traces.get(id(650))?.title.value).toBe('changed'));
    expect(shown()).toHaveLength(100);
    await follower.older('here');
    expect(shown()).toHaveLength(600);
    await follower.older('here');
    expect(shown()).toEqual(Array.from({ length: 700 }, (_, n) => id(n)));
    expect(store.getState().recordings.get('here')?.traces.get(id(5))?.title.value).toBe('unread');
    session('here', { rev: 3, removedRev: 3 });
    note(3);
    await follower.refresh();
    expect(shown()).toHaveLength(700);
  });

  test('a filter looks through all of them, until it is gone', async () => {
    const { start, write, shown, store } = begin();
    write(...Array.from({ length: 1_700 }, (_, n) => mine(`t${n}`, 1, { startMs: n })));
    await start().refresh();
    store.getState().actions.setFilter({ chip: 'error' });
    await vi.waitFor(() => expect(shown()).toHaveLength(1_700));
    expect(store.getState().recordings.get('here')?.oldest).toBeUndefined();
  });

  test('only the shown trace is opened, and read again when it changes', async () => {
    const { start, write, note, reads, store } = begin();
    write(mine('a', 1), mine('b', 2));
    const follower = start();
    await follower.refresh();
    await vi.waitFor(() => expect(store.getState().opened?.traceId).toBe('b'));
    const spans = store.getState().opened?.spans;
    write(mine('a', 3, { startMs: 1_001 }));
    note(3);
    await follower.refresh();
    expect(store.getState().opened?.spans).toBe(spans);
    write(mine('b', 4, { startMs: 1_002, label: 'new' }));
    note(4);
    await vi.waitFor(() => expect(store.getState().opened?.spans.map(({ label }) => label)).toEqual(['new']));
    store.getState().actions.chooseTrace({ session: 'here', traceId: 'a' });
    await vi.waitFor(() => expect(store.getState().opened?.traceId).toBe('a'));
    expect(reads.filter((read) => read.startsWith('outline'))).toEqual(['outline b > 0', 'outline b > 2', 'outline a > 0']);
  });

  test('a reading of a trace that is no longer shown is ended, and hinders nobody', async () => {
    const { start, write, reader, store } = begin();
    write(mine('a', 1), mine('b', 2));
    const { outline } = reader;
    reader.outline = (source, traceId, asked, signal) => traceId === 'a' ? outline(source, traceId, asked) : new Promise((_, reject) => { signal?.addEventListener('abort', () => reject(signal.reason as Error)); });
    let asked = 0;
    const { outline: hanging } = reader;
    reader.outline = (...all) => { asked += 1; return hanging(...all); };
    start();
    await vi.waitFor(() => expect(asked).toBe(1));
    store.getState().actions.chooseTrace({ session: 'here', traceId: 'a' });
    await vi.waitFor(() => expect(store.getState().opened?.traceId).toBe('a'));
    expect(store.getState().failure).toBeUndefined();
  });
});

/** The list on the left as lines: this tab's traces with its reloads between them, then earlier sessions. Pure. */
import type { PageDocument, TabSession } from '../model/session.ts';
import { formatClock, formatMoment, formatSite, plural } from './format.ts';
import { type Filter, traceMatcher } from './filter.ts';
import { soughtText } from './found.ts';
import type { Recording } from './recording.ts';
import { holdsSomething } from './storage-words.ts';
import { type TraceSummary, summaryOf } from './trace-summary.ts';

export type ListRow =
  | { kind: 'session'; key: string; session: string; title: string; /** given by the user; empty: none */ name: string; pinned: boolean; current: boolean; open: boolean }
  | { kind: 'trace'; key: string; trace: TraceSummary }
  | { kind: 'mark'; key: string; text: string }
  | { kind: 'earlier'; key: string; count: number; open: boolean }
  | { kind: 'hint'; key: string; text: string }
  /** where `count` older traces are that were not read yet */
  | { kind: 'more'; key: string; session: string; count: number };

export interface ListInput {
  sessions: readonly TabSession[];
  /** the session of the inspected tab; it may have no row yet */ current?: string;
  recordings: ReadonlyMap<string, Recording>;
  documents: ReadonlyMap<string, readonly PageDocument[]>;
  /** earlier sessions that are unfolded; `EARLIER` unfolds their list */ open: ReadonlySet<string>;
  filter: Filter;
  nowMs: number;
}

/** Key in `open` of the fold that holds the earlier sessions. */
export const EARLIER = 'earlier';

/** A file that was exported here and imported again has the trace ids of what is still there. */
export const traceKey = ({ session, traceId }: Pick<TraceSummary, 'session' | 'traceId'>): string => `${session}/${traceId}`;

export function toListRows(input: ListInput): ListRow[] {
  const rows: ListRow[] = [];
  const here = input.sessions.find((session) => session.id === input.current);
  if (here) {
    const since = formatMoment(here.startedMs, input.nowMs);
    rows.push({ kind: 'session', key: here.id, session: here.id, title: `This tab · ${here.name ?? formatSite(here.url)} · since ${since}`, ...marksOfUser(here), current: true, open: true });
    for (const row of contentOf(input, here)) rows.push(row);
  }
  const earlier = input.sessions.filter((session) => session.id !== input.current && holdsSomething(session)).toSorted((a, b) => b.lastMs - a.lastMs);
  if (earlier.length === 0) return rows;
  const open = input.open.has(EARLIER);
  rows.push({ kind: 'earlier', key: EARLIER, count: earlier.length, open });
  for (const session of open ? earlier : []) {
    const unfolded = input.open.has(session.id);
    rows.push({ kind: 'session', key: session.id, session: session.id, title: titleOf(session, input.nowMs), ...marksOfUser(session), current: false, open: unfolded });
    if (unfolded) for (const row of contentOf(input, session)) rows.push(row);
  }
  return rows;
}

const marksOfUser = ({ name = '', pinned }: TabSession): { name: string; pinned: boolean } => ({ name, pinned: pinned === true });

const titleOf = ({ imported, url, startedMs, name }: TabSession, nowMs: number): string =>
  name !== undefined ? `${name} · ${formatMoment(imported?.atMs ?? startedMs, nowMs)}` : imported ? `Imported · ${imported.file} · ${formatMoment(imported.atMs, nowMs)}` : `${formatSite(url)} · ${formatMoment(startedMs, nowMs)}`;

/** Newest first; a mark stands above the traces of the page before it. */
function contentOf({ recordings, documents, filter }: ListInput, { id: session, unrecorded, totals }: TabSession): ListRow[] {
  const matches = traceMatcher(filter);
  const recording = recordings.get(session);
  const rows = [...recording?.traces.values() ?? []];
  const lines: Array<{ atMs: number; row: ListRow }> = (matches ? rows.filter(matches) : rows).map((row) => ({ atMs: row.startMs, row: { kind: 'trace', key: traceKey({ session, traceId: row.traceId }), trace: summaryOf(row) } }));
  const hints: ListRow[] = unrecorded > 0 ? [{ kind: 'hint', key: `${session}/unrecorded`, text: `${plural(unrecorded, 'call')} too many, not recorded` }] : [];
  const rest = recording?.oldest && restOf(session, Math.max((totals?.traces ?? 0) - rows.length, 1), matches !== undefined);
  if (lines.length === 0) return rest ? [...hints, rest] : recording && matches ? [...hints, { kind: 'hint', key: `${session}/none`, text: soughtText(filter) === '' ? 'No trace matches the filter' : 'No name, title or model matches' }] : hints;
  // A page older than all traces that were read comes with those of its time.
  const fromMs = recording?.oldest ? -recording.oldest.newest : -Infinity;
  for (const line of marksOf(documents.get(session) ?? [])) if (line.atMs >= fromMs) lines.push(line);
  const sorted = lines.toSorted((a, b) => b.atMs - a.atMs).map((line) => line.row);
  // Reloads without a call between them: the last one says it all.
  return [...hints, ...sorted.filter((row, index) => row.kind !== 'mark' || sorted[index - 1]?.kind !== 'mark'), ...rest ? [rest] : []];
}

/** What stands for the traces that were not read yet. With a filter on they are read at once: nobody knows how many stay. */
const restOf = (session: string, count: number, filtered: boolean): ListRow =>
  filtered ? { kind: 'hint', key: `${session}/more`, text: 'Looking through earlier traces…' } : { kind: 'more', key: `${session}/more`, session, count };

/** One mark for every top document after the first: a reload, or the way to another page. */
function marksOf(documents: readonly PageDocument[]): Array<{ atMs: number; row: ListRow }> {
  const tops = documents.filter((document) => document.top).toSorted((a, b) => a.openedMs - b.openedMs);
  return tops.slice(1).map((document, index) => {
    const before = tops[index];
    const text = before && pageOf(before.url) === pageOf(document.url) ? 'page reloaded' : `went to ${pathOf(document.url)}`;
    return { atMs: document.openedMs, row: { kind: 'mark', key: document.documentId, text: `${text} ${formatClock(document.openedMs)}` } };
  });
}

const pageOf = (url: string): string => url.split('#', 1)[0] ?? url;
const pathOf = (url: string): string => (URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : url);

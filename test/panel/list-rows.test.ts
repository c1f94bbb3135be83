import { describe, expect, test } from 'vitest';
import type { PageDocument, TabSession } from '../../lib/model/session.ts';
import { noFilter } from '../../lib/panel/filter.ts';
import { EARLIER, type ListInput, toListRows } from '../../lib/panel/list-rows.ts';
import { addOlder, emptyRecording, mergeRows } from '../../lib/panel/recording.ts';
import { tracesOf } from '../store/memory-reader.ts';
import { span } from './made-span.ts';

const at = (minute: number): number => new Date(2026, 2, 14, 14, minute).getTime();
const session = (id: string, url: string, minute: number): TabSession => ({ id, tabId: 1, run: 'r', startedMs: at(minute), lastMs: at(minute + 1), url, paused: false, rev: 1, removedRev: 0, clearedMs: 0, bytes: 0, diskBytes: 0, exchanges: 1, unrecorded: 0 });
const document = (documentId: string, url: string, minute: number, top = true): PageDocument => ({ documentId, session: 'here', tabId: 1, frameId: 0, top, url, openedMs: at(minute), nextSeq: 1, bytes: 0, exchanges: 0, rev: 1 });
const trace = (traceId: string, minute: number, title: string) => span(traceId, { traceId, title, startMs: at(minute), endMs: at(minute) + 10 });

const input: ListInput = {
  sessions: [session('old', 'https://old.example/', 1), session('here', 'http://localhost:5173/', 2), session('newer', 'https://newer.example/', 3)],
  current: 'here', open: new Set(), filter: noFilter, nowMs: at(30),
  recordings: new Map([['here', mergeRows(emptyRecording('here'), tracesOf([trace('t1', 3, 'first'), trace('t2', 5, 'second'), trace('t3', 9, 'third')]), 1)]]),
  documents: new Map([['here', [document('d1', 'http://localhost:5173/#a', 2), document('frame', 'http://other/', 3, false), document('d2', 'http://localhost:5173/#b', 4), document('d3', 'http://localhost:5173/trips', 8)]]]),
};
const lines = (change: Partial<ListInput> = {}): string[] => toListRows({ ...input, ...change }).map((row) => {
  if (row.kind === 'trace') return `trace ${row.trace.title}`;
  if (row.kind === 'earlier') return `earlier ${row.count}`;
  if (row.kind === 'more') return `more ${row.count}`;
  return row.kind === 'session' ? `session ${row.title}` : `${row.kind} ${row.text}`;
});

describe('list', () => {
  test('this tab first, newest trace on top, reloads and ways to other pages between them, frames not', () => {
    expect(lines()).toEqual(['session This tab · localhost:5173 · since 14:02', 'trace third', 'mark went to localhost:5173/trips 14:08:00', 'trace second', 'mark page reloaded 14:04:00', 'trace first', 'earlier 2']);
  });

  test('calls past the bounds are said first, also where no trace is stored or matches', () => {
    const sessions = input.sessions.map((each) => ({ ...each, unrecorded: each.id === 'here' ? 1_204 : 0 }));
    expect(lines({ sessions }).slice(1, 3)).toEqual(['hint 1,204 calls too many, not recorded', 'trace third']);
    expect(lines({ sessions, recordings: new Map([['here', emptyRecording('here')]]) }).slice(1, 2)).toEqual(['hint 1,204 calls too many, not recorded']);
    expect(lines({ sessions, filter: { text: 'nowhere', chip: 'all' } }).slice(1, 3)).toEqual(['hint 1,204 calls too many, not recorded', 'hint No name, title or model matches']);
  });

  test('of reloads without a call between them the last is shown', () => {
    const documents = new Map([['here', [document('d1', 'http://localhost:5173/', 2), document('d2', 'http://localhost:5173/', 4), document('d3', 'http://localhost:5173/', 10), document('d4', 'http://localhost:5173/', 11)]]]);
    expect(lines({ documents }).filter((line) => line.startsWith('mark'))).toEqual(['mark page reloaded 14:11:00', 'mark page reloaded 14:04:00']);
  });

  test('earlier sessions unfold one by one, the latest first', () => {
    const recordings = new Map([...input.recordings, ['old', mergeRows(emptyRecording('old'), tracesOf([trace('o1', 1, 'long ago')]), 1)] as const]);
    expect(lines({ recordings, open: new Set([EARLIER, 'old']) }).slice(-4)).toEqual(['earlier 2', 'session newer.example · 14:03', 'session old.example · 14:01', 'trace long ago']);
  });

  test('an import of what is still there is told apart from it', () => {
    const again = new Map([...input.recordings, ['old', mergeRows(emptyRecording('old'), tracesOf([trace('t1', 3, 'first'), trace('t2', 5, 'second')]), 1)] as const]);
    const keys = toListRows({ ...input, recordings: again, open: new Set([EARLIER, 'old']) }).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith('/t1'))).toHaveLength(2);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('traces that were not read yet have their place, and no page of their time is told of', () => {
    const rows = tracesOf([trace('t2', 5, 'second'), trace('t3', 9, 'third')]).toSorted((a, b) => a.newest - b.newest);
    const recordings = new Map([['here', addOlder(emptyRecording('here'), rows, true)]]);
    const sessions = input.sessions.map((each) => ({ ...each, totals: { traces: 40, spans: 0, errors: 0, tokens: 0 } }));
    expect(lines({ recordings, sessions }).slice(1)).toEqual(['trace third', 'mark went to localhost:5173/trips 14:08:00', 'trace second', 'more 38', 'earlier 2']);
    expect(lines({ recordings, sessions, filter: { text: 'third', chip: 'all' } }).slice(1)).toEqual(['trace third', 'mark went to localhost:5173/trips 14:08:00', 'hint Looking through earlier traces…', 'earlier 2']);
    expect(lines({ recordings, sessions, filter: { text: 'nowhere', chip: 'all' } }).slice(1)).toEqual(['hint Looking through earlier traces…', 'earlier 2']);
  });

  test('a filter keeps the traces in which a span matches, and says when there is none', () => {
    expect(lines({ filter: { text: 'second', chip: 'all' } }).filter((line) => line.startsWith('trace'))).toEqual(['trace second']);
    // What is found in texts stands above: they may hold it all the same.
    expect(lines({ filter: { text: 'status:error', chip: 'all' } })[1]).toBe('hint No trace matches the filter');
    expect(lines({ filter: { text: 'nowhere', chip: 'all' } })).toEqual(['session This tab · localhost:5173 · since 14:02', 'hint No name, title or model matches', 'earlier 2']);
  });

  test('a tab in which nothing was recorded shows only the earlier sessions', () => {
    expect(lines({ current: 'another' })).toEqual(['earlier 3']);
    expect(lines({ sessions: [], current: undefined })).toEqual([]);
  });
});

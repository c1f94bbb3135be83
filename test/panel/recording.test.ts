import { describe, expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { shownRow, shownSpan, shownTrace } from '../../lib/panel/chosen.ts';
import { mergeOutline, type Trace } from '../../lib/panel/open-trace.ts';
import { addOlder, emptyRecording, mergeRows } from '../../lib/panel/recording.ts';
import { summaryOf } from '../../lib/panel/trace-summary.ts';
import { packSpans } from '../../lib/store/outline-blocks.ts';
import { tracesOf } from '../store/memory-reader.ts';
import { span } from './made-span.ts';

const usage = (total: number) => ({ input: total - 1, output: 1, total });
const rows = (...spans: SpanRow[]) => tracesOf(spans);

describe('recording', () => {
  test('a later row of the same trace replaces it', () => {
    let recording = mergeRows(emptyRecording('tab'), rows(span('a', { endMs: undefined, rev: 1 }), span('b', { traceId: 'other', rev: 2 })), 2);
    recording = mergeRows(recording, rows(span('a', { endMs: 1500, rev: 5 })), 4);
    expect([...recording.traces.keys()]).toEqual(['trace', 'other']);
    expect(recording.traces.get('trace')).toMatchObject({ running: false, endMs: 1500 });
    expect(recording.rev).toBe(5);
  });

  test('a trace without a new row stays the same object, so nothing of it is derived again', () => {
    const before = mergeRows(emptyRecording('tab'), rows(span('a', { traceId: 'one' }), span('b', { traceId: 'two' })), 1);
    const after = mergeRows(before, rows(span('b', { traceId: 'two', rev: 2 })), 2);
    expect(after.traces.get('one')).toBe(before.traces.get('one'));
    expect(before.traces.get('two')?.rev).toBe(1);
    expect(mergeRows(after, [], 2)).toBe(after);
    expect(mergeRows(after, rows(span('a', { traceId: 'one' })), 2)).toBe(after);
  });

  test('what changed below the page that was read comes with its own page', () => {
    const all = rows(...[1, 2, 3, 4].map((n) => span(String(n), { traceId: String(n), startMs: n }))).toReversed();
    const first = addOlder(emptyRecording('tab'), all.slice(0, 2), true);
    const changed = mergeRows(first, rows(span('1', { traceId: '1', startMs: 1, rev: 7 }), span('9', { traceId: '9', startMs: 9, rev: 7 })), 7);
    expect([...changed.traces.keys()]).toEqual(['4', '3', '9']);
    const whole = addOlder(changed, all.slice(2), false);
    expect([...whole.traces.keys()]).toEqual(['4', '3', '9', '2', '1']);
    expect([whole.oldest, whole.rev]).toEqual([undefined, 7]);
  });
});

const id = (n: number): string => n.toString(16).padStart(16, '0');
const block = (n: number, ...spans: SpanRow[]) => ({ source: 'tab', traceId: 'trace', block: n, rev: 1, spans: packSpans(spans) });

describe('open trace', () => {
  const place = { session: 'tab', traceId: 'trace' };
  const open = mergeOutline(undefined, place, { rev: 1, count: 2, blocks: [block(0, span(id(1)), span(id(2))), block(1, span(id(3)))] });

  test('blocks make one list of spans', () => {
    expect(open.spans.map(({ spanId }) => spanId)).toEqual([1, 2, 3].map(id));
  });

  test('of a changed block the spans that did not change stay the same objects', () => {
    const after = mergeOutline(open, place, { rev: 2, count: 3, blocks: [block(1, span(id(3)), span(id(4))), block(2, span(id(5)))] });
    expect(after.spans.map(({ spanId }) => spanId)).toEqual([1, 2, 3, 4, 5].map(id));
    expect(after.spans.slice(0, 3).map((each, at) => each === open.spans[at])).toEqual([true, true, true]);
    const ended = mergeOutline(after, place, { rev: 3, count: 3, blocks: [block(0, span(id(1)), span(id(2), { label: 'new', rev: 3 }))] });
    expect(ended.spans.map((each, at) => each === after.spans[at])).toEqual([true, false, true, true, true]);
  });

  test('a trace that lost spans has fewer blocks', () => {
    expect(mergeOutline(open, place, { rev: 2, count: 1, blocks: [] }).spans.map(({ spanId }) => spanId)).toEqual([1, 2].map(id));
  });
});

const summary = (...spans: SpanRow[]) => summaryOf(rows(...spans)[0]!);

describe('summary of a trace', () => {

  test('title, time, tokens of the model calls, failures', () => {
    expect(summary(
      span('agent', { kind: 'AGENT', title: 'Plan three days', startMs: 0, endMs: 900, usage: usage(300), status: 'error' }),
      span('one', { parentSpanId: 'agent', startMs: 10, endMs: 500, usage: usage(100), status: 'error', httpStatus: 429, errorType: 'tokens' }),
      span('two', { parentSpanId: 'agent', startMs: 600, endMs: 900, usage: usage(200) }),
    )).toMatchObject({ title: 'Plan three days', startMs: 0, endMs: 900, spans: 3, errors: 1, tokens: 300, errorType: '429' });
  });

  test('runs while any span does; tokens are absent, not 0, where nobody told', () => {
    expect(summary(span('a'), span('b', { endMs: undefined }))).toMatchObject({ endMs: undefined, tokens: undefined, title: 'gpt-5-mini' });
  });
});

describe('what is shown', () => {
  const spans = [span('a', { traceId: 'one', startMs: 1 }), span('b', { traceId: 'two', startMs: 5 }), span('c', { traceId: 'two', startMs: 9 }), span('t', { kind: 'TOOL', traceId: 'two', startMs: 12 })];
  const recordings = new Map([['tab', mergeRows(emptyRecording('tab'), rows(...spans), 1)]]);
  const status = { session: 'tab', paused: false, watching: true, orphaned: false };
  const opened: Trace = { session: 'tab', traceId: 'two', rev: 1, blocks: [], spans: spans.slice(1) };

  test('without a choice the newest trace of this tab, and in it the last model call', () => {
    expect(shownRow({ trace: undefined, recordings, status })?.traceId).toBe('two');
    expect(shownSpan(shownTrace({ opened, recordings }), undefined)?.spanId).toBe('c');
  });

  test('a choice stays, until it is gone', () => {
    expect(shownRow({ trace: { session: 'tab', traceId: 'one' }, recordings, status })?.traceId).toBe('one');
    expect(shownRow({ trace: { session: 'tab', traceId: 'deleted' }, recordings, status })?.traceId).toBe('two');
    expect(shownRow({ trace: undefined, recordings, status: undefined })).toBeUndefined();
    expect(shownSpan(opened, 't')?.spanId).toBe('t');
  });

  test('spans of a deleted trace are not shown', () => {
    expect(shownTrace({ opened, recordings: new Map([['tab', emptyRecording('tab')]]) })).toBeUndefined();
    expect(shownTrace({ opened: undefined, recordings })).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { shownSpan, shownTrace } from '../../lib/panel/chosen.ts';
import { emptyRecording, mergeRows } from '../../lib/panel/recording.ts';
import { summaryOf } from '../../lib/panel/trace-summary.ts';
import { span } from './made-span.ts';

const usage = (total: number) => ({ input: total - 1, output: 1, total });

describe('recording', () => {
  test('rows gather by trace; a later row of the same span replaces it, an older one does not', () => {
    let recording = mergeRows(emptyRecording('tab'), [span('a', { endMs: undefined, rev: 1 }), span('b', { traceId: 'other', rev: 2 })]);
    recording = mergeRows(recording, [span('a', { endMs: 1500, rev: 5 })]);
    recording = mergeRows(recording, [span('a', { endMs: undefined, rev: 3 })]);
    expect([...recording.traces.keys()]).toEqual(['trace', 'other']);
    expect(recording.traces.get('trace')?.spans.map((row) => row.endMs)).toEqual([1500]);
    expect(recording.rev).toBe(5);
  });

  test('a span that moves to another trace leaves the one it was in, and an empty trace is gone', () => {
    const before = mergeRows(emptyRecording('tab'), [span('a', { traceId: 'one' }), span('b', { traceId: 'two' })]);
    const after = mergeRows(before, [span('b', { traceId: 'one', rev: 2 })]);
    expect([...after.traces].map(([id, trace]) => [id, trace.spans.map((row) => row.spanId)])).toEqual([['one', ['a', 'b']]]);
    expect(before.traces.size).toBe(2);
  });

  test('a trace without new rows stays the same object, so nothing of it is derived again', () => {
    const before = mergeRows(emptyRecording('tab'), [span('a', { traceId: 'one' }), span('b', { traceId: 'two' })]);
    const after = mergeRows(before, [span('b', { traceId: 'two', rev: 2 })]);
    expect(after.traces.get('one')).toBe(before.traces.get('one'));
    expect(mergeRows(after, [])).toBe(after);
  });
});

const summary = (...rows: ReturnType<typeof span>[]) => summaryOf({ session: 'tab', traceId: 'trace', spans: rows });

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
  const recordings = new Map([['tab', mergeRows(emptyRecording('tab'), [span('a', { traceId: 'one', startMs: 1 }), span('b', { traceId: 'two', startMs: 5 }), span('c', { traceId: 'two', startMs: 9 }), span('t', { kind: 'TOOL', traceId: 'two', startMs: 12 })])]]);
  const status = { session: 'tab', paused: false, watching: true, orphaned: false };

  test('without a choice the newest trace of this tab, and in it the last model call', () => {
    const trace = shownTrace({ trace: undefined, recordings, status });
    expect(trace?.traceId).toBe('two');
    expect(shownSpan(trace, undefined)?.spanId).toBe('c');
  });

  test('a choice stays, until it is gone', () => {
    expect(shownTrace({ trace: { session: 'tab', traceId: 'one' }, recordings, status })?.traceId).toBe('one');
    expect(shownTrace({ trace: { session: 'tab', traceId: 'deleted' }, recordings, status })?.traceId).toBe('two');
    expect(shownTrace({ trace: undefined, recordings, status: undefined })).toBeUndefined();
    expect(shownSpan(shownTrace({ trace: undefined, recordings, status }), 't')?.spanId).toBe('t');
  });
});

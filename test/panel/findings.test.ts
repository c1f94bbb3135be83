import { describe, expect, test } from 'vitest';
import { findingOfSpan, findingsOf, severityOf } from '../../lib/panel/findings.ts';
import { span } from './made-span.ts';

const texts = (...spans: Parameters<typeof findingsOf>[0][number][]): string[] => findingsOf(spans).map((finding) => finding.text);

describe('findings', () => {
  test('a good trace has none', () => {
    expect(texts(span('a', { finish: 'stop', endCause: 'complete' }), span('b', { kind: 'TOOL' }))).toEqual([]);
  });

  test('a failed attempt names its status and when it was tried again', () => {
    const failed = span('a', { status: 'error', errorType: 'rate_limit_exceeded', httpStatus: 429, endMs: 2000, endCause: 'complete' });
    expect(texts(failed, span('b', { startMs: 2300, retryOf: 'a', attempt: 2 }))).toEqual(['gpt-5-mini: 429, retried after 300 ms']);
    expect(texts({ ...failed, statusMessage: 'Slow down.' })).toEqual(['gpt-5-mini: 429: Slow down.']);
  });

  test.each([
    ['cut', 'error', 'gpt-5-mini: answer cut by the network after 1.0 s'],
    ['aborted', 'note', 'gpt-5-mini: stopped by the app after 1.0 s'],
    ['cancelled', 'note', 'gpt-5-mini: stopped by the app after 1.0 s'],
    ['page_left', 'warning', 'gpt-5-mini: page left in mid-answer after 1.0 s'],
  ] as const)('how it ended: %s', (endCause, severity, text) => {
    expect(findingsOf([span('a', { endCause })])).toEqual([{ spanId: 'a', severity, text, count: 1 }]);
    expect(severityOf(span('a', { endCause }))).toBe(severity);
  });

  test('a call without an answer names the cause where one is known, also when it was tried again', () => {
    const failed = span('a', { status: 'error', errorType: 'TypeError', statusMessage: 'Failed to fetch', endCause: 'error', endMs: 2000, exchange: 'doc/1' });
    const causes = new Map([['doc/1', { cause: 'Nothing listens at `localhost:1`.' }]]);
    expect(texts(failed)).toEqual(['gpt-5-mini: no answer, the request failed (Failed to fetch)']);
    expect(findingsOf([failed], causes).map(({ text }) => text)).toEqual(['gpt-5-mini: no answer, the request failed. Nothing listens at localhost:1.']);
    expect(findingsOf([failed, span('b', { startMs: 2300, retryOf: 'a', exchange: 'doc/2' })], causes).map(({ text }) => text)).toEqual(['gpt-5-mini: TypeError, retried after 300 ms. Nothing listens at localhost:1.']);
  });

  test('an error answer whose body nobody read is an error', () => {
    const refused = span('a', { status: 'error', httpStatus: 529, endCause: 'unread' });
    expect(severityOf(refused)).toBe('error');
    expect(texts(refused)).toEqual(['gpt-5-mini: 529']);
  });

  test('an answer can look wrong without an error', () => {
    expect(texts(span('a', { finish: 'length' }), span('b', { finish: 'content_filter' }), span('c', { missingBytes: 2000 }))).toEqual([
      'gpt-5-mini: answer ends at the token limit', 'gpt-5-mini: answer withheld by the content filter', 'gpt-5-mini: 2,000 B of it are not recorded',
    ]);
  });

  test('errors come first; what is said twice is counted; agents fail only by their steps', () => {
    const overloaded = { status: 'error', httpStatus: 529, statusMessage: 'Overloaded' } as const;
    const found = findingsOf([span('agent', { kind: 'AGENT', status: 'error' }), span('stop', { startMs: 1, endCause: 'aborted' }), span('one', { startMs: 2, ...overloaded }), span('two', { startMs: 3, ...overloaded }), span('tool', { startMs: 4, kind: 'TOOL', name: 'execute_tool get_weather', status: 'error', statusMessage: 'The tool returned an error.' })]);
    expect(found.map(({ spanId, text, count }) => `${spanId} ${count} ${text}`)).toEqual([
      'one 2 gpt-5-mini: 529: Overloaded', 'tool 1 get_weather: failed: The tool returned an error.', 'stop 1 gpt-5-mini: stopped by the app after 2.0 s',
    ]);
  });

  test('of one span, also when a finding of the trace stands for it', () => {
    const rows = [span('one', { status: 'error', httpStatus: 500 }), span('two', { status: 'error', httpStatus: 500 })];
    expect(findingOfSpan(rows[1] as (typeof rows)[number], rows)?.text).toBe('gpt-5-mini: 500');
  });
});

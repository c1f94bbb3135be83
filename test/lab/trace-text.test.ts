import { expect, test } from 'vitest';
import { traceTrees } from './trace-text.ts';

const span = (spanId: string, parentSpanId: string | undefined, startMs: number, endMs: number, attributes: Record<string, string | number>, status: { code?: number; message?: string } = {}) => ({
  traceId: 't1', spanId, parentSpanId, name: spanId, status,
  startTimeUnixNano: `1760000000${String(startMs).padStart(3, '0')}000000`, endTimeUnixNano: `1760000000${String(endMs).padStart(3, '0')}000000`,
  attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) } })),
});
const otlp = (...spans: ReturnType<typeof span>[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

test('a loop is a tree in order of time, under the words of the user', () => {
  const text = traceTrees(otlp(
    span('c', 'a', 300, 420, { 'openinference.span.kind': 'TOOL', 'tool.name': 'get_weather', 'tool.parameters': '{"city":"Lisbon"}' }),
    span('a', undefined, 0, 900, { 'openinference.span.kind': 'AGENT', 'agent.name': 'trip planner' }),
    span('b', 'a', 0, 300, { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-5-mini', 'llm.token_count.total': 376, 'llm.input_messages.0.message.role': 'user', 'llm.input_messages.0.message.content': 'Sunny in May?' }),
  ));
  expect(text.split('\n').map((line) => line.replaceAll(/ {2,}(?=\d|$)/g, ' | '))).toEqual([
    'Sunny in May?',
    '  AGENT trip planner | 900 ms',
    '    LLM   gpt-5-mini | 376 tok | 300 ms',
    '    TOOL  get_weather {"city":"Lisbon"} | 120 ms',
  ]);
});

test('what failed, was tried again or was stopped says so', () => {
  const text = traceTrees(otlp(
    span('a', undefined, 0, 100, { 'openinference.span.kind': 'LLM', 'llm.model_name': 'm' }, { code: 2, message: 'Rate limit reached' }),
    span('b', 'gone', 200, 300, { 'openinference.span.kind': 'LLM', 'llm.model_name': 'm', 'spanlight.retry.attempt': 2, 'spanlight.end.cause': 'aborted' }),
  ));
  expect(text).toContain('✗ Rate limit reached');
  expect(text).toMatch(/m · attempt 2 .*■ aborted/);
});

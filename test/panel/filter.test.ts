import { describe, expect, test } from 'vitest';
import { type Filter, matcher, noFilter } from '../../lib/panel/filter.ts';
import { span } from './made-span.ts';

const spans = [
  span('chat', { title: 'Plan three days in Lisbon' }),
  span('failed', { model: 'claude-sonnet', label: 'claude-sonnet', name: 'chat claude-sonnet', status: 'error' }),
  span('tool', { kind: 'TOOL', model: undefined, name: 'execute_tool get_weather', label: 'get_weather(city: "Sintra")' }),
  span('agent', { kind: 'AGENT', model: undefined, name: 'invoke_agent', label: 'agent', endMs: undefined }),
  span('attempts', { kind: 'CHAIN', model: undefined, name: 'retry', label: '2 attempts' }),
];
const found = (filter: Partial<Filter>): string[] => spans.filter(matcher({ ...noFilter, ...filter }) ?? (() => true)).map((each) => each.spanId);

describe('filter', () => {
  test('nothing asked lets everything pass', () => {
    expect(matcher(noFilter)).toBeUndefined();
    expect(matcher({ text: '  ', chip: 'all' })).toBeUndefined();
  });

  test.each<[string, string[]]>([
    ['lisbon', ['chat']],
    ['WEATHER', ['tool']],
    ['kind:llm', ['chat', 'failed']],
    ['kind:LLM status:error', ['failed']],
    ['status:running', ['agent']],
    ['model:claude', ['failed']],
    ['"three days"', ['chat']],
    ['three lisbon', ['chat']],
    ['three sintra', []],
    ['constructor:', []],
    ['__proto__:x', []],
    ['kind:', ['chat', 'failed', 'tool', 'agent', 'attempts']],
    ['city:', ['tool']],
    ['"unfinished', []],
  ])('%s', (text, expected) => {
    expect(found({ text })).toEqual(expected);
  });

  test('chips, alone and with words', () => {
    expect(found({ chip: 'agent' })).toEqual(['agent', 'attempts']);
    expect(found({ chip: 'error' })).toEqual(['failed']);
    expect(found({ chip: 'llm', text: 'claude' })).toEqual(['failed']);
  });
});

import { describe, expect, test } from 'vitest';
import type { Message, ModelCall } from '../../lib/model/call.ts';
import { resultsById, textOf, toConversation, toolExchangeOf } from '../../lib/panel/conversation.ts';

const say = (role: string, text: string): Message => ({ role, parts: [{ type: 'text', text }] });
const ask = (...ids: string[]): Message => ({ role: 'assistant', parts: ids.map((id) => ({ type: 'tool_call', id, name: `tool_${id}`, arguments: '{}' })) });
const give = (role: string, ...ids: string[]): Message => ({ role, parts: ids.map((id) => ({ type: 'tool_result', id, text: `result of ${id}` })) });
const texts = (messages: readonly Message[]): string[] => messages.map((message) => textOf(message));
const split = (...input: Message[]) => {
  const { system, earlier, fresh } = toConversation({ input, output: [] });
  return { system: texts(system), earlier: texts(earlier), fresh: texts(fresh) };
};

const call = (input: Message[], output: Message[]): ModelCall => ({ operation: 'chat', dialect: 'd', system: 's', streaming: true, parameters: {}, input, output, tools: [], problems: [] });

describe('conversation', () => {
  test('a first question is all fresh, the system message apart', () => {
    expect(split(say('system', 's'), say('developer', 'd'), say('user', 'q'))).toEqual({ system: ['s', 'd'], earlier: [], fresh: ['q'] });
  });

  test('a later turn folds what was said before', () => {
    expect(split(say('system', 's'), say('user', 'q1'), say('assistant', 'a1'), say('user', 'q2'))).toEqual({ system: ['s'], earlier: ['q1', 'a1'], fresh: ['q2'] });
  });

  test('tool results stand with the message that asked for them', () => {
    expect(split(say('user', 'q'), say('assistant', 'a'), say('user', 'q2'), ask('x', 'y'), give('tool', 'x'), give('tool', 'y'))).toEqual({ system: [], earlier: ['q', 'a', 'q2'], fresh: ['tool_x({})\n\ntool_y({})', 'result of x', 'result of y'] });
  });

  test('one message alone is not folded', () => {
    expect(split(say('user', 'q'), ask('x'), give('user', 'x'))).toEqual({ system: [], earlier: [], fresh: ['q', 'tool_x({})', 'result of x'] });
  });

  test('a request that ends with the beginning of the answer shows it with its question', () => {
    expect(split(say('user', 'q1'), say('assistant', 'a1'), say('user', 'q2'), say('assistant', 'prefill'))).toEqual({ system: [], earlier: ['q1', 'a1'], fresh: ['q2', 'prefill'] });
  });

  test('a tool span finds its call by place and its result by id, or by name and order', () => {
    const followUp = call([say('user', 'q'), ask('x', 'y'), give('tool', 'y'), give('tool', 'x')], []);
    const { call: asked, result } = toolExchangeOf(call([], [ask('x', 'y')]), 1, followUp);
    expect([asked?.name, result?.text]).toEqual(['tool_y', 'result of y']);
    expect(toolExchangeOf(call([], [ask('x')]), 0, undefined)).toMatchObject({ call: { id: 'x' }, result: undefined });
    const unnumbered: Message = { role: 'assistant', parts: ['Lisbon', 'Oslo'].map((city) => ({ type: 'tool_call', name: 'get_weather', arguments: `{"city":"${city}"}` })) };
    const answers: Message[] = ['21 C', '3 C'].map((text) => ({ role: 'tool', parts: [{ type: 'tool_result', name: 'get_weather', text }] }));
    expect([0, 1].map((index) => toolExchangeOf(call([], [unnumbered]), index, call([say('user', 'q'), unnumbered, ...answers], [])).result?.text)).toEqual(['21 C', '3 C']);
    expect([...resultsById(followUp.input).keys()]).toEqual(['y', 'x']);
  });
});

/** What only one of the dialects has. */
import { expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { createChat, createPage, record } from './app.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, ollama, openai } from './wire.ts';

const found = (marked: object): object => ({
  role: 'user',
  content: [{ type: 'search_result', source: 'notes', title: 'Notes', content: [{ type: 'text', text: 'Tides' }], ...marked }, { type: 'text', text: 'Sum up.' }],
});

test('cache marks that move break no history (anthropic)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, anthropic);
  chat.call(0, { text: 'Tides are explained.' }, { sent: [found({ cache_control: { type: 'ephemeral' } })] });
  chat.call(100, { text: 'Short: tides.' }, { sent: [found({}), anthropic.echo({ text: 'Tides are explained.' }), anthropic.user('Shorter.')] });
  await record(memory, [page]);
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'turn', evidence: 'history' });
});

test('calls of the time before tool ids are matched by their place (openai)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const asked = { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '{"city":"Lisbon"}' } };
  page.send({ wire: openai, start: 0, end: 50, request: openai.request(undefined, [openai.user('Weather?')]), response: { choices: [{ index: 0, finish_reason: 'function_call', message: asked }] } });
  page.send({
    wire: openai, start: 100, end: 150, response: openai.answer({ text: 'Sunny.' }),
    request: openai.request(undefined, [openai.user('Weather?'), asked, { role: 'function', name: 'get_weather', content: '21 C' }]),
  });
  await record(memory, [page]);
  expect(memory.rows().find(({ kind }) => kind === 'TOOL')).toMatchObject({ label: 'get_weather(city: "Lisbon")', resultExchange: 'doc/2' });
});

const called = (name: string, args: Record<string, unknown>, id?: string): object => ({ ...(id === undefined ? {} : { id }), function: { name, arguments: args } });
const asking = (content: string, ...calls: object[]): object => ({ role: 'assistant', content, tool_calls: calls });
const said = (message: object): object => ({ model: 'qwen3:4b', message, done: true, done_reason: 'stop' });

/** Rows of the tools of a loop of two calls: as the answer asks, and as the app sends it back with the results. */
async function toolsOf(answered: object, echoed: object, results: readonly object[]): Promise<SpanRow[]> {
  const [page, memory] = [createPage(), createMemory()];
  page.send({ wire: ollama, start: 0, end: 50, request: ollama.request(undefined, [ollama.user('Where is it warm?')]), response: said(answered) });
  page.send({ wire: ollama, start: 100, end: 150, request: ollama.request(undefined, [ollama.user('Where is it warm?'), echoed, ...results]), response: said({ role: 'assistant', content: 'Lisbon.' }) });
  await record(memory, [page]);
  return memory.rows().filter(({ kind }) => kind === 'TOOL');
}

/** One line of a stream. */
const line = (message: object, more: object = { done: false }): string => `${JSON.stringify({ model: 'qwen3:4b', message: { role: 'assistant', content: '', ...message }, ...more })}\n`;

const result = (tool: string, content: string): object => ({ role: 'tool', tool_name: tool, content });

test('results without ids belong to the calls of their name, in order (ollama)', async () => {
  const answered = asking('', called('get_weather', { city: 'Lisbon' }), called('get_time', {}), called('get_weather', { city: 'Oslo' }));
  const tools = await toolsOf(answered, answered, [result('get_weather', '21 C'), result('get_weather', '3 C')]);
  expect(tools.map(({ label, resultExchange }) => [label, resultExchange])).toEqual([
    ['get_weather(city: "Lisbon")', 'doc/2'], ['get_time()', undefined], ['get_weather(city: "Oslo")', 'doc/2'],
  ]);
});

test('ids that the server gives and the client drops, words that the app strips: the calls still tell (ollama)', async () => {
  const answered = asking('<think>Hm.</think>', called('get_weather', { city: 'Lisbon', unit: 'C' }, 'call_1'));
  const [tool] = await toolsOf(answered, asking('', called('get_weather', { unit: 'C', city: 'Lisbon' })), [result('get_weather', '21 C')]);
  expect(tool).toMatchObject({ resultExchange: 'doc/2', link: { evidence: 'tool_call_id', confidence: 0.85 } });
});

test('other arguments are another call (ollama)', async () => {
  const answered = asking('<think>Hm.</think>', called('get_weather', { city: 'Lisbon' }));
  expect(await toolsOf(answered, asking('', called('get_weather', { city: 'Oslo' })), [result('get_weather', '21 C')])).toEqual([]);
});

test('a whole agent in a stream of lines (ollama)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const last = line({}, { done: true, done_reason: 'stop', prompt_eval_count: 10, eval_count: 5 });
  const asked = called('get_weather', { city: 'Lisbon' }, 'call_1');
  page.send({ wire: ollama, start: 0, end: 50, request: { ...ollama.request('You are Trip Planner.', [ollama.user('Warm?')]), stream: undefined }, response: line({ thinking: 'Hm' }) + line({ content: 'I look.' }) + line({ tool_calls: [asked] }) + last });
  page.send({ wire: ollama, start: 100, end: 150, request: { ...ollama.request('You are Trip Planner.', [ollama.user('Warm?'), asking('I look.', asked), result('get_weather', '21 C')]), stream: undefined }, response: line({ content: 'Yes' }) + line({ content: '.' }) + last });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe('AGENT Trip Planner\n  LLM qwen3:4b\n  TOOL get_weather(city: "Lisbon")\n  LLM qwen3:4b');
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'history' });
});

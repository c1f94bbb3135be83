/** What only one of the dialects has. */
import { expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { createChat, createPage, record } from './app.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, gemini, ollama, openai, responses, type Answer } from './wire.ts';

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

const weatherIn = (id: string, city: string): NonNullable<Answer['tools']>[number] => ({ id, name: 'get_weather', args: { city } });
const kept = (id: string, answer: Answer): object => ({ ...responses.answer(answer), id });
const after = (id: string, ...messages: object[]): object => responses.request(undefined, messages, { previous_response_id: id });

test('a loop whose history the provider keeps is found by the name of the answer (openai-responses)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const asked = { tools: [weatherIn('c1', 'Lisbon'), weatherIn('c2', 'Oslo')] };
  page.send({ wire: responses, start: 0, end: 50, request: responses.request('You are Trip Planner.', [responses.user('Where is it warmer?')]), response: kept('resp_a', asked) });
  page.send({ wire: responses, start: 100, end: 150, request: after('resp_a', ...responses.results([{ id: 'c1', text: '21 C' }, { id: 'c2', text: '3 C' }])), response: kept('resp_b', { text: 'Lisbon.' }) });
  page.send({ wire: responses, start: 200, end: 250, request: after('resp_b', responses.user('And by night?')), response: kept('resp_c', { text: 'Lisbon, too.' }) });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe(`AGENT Trip Planner
  LLM gpt-5-mini
  TOOL get_weather(city: "Lisbon")
  TOOL get_weather(city: "Oslo")
  LLM gpt-5-mini
LLM gpt-5-mini`);
  expect(memory.rows().filter(({ kind }) => kind === 'TOOL').map(({ resultExchange }) => resultExchange)).toEqual(['doc/2', 'doc/2']);
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'response_id', confidence: 0.99 });
  expect(memory.exchange('doc/3')).toMatchObject({ conversation: 'doc/1', link: { relation: 'turn', to: 'doc/2', evidence: 'response_id' } });
});

test('an id that a mock gives out again and again does not mix up two loops (openai-responses)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  for (const [at, call] of [[0, 'c1'], [10, 'c2']] as const) {
    page.send({ wire: responses, start: at, end: at + 50, request: responses.request(undefined, [responses.user('Warm?')]), response: responses.answer({ tools: [weatherIn(call, 'Lisbon')] }) });
  }
  for (const [at, call] of [[100, 'c2'], [110, 'c1']] as const) {
    page.send({ wire: responses, start: at, end: at + 50, request: after('resp_1', ...responses.results([{ id: call, text: '21 C' }])), response: responses.answer({ text: 'Yes.' }) });
  }
  await record(memory, [page]);
  expect([memory.exchange('doc/3')?.link?.to, memory.exchange('doc/4')?.link?.to]).toEqual(['doc/2', 'doc/1']);
});

test('an id that nobody gave links to nothing (openai-responses)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  page.send({ wire: responses, start: 0, end: 50, request: responses.request(undefined, [responses.user('Warm?')]), response: kept('resp_a', { tools: [weatherIn('c1', 'Lisbon')] }) });
  page.send({ wire: responses, start: 100, end: 150, request: after('resp_z', ...responses.results([{ id: 'c1', text: '21 C' }])), response: kept('resp_b', { text: 'Yes.' }) });
  await record(memory, [page]);
  expect(memory.exchange('doc/2')?.link?.relation).toBe('root');
});

test('items that the request only refers to are known by their ids (openai-responses)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  page.send({ wire: responses, start: 0, end: 50, request: responses.request(undefined, [responses.user('Warm?')]), response: kept('resp_a', { tools: [weatherIn('c1', 'Lisbon')] }) });
  const referring = [responses.user('Warm?'), { type: 'item_reference', id: 'rs_1' }, { type: 'item_reference', id: 'fc_c1' }, ...responses.results([{ id: 'c1', text: '21 C' }])];
  page.send({ wire: responses, start: 100, end: 150, request: responses.request(undefined, referring), response: kept('resp_b', { text: 'Yes.' }) });
  await record(memory, [page]);
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'response_id' });
  expect(memory.rows().find(({ kind }) => kind === 'TOOL')).toMatchObject({ label: 'get_weather(city: "Lisbon")', resultExchange: 'doc/2' });
});

const events = (...values: object[]): string => values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('');

test('a whole agent in a stream of events whose last is cut off (openai-responses)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const call = { id: 'fc_1', type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '' };
  const whole = { ...call, arguments: '{"city":"Lisbon"}' };
  const begun = { type: 'response.created', response: { id: 'resp_a', object: 'response', status: 'in_progress', model: 'gpt-5-mini' } };
  page.send({
    wire: responses, start: 0, end: 50, request: responses.request(undefined, [responses.user('Warm?')], { stream: true }),
    response: events(begun, { type: 'response.output_item.added', output_index: 0, item: call }, { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"city":"Lisbon"}' }, { type: 'response.output_item.done', output_index: 0, item: whole }) + 'data: {"type":"response.comp',
  });
  page.send({
    wire: responses, start: 100, end: 150, request: responses.request(undefined, [responses.user('Warm?'), whole, ...responses.results([{ id: 'c1', text: '21 C' }])], { stream: true }),
    response: events(begun, { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Yes.' }),
  });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe('AGENT agent\n  LLM gpt-5-mini\n  TOOL get_weather(city: "Lisbon")\n  LLM gpt-5-mini');
  expect(memory.exchange('doc/2')?.link).toMatchObject({ evidence: 'history', to: 'doc/1' });
});

const given = (name: string, output: string): object => ({ functionResponse: { name, response: { output } } });

test('a whole agent in arrays that come in pieces; results belong to the functions of their name (gemini)', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const wire = { ...gemini, url: gemini.url.replace(':generate', ':streamGenerate') };
  const parts = [{ text: 'I think.', thought: true }, { functionCall: { name: 'get_weather', args: { city: 'Lisbon' } }, thoughtSignature: 'AbC' }, { functionCall: { name: 'get_time', args: {} } }, { functionCall: { name: 'get_weather', args: { city: 'Oslo' } } }];
  const pieces = parts.map((part, index) => ({ candidates: [{ content: { role: 'model', parts: [part] }, index: 0, ...(index === 3 ? { finishReason: 'STOP' } : {}) }] }));
  page.send({ wire, start: 0, end: 50, request: wire.request('You are Trip Planner.', [wire.user('Where is it warmer?')]), response: JSON.stringify(pieces, null, 1) });
  const results = { role: 'user', parts: [given('get_time', '12:00'), given('get_weather', '21 C'), { functionResponse: { name: 'get_weather', response: { error: 'no such city' } } }] };
  page.send({ wire, start: 100, end: 150, request: wire.request('You are Trip Planner.', [wire.user('Where is it warmer?'), { role: 'model', parts: parts.slice(1) }, results]), response: JSON.stringify([wire.answer({ text: 'Lisbon.' })]) });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe(`AGENT Trip Planner
  LLM gemini-2.5-flash
  TOOL get_weather(city: "Lisbon")
  TOOL get_time()
  TOOL get_weather(city: "Oslo") !
  LLM gemini-2.5-flash`);
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'history' });
});

/** Which requests are further attempts of an earlier one. */
import { expect, test } from 'vitest';
import { createChat, createPage, record } from './app.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, openai } from './wire.ts';

test('each attempt is a call of its own under one span, which fails only if the last one does', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, openai);
  chat.user('Hello');
  chat.call(0, undefined, { status: 429, headers: [['x-stainless-retry-count', '0']] });
  chat.call(600, undefined, { status: 503, headers: [['x-stainless-retry-count', '1']] });
  chat.call(1800, { text: 'Hello!' }, { headers: [['x-stainless-retry-count', '2']] });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe(`CHAIN gpt-5-mini, 3 attempts
  LLM gpt-5-mini · 429, retried !
  LLM gpt-5-mini · 503, retried !
  LLM gpt-5-mini · attempt 3`);
  const [first, second, third] = memory.rows().filter(({ kind }) => kind === 'LLM');
  expect(third).toMatchObject({ attempt: 3, retryOf: second?.spanId, link: { relation: 'retries', evidence: 'same_request', confidence: 0.98, detail: 'The same request was sent before and failed (503); the client counts this as retry 2.' } });
  expect(second).toMatchObject({ attempt: 2, retryOf: first?.spanId, httpStatus: 503 });
});

test('a step of a loop that is retried stays in the loop', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, anthropic);
  chat.user('Weather?');
  chat.call(0, { tools: [{ id: 't1', name: 'get_weather', args: { city: 'Lisbon' } }] });
  chat.results([{ id: 't1', text: 'no such city', isError: true }]);
  chat.call(100, undefined, { status: 529 });
  chat.call(700, { text: 'I do not know.' });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe(`AGENT agent
  LLM claude-sonnet-4-5
  TOOL get_weather(city: "Lisbon") !
  LLM claude-sonnet-4-5 · 529, retried !
  LLM claude-sonnet-4-5 · attempt 2`);
});

test.each([
  ['the network failed', { how: 'error' as const }, 'retries'],
  ['the answer broke off', { how: 'cut' as const, response: '' }, 'retries'],
  ['it was refused for what it says', { status: 404 }, 'root'],
  ['the app stopped it', { how: 'aborted' as const, response: '' }, 'root'],
  ['the answer came', { response: openai.answer({ text: 'Hello!' }) }, 'root'],
])('the same request again after %s', async (_, first, relation) => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, openai);
  chat.user('Hello');
  chat.call(0, undefined, first);
  chat.call(100, { text: 'Hello!' });
  await record(memory, [page]);
  expect(memory.exchange('doc/2')?.link?.relation).toBe(relation);
});

test('nothing is retried twice, and nothing after it went well', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, openai);
  chat.user('Hello');
  chat.call(0, undefined, { status: 500 });
  chat.call(100, { text: 'Hello!' });
  createChat(page, openai).call(200, { text: 'Hello!' }, { sent: [openai.user('Hello')] });
  await record(memory, [page]);
  expect(memory.exchange('doc/2')?.link?.to).toBe('doc/1');
  expect(memory.exchange('doc/3')?.link?.relation).toBe('root');
});

test('a try many minutes later is a new call, unless the client counts it', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, openai);
  chat.user('Hello');
  chat.call(0, undefined, { status: 429 });
  chat.call(600_000, undefined, { status: 429 });
  chat.call(1_200_000, { text: 'Hello!' }, { headers: [['X-Stainless-Retry-Count', '1']] });
  await record(memory, [page]);
  expect([2, 3].map((ordinal) => memory.exchange(`doc/${ordinal}`)?.link?.to)).toEqual([undefined, 'doc/2']);
});

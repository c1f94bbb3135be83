/** What only one of the dialects has. */
import { expect, test } from 'vitest';
import { createChat, createPage, record } from './app.ts';
import { createMemory } from './memory.ts';
import { anthropic, openai } from './wire.ts';

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

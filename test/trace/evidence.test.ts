/** What of an exchange is kept for linking, where a link alone would not show it. */
import { expect, test } from 'vitest';
import type { Exchange } from '../../lib/model/exchange.ts';
import { createChat, createPage } from './app.ts';
import { exchangeOf } from './exchanges.ts';
import { anthropic, openai } from './wire.ts';

const kinds = (keys: readonly string[] = []): string[] => keys.map((key) => key.slice(0, key.indexOf(':')));

const stream = (...pieces: object[]): string => pieces.map((piece) => `data: ${JSON.stringify(piece)}\n\n`).join('');

test('a history of two hundred turns seeks no more than a short one', () => {
  const chat = createChat(createPage(), openai);
  for (let turn = 0; turn < 200; turn += 1) {
    chat.user(`Question ${turn}`);
    chat.messages.push(openai.echo({ text: `The answer to question ${turn} is long.` }));
  }
  chat.user('And now?');
  const { facts } = exchangeOf(chat.call(0, { text: 'Nothing more.' }));
  expect(kinds(facts?.seeks)).toEqual([...Array.from({ length: 8 }, () => 'history'), 'reply', 'request']);
});

test('a running answer gives its tool calls only, a finished one its history', () => {
  const running = { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [{ index: 0, id: 't1', function: { name: 'get_weather', arguments: '{"ci' } }] } }] };
  const finished = [{ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: 'ty":"Lisbon"}' } }] } }] }, { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }];
  const sent = { wire: openai, request: openai.request(undefined, [openai.user('Weather?')], { stream: true }), start: 0, ordinal: 1 };
  // Its arguments are torn yet.
  expect(kinds(exchangeOf({ ...sent, response: stream(running) }).facts?.gives)).toEqual(['call']);
  // A hand-written loop stops reading here: the end of the body is never seen.
  expect(kinds(exchangeOf({ ...sent, response: stream(running, ...finished) }).facts?.gives)).toEqual(['call', 'called', 'history', 'reply']);
});

test('bodies that are not stored whole are no evidence', () => {
  const chat = createChat(createPage(), anthropic);
  chat.user('Hello');
  const sent = chat.call(0, { text: 'Good to see you again.' });
  const whole = exchangeOf(sent);
  expect(kinds(whole.facts?.gives)).toEqual(['history', 'reply']);
  const missing: Exchange['response'] = { read: 500, stored: 400, missing: 100 };
  expect(kinds(exchangeOf(sent, { response: missing }).facts?.gives)).toEqual([]);
  expect(exchangeOf(sent, { request: missing }).facts).toMatchObject({ gives: [], seeks: [] });
});

test('short answers without tools are sought with their history only', () => {
  const chat = createChat(createPage(), openai);
  chat.user('Is it?');
  chat.call(0, { text: 'Yes.' });
  chat.user('Sure?');
  expect(kinds(exchangeOf(chat.call(100, { text: 'Yes.' })).facts?.seeks)).toEqual(['history', 'request']);
});

import { describe, expect, test } from 'vitest';
import { matches } from '../../lib/providers/matches.ts';
import { readCall } from '../../lib/trace/fold.ts';
import { fixtures } from '../fixtures/fixture.ts';

const all = fixtures();

describe('what a recorded exchange means', () => {
  test.each(all.map((each) => [each.name, each] as const))('%s', (_, { exchange, request, response, expected }) => {
    expect(readCall(exchange, request, response)).toEqual(expected);
  });
});

test('every dialect that is recognised has fixtures; those of chats streamed and plain', () => {
  for (const { dialect } of matches) {
    const own = all.filter(({ name }) => name.startsWith(`${dialect}/`)).map(({ expected }) => expected);
    const streams = own.filter(({ streaming }) => streaming).length;
    expect(own.length - streams).toBeGreaterThan(3);
    if (own.some(({ operation }) => operation === 'chat')) expect(streams).toBeGreaterThan(3);
    expect(own.map((call) => call.dialect)).toEqual(own.map(() => dialect));
  }
});

test('a request alone tells what was asked', () => {
  const { exchange, request } = all.find(({ name }) => name === 'openai-chat/stream-text') ?? all[0]!;
  const call = readCall({ ...exchange, head: undefined, end: undefined }, request);
  expect(call).toMatchObject({ dialect: 'openai-chat', modelAsked: 'gpt-4o', streaming: true, output: [], problems: [] });
  expect(call.input).toHaveLength(2);
});

test('a response alone tells its dialect', () => {
  for (const name of ['openai-chat/stream-text', 'anthropic/stream-text-cached', 'openai-responses/stream-text', 'gemini/stream-text']) {
    const { exchange, response, expected } = all.find((each) => each.name === name)!;
    const call = readCall({ ...exchange, url: 'http://localhost/x', requestForm: 'stream' }, undefined, response);
    expect(call).toMatchObject({ dialect: expected.dialect, output: expected.output, usage: expected.usage, streaming: true });
  }
});

test('a request that is not stored whole is named', () => {
  const { exchange, request, response } = all.find(({ name }) => name === 'openai-chat/stream-text')!;
  const call = readCall({ ...exchange, request: { read: 500, stored: 40, missing: 460 } }, request.subarray(0, 40), response);
  expect(call.problems).toEqual(['The request body is not stored whole.']);
  expect(call.output[0]?.parts).toEqual([{ type: 'text', text: 'Grüß Gott 👋' }]);
});

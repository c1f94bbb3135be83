import { describe, expect, test, vi } from 'vitest';
import { endFold, callOf, feedFold, readCall, startFold } from '../../lib/trace/fold.ts';
import { limits } from '../../lib/model/limits.ts';
import { fixture, fixtures } from '../fixtures/fixture.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The same numbers every time, so that a failure can be repeated. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ODD: unknown[] = [null, true, -1, 1e308, 1e9, '', 'x', [], [null], [[]], {}, { type: 'text' }, { index: 4e9 }, { toString: null }];

const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 20_000 }, (_, index) => make(index));

/** One value somewhere inside is replaced by an odd one. */
function spoiled(value: unknown, next: () => number): unknown {
  if (typeof value !== 'object' || value === null || next() < 0.08) return ODD[Math.floor(next() * ODD.length)];
  const keys = Object.keys(value);
  const chosen = keys[Math.floor(next() * keys.length)];
  if (Array.isArray(value)) return value.map((item, index) => String(index) === chosen ? spoiled(item, next) : item);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === chosen ? spoiled(item, next) : item]));
}

describe('what a page sends is hostile until read', () => {
  test('odd values anywhere in request and response: a call comes out, never an exception', () => {
    const next = sequence(7);
    for (const { exchange, request, response } of fixtures()) {
      const asked: unknown = JSON.parse(new TextDecoder().decode(request));
      const text = new TextDecoder().decode(response);
      for (let round = 0; round < 40; round += 1) {
        const answered = text.replace(/\{.*\}/g, (json) => {
          try {
            return next() < 0.5 ? json : JSON.stringify(spoiled(JSON.parse(json), next)) ?? '';
          } catch {
            return json;
          }
        });
        const call = readCall(exchange, utf8(JSON.stringify(spoiled(asked, next)) ?? ''), utf8(answered));
        expect(call.problems.filter((problem) => problem.endsWith('could not be read'))).toEqual([]);
        expect(JSON.stringify(call).length).toBeGreaterThan(0);
      }
    }
  });

  test('nesting deeper than the stack', () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
    const { exchange } = fixture('openai-chat/plain-audio');
    const call = readCall(exchange, utf8(`{"model":"m","x":${deep},"messages":[{"role":"user","content":[{"type":"odd","x":${deep}}]}]}`),
      utf8(`{"id":"c","choices":[{"index":0,"message":{"content":[{"type":"odd","x":${deep}}]}}]}`));
    expect(call.input[0]?.parts[0]).toMatchObject({ type: 'other', name: 'odd' });
    expect(call.output).toHaveLength(1);
    const results = `${'{"type":"tool_result","content":['.repeat(40_000)}${']}'.repeat(40_000)}`;
    expect(readCall(fixture('anthropic/error-529').exchange, utf8(`{"max_tokens":1,"messages":[{"role":"user","content":[${results}]}]}`)).input).toHaveLength(1);
  });

  test('more parts than anyone sends are not parsed, and that is said', () => {
    const { exchange } = fixture('openai-chat/plain-audio');
    const asked = readCall(exchange, utf8(`{"model":"m","messages":[${'{},'.repeat(limits.jsonParts)}{}]}`));
    expect(asked).toMatchObject({ input: [], problems: ['The request has too many parts to be read.'] });
    const frame = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';
    const whole = readCall(exchange, undefined, utf8(`data: {"choices":[${'{},'.repeat(limits.frameParts)}{}]}\n\n${frame}`));
    expect(whole).toMatchObject({ output: [{ parts: [{ type: 'text', text: 'a' }] }], problems: ['The response has too many parts to be read whole.'] });
    const [beginning] = readCall(exchange, undefined, utf8(frame.repeat(limits.responseParts / 4))).output;
    expect(beginning?.parts[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/^a{300000,499999}$/) });
  }, 30_000);

  test('a body that breaks off is given up after some lines, one in lines is read to its end', () => {
    const { exchange } = fixture('openai-chat/stream-text');
    const parse = vi.spyOn(JSON, 'parse');
    expect(readCall(exchange, undefined, utf8(`{"choices":[\n${'123,\n'.repeat(limits.jsonParts)}`))).toMatchObject({ output: [], problems: expect.arrayContaining([expect.stringMatching(/breaks off/)]) });
    expect(parse.mock.calls.length).toBeLessThan(2 * limits.brokenLines);
    parse.mockRestore();
    const [answer] = readCall(exchange, undefined, utf8('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n'.repeat(5000))).output;
    expect(answer?.parts[0]).toMatchObject({ text: 'a'.repeat(5000) });
  });

  test('braces and lines within strings are no parts', () => {
    const code = '{[\n"'.repeat(limits.jsonParts);
    expect(readCall(fixture('openai-chat/plain-audio').exchange, utf8(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: code }] }))).input[0]?.parts).toEqual([{ type: 'text', text: code }]);
  });

  test('keys of Object.prototype are data', () => {
    const { exchange } = fixture('openai-chat/plain-audio');
    const call = readCall(exchange, utf8('{"messages":[{"role":"user","content":"x"}],"__proto__":{"polluted":1},"constructor":2}'),
      utf8('{"id":"c","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"constructor"}],"usage":{"__proto__":{"polluted":1,"completion_tokens":7},"prompt_tokens":1}}'));
    expect(call.usage).toEqual({ input: 1, output: 0, total: 1 });
    expect(Object.keys(call.parameters)).toEqual(['__proto__', 'constructor']);
    expect(call.finish).toEqual({ raw: 'constructor', reason: 'other' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each([1.5, 1e308, -1, 2 ** 53, '7', null])('%s tokens are no count', (tokens) => {
    const { usage } = readCall(fixture('openai-chat/plain-audio').exchange, undefined, utf8(JSON.stringify({ id: 'c', choices: [], usage: { prompt_tokens: 5, completion_tokens: tokens, completion_tokens_details: { reasoning_tokens: tokens } } })));
    expect(usage).toEqual({ input: 5, output: 0, total: 5 });
  });

  test('twenty thousand choices, calls and blocks are read in one go', () => {
    const body = { id: 'c', choices: many((index) => ({ index, message: { content: 'x' } })) };
    expect(readCall(fixture('openai-chat/plain-audio').exchange, undefined, utf8(JSON.stringify(body))).output).toHaveLength(20_000);
    const calls = { id: 'c', choices: [{ index: 0, message: { tool_calls: many((index) => ({ id: `c${index}`, function: { name: 'f', arguments: '{}' } })), images: many(() => ({ image_url: 'https://x.example' })) } }] };
    expect(readCall(fixture('openai-chat/plain-audio').exchange, undefined, utf8(JSON.stringify(calls))).output[0]?.parts).toHaveLength(40_000);
    const message = { type: 'message', content: many((index) => ({ type: 'tool_use', id: `t${index}`, name: 'f', input: {} })) };
    expect(readCall(fixture('anthropic/error-529').exchange, undefined, utf8(JSON.stringify(message))).output[0]?.parts).toHaveLength(20_000);
  });

  test('endless nonsense names a bounded number of problems', () => {
    const { exchange } = fixture('openai-chat/stream-text');
    const fold = startFold(exchange, undefined);
    for (let index = 0; index < 5000; index += 1) feedFold(fold, utf8(`data: {nonsense ${index}\n\n`));
    endFold(fold);
    expect(callOf(fold).problems).toHaveLength(limits.problems);
  });
});

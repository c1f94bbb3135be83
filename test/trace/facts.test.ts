import { describe, expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { previewOf } from '../../lib/trace/preview.ts';
import { fixture } from '../fixtures/fixture.ts';

describe('facts of a call', () => {
  test('what a row shows: words of the user, the system and the answer, tools, finish', () => {
    const { exchange, expected } = fixture('anthropic/request-of-all-blocks');
    expect(factsOf(exchange, expected)).toMatchObject({
      dialect: 'anthropic', modelAsked: 'claude-sonnet-4-5', userPreview: 'Go on', systemPreview: 'You are Trip Planner.', replyPreview: '20 degrees',
      toolCalls: [{ id: 'toolu_3', name: 'get_weather', preview: 'city: "Oslo"' }],
      toolResults: [{ id: 'toolu_1', isError: false }, { id: 'toolu_2', isError: true }], continuesLoop: true, messageCount: 4,
    });
  });

  test('the end of the request tells whether a loop goes on', () => {
    const { exchange, expected } = fixture('openai-chat/request-of-all-parts');
    expect(factsOf(exchange, expected)).toMatchObject({ continuesLoop: true, toolResults: [{ id: 'c1', isError: false }, { id: 'c2', isError: false }], userPreview: 'Look' });
    const plain = fixture('openai-chat/plain-reasoning-content');
    expect(factsOf(plain.exchange, plain.expected)).toMatchObject({ continuesLoop: false, toolResults: [] });
  });

  test('the first token was there when the chunk that completed it was read', () => {
    const { exchange, expected, response } = fixture('openai-chat/stream-text');
    const byte = expected.firstTokenByte ?? 0;
    const read = { ends: [10, byte - 1, byte + 5, response.length], times: [30, 40, 55.5, 90] };
    expect(factsOf(exchange, expected, read).firstTokenMs).toBe(55.5);
    expect(factsOf(exchange, expected, { ends: [10, byte], times: [30, 40] }).firstTokenMs).toBe(40);
    expect(factsOf(exchange, expected, { ends: [10], times: [30] }).firstTokenMs).toBeUndefined();
    expect(factsOf(exchange, expected).firstTokenMs).toBeUndefined();
  });

  test('the preview of a growing reply stays once it is full; the end has the last word', () => {
    const { exchange, expected } = fixture('openai-chat/stream-text');
    const saying = (text: string): typeof expected => ({ ...expected, output: [{ role: 'assistant', parts: [{ type: 'text', text }] }] });
    const { end, ...running } = exchange;
    const short = factsOf(running, saying('It begins'));
    expect(short.replyPreview).toBe('It begins');
    const full = factsOf({ ...running, facts: short }, saying(`It begins ${'and goes on '.repeat(20)}`));
    expect(full.replyPreview).toMatch(/^It begins and goes on .*…$/);
    expect(factsOf({ ...running, facts: full }, saying('Another answer')).replyPreview).toBe(full.replyPreview);
    expect(factsOf({ ...running, end, facts: full }, saying('Another answer')).replyPreview).toBe('Another answer');
  });

  test('names, ids and counts are bounded, whatever the wire has', () => {
    const long = 'n'.repeat(1e6);
    const calls = Array.from({ length: 50_000 }, (_, index) => ({ type: 'tool_call' as const, id: `${index}${long.slice(0, 300)}`, name: index < 200 ? 'n'.repeat(2e3) : 'n', arguments: '{}' }));
    const results = calls.map(({ id }) => ({ type: 'tool_result' as const, id, text: 'r' }));
    const { exchange, expected } = fixture('openai-chat/plain-audio');
    const facts = factsOf(exchange, {
      ...expected, modelAsked: long, modelAnswered: long, responseId: long, requestId: long, finish: { raw: long, reason: 'other' }, error: { type: long, message: 'm' },
      input: [{ role: 'user', parts: [{ type: 'text', text: long }] }, { role: 'assistant', parts: calls }, { role: 'tool', parts: results }], output: [{ role: 'assistant', parts: calls }],
    });
    expect(facts.toolCalls).toHaveLength(limits.toolCalls);
    expect(facts.toolResults).toHaveLength(limits.toolCalls);
    expect(JSON.stringify(facts).length).toBeLessThan(128 * 1024);
  });

  test('parameters and arguments nested without end are read', () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`;
    const { exchange, expected } = fixture('openai-chat/plain-audio');
    const call = { type: 'tool_call' as const, id: 'c', name: 't', arguments: `{"x":${deep}}` };
    const facts = factsOf(exchange, { ...expected, parameters: { x: JSON.parse(deep) as unknown }, input: [{ role: 'user', parts: [{ type: 'text', text: 'x' }] }, { role: 'assistant', parts: [call] }], output: [{ role: 'assistant', parts: [call] }] });
    expect(facts.toolCalls[0]?.preview).toMatch(/^\{"x":\[\[/);
    expect(facts.seeks).toContainEqual(expect.stringMatching(/^request:/));
  });

  test('an image alone is named', () => {
    const { exchange, expected } = fixture('openai-chat/plain-audio');
    const call = { ...expected, input: [{ role: 'user', parts: [{ type: 'media' as const, modality: 'image' as const, url: 'data:image/png;base64,iVBO' }] }] };
    expect(factsOf(exchange, call).userPreview).toBe('[image]');
  });
});

describe('preview', () => {
  test('one line, unchanged where it fits', () => {
    expect(previewOf('  a\n\tb  ')).toBe('a b');
    expect(previewOf('x'.repeat(limits.previewLength))).toBe('x'.repeat(limits.previewLength));
  });

  test.each([['👩‍👩‍👧‍👦', 'a family of four people'], ['e\u0301', 'an accent of its own'], ['🇵🇹', 'a flag']])('%s (%s) is never cut', (cluster) => {
    for (let before = 0; before < 12; before += 1) {
      const preview = previewOf('x'.repeat(limits.previewLength - before) + cluster.repeat(50));
      expect(preview.length).toBeLessThanOrEqual(limits.previewLength);
      expect(preview).toMatch(new RegExp(`^x+(?:${cluster})*…$`));
    }
  });

  test('a very long text is not read whole', () => {
    expect(previewOf(`${' '.repeat(100)}word ${'y'.repeat(1_000_000)}`)).toBe(`word ${'y'.repeat(limits.previewLength - 6)}…`);
  });
});

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

import { expect, test } from 'vitest';
import { readCall } from '../../lib/trace/fold.ts';
import { fixture } from '../fixtures/fixture.ts';

/** What `logprobs: true, top_logprobs: 20` brings for each token of an answer.
 *  https://platform.openai.com/docs/api-reference/chat/object */
function likely(index: number): object {
  const token = { token: ` word${index}`, logprob: -0.25, bytes: [...new TextEncoder().encode(` word${index}`)] };
  return { ...token, top_logprobs: Array.from({ length: 20 }, () => token) };
}

function answerOf(tokens: number): object {
  const content = Array.from({ length: tokens }, (_, index) => ` word${index}`).join('');
  return {
    id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-test',
    choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: { content: Array.from({ length: tokens }, (_, index) => likely(index)) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: tokens, total_tokens: 9 + tokens },
  };
}

test.each([['500 tokens, a line for each byte', 500, 2], ['5,000 tokens', 5000, 0]])('an answer with the likeliest tokens is read: %s', (_, tokens, indent) => {
  const call = readCall(fixture('openai-chat/plain-audio').exchange, undefined, new TextEncoder().encode(JSON.stringify(answerOf(tokens), null, indent)));
  expect(call).toMatchObject({ usage: { input: 9, output: tokens }, finish: { reason: 'stop' }, problems: [] });
  expect(call.output[0]?.parts[0]).toMatchObject({ type: 'text', text: expect.stringMatching(new RegExp(` word${tokens - 1}$`)) });
});

/** Small exchanges of our own, in the form of recorded ones. */
import type { Row } from './rows.ts';

export const row = (url: string, request: unknown, response: unknown, more: Partial<Row> = {}): Row => ({
  kind: 'recorded', source: '', provider: '', scenario: '', order: 0, method: 'POST', framing: 'none', status: 200, url, request_headers: {}, response_headers: {},
  request_body: typeof request === 'string' ? request : JSON.stringify(request), response_body: typeof response === 'string' ? response : JSON.stringify(response), ...more,
});

const ask = { model: 'gpt-test', messages: [{ role: 'user', content: 'Capital of France?' }] };
const chunk = (delta: unknown, more: object = {}): string => `data: ${JSON.stringify({ model: 'gpt-test-1', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;

export const chat = row('https://api.example/v1/chat/completions', ask, {
  model: 'gpt-test-1', choices: [{ index: 0, message: { role: 'assistant', content: 'Paris.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, completion_tokens_details: { reasoning_tokens: 1 } },
});
export const chatStream = row('http://localhost:11434/v1/chat/completions', { ...ask, stream: true }, `${chunk({ content: 'Par' })}${chunk({ content: 'is' })}${chunk({}, { finish_reason: 'stop' })}data: [DONE]\n\n`, { framing: 'sse' });
export const chatError = row('https://api.example/v1/chat/completions', ask, { error: { message: 'Slow down', type: 'rate_limit' } }, { status: 429 });
export const claude = row('https://proxy.example/anthropic/v1/messages?beta=true', { model: 'claude-test', max_tokens: 10, messages: ask.messages }, {
  type: 'message', role: 'assistant', model: 'claude-test-1', content: [{ type: 'text', text: 'Paris' }], stop_reason: 'max_tokens', usage: { input_tokens: 5, cache_read_input_tokens: 20, output_tokens: 1 },
});
export const responseOnly = { ...chatStream, kind: 'response_only', request_body: null };
export const modelList = row('https://api.example/v1/models', '', { data: [] }, { method: 'GET' });
export const tokenCount = row('https://api.example/v1/messages/count_tokens', ask, { input_tokens: 9 });
export const picture = row('https://api.example/v1/images/generations', { prompt: 'a cat' }, { data: [{ url: 'https://x.example' }] });
/** has all that a call has, and is answered as none is */
export const estimate = row('https://api.example/v1/estimate', ask, { price: 0.1 });

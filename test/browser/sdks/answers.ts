/** What the model server answers to the SDKs where its mock would not say the same twice: small bodies of our own. */
import type { ModelServer } from '../../lab/model-server.ts';
import { fixture } from '../../fixtures/fixture.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const json = (value: unknown) => ({ headers: JSON_TYPE, body: JSON.stringify(value) });
const recorded = (name: string, type: string) => ({ headers: { 'content-type': type }, body: fixture(name).response });

const base64 = (...numbers: number[]): string => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
const completion = (message: object, finish: string) => json({
  id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-5-mini-2025-08-07', choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 },
});

/** Each once, in the order of `uses` in page.ts. The streams of chat completions and messages are the mock's own. */
export function answerSdks(models: ModelServer): void {
  models.replay({ path: '/v1/responses', ...json({
    id: 'resp_1', object: 'response', created_at: 1, status: 'completed', error: null, incomplete_details: null, instructions: null, model: 'gpt-5-mini-2025-08-07', tools: [], parallel_tool_calls: true,
    output: [
      { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'I look.', annotations: [] }] },
      { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Lisbon"}' },
    ],
    usage: { input_tokens: 20, input_tokens_details: { cached_tokens: 0 }, output_tokens: 9, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 29 },
  }) });
  models.replay({ path: '/v1/responses', ...recorded('openai-responses/stream-text', 'text/event-stream'), cuts: [100, 333, 700] });
  models.replay({ path: '/v1/responses', status: 429, ...json({ error: { message: 'Slow down.', type: 'rate_limit_error', code: 'rate_limit_exceeded' } }) });
  models.replay({ path: '/v1/embeddings', ...json({ object: 'list', model: 'text-embedding-3-small', data: [[0.5, -0.25, 1], [0.125, 2, -1]].map((numbers, index) => ({ object: 'embedding', index, embedding: base64(...numbers) })), usage: { prompt_tokens: 2, total_tokens: 2 } }) });
  for (const version of ['v1', 'v1beta']) {
    models.replay({ path: `/${version}/models/gemini-2.5-flash:generateContent`, ...json({
      candidates: [{ content: { role: 'model', parts: [{ text: 'I look.' }, { functionCall: { name: 'get_weather', args: { city: 'Lisbon' } } }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 }, modelVersion: 'gemini-2.5-flash', responseId: 'r1',
    }) });
    models.replay({ path: `/${version}/models/gemini-2.5-flash:streamGenerateContent`, ...recorded('gemini/stream-text', 'text/event-stream'), cuts: [77, 150, 400] });
  }
  models.replay({ path: '/api/chat', ...recorded('ollama/stream-text-crlf', 'application/x-ndjson'), cuts: [90, 131, 200] });
  models.replay({ path: '/api/embed', ...recorded('ollama-embed/list', 'application/json') });
}

/** Two steps of a loop; the first asks for the tool. */
export function answerToolLoop(models: ModelServer): void {
  models.replay({ path: '/v1/chat/completions', ...completion({ content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Lisbon"}' } }] }, 'tool_calls') });
  models.replay({ path: '/v1/chat/completions', ...completion({ content: 'It is 21 degrees.' }, 'stop') });
}

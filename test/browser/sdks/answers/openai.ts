/** OpenAI: chat completions, and what the AI SDK asks for under their name. */
import { json, piecesOf, PLAN, sse, thenBreaksOff, thenWaits, WEATHER, type Answer } from './answer.ts';

const PATH = '/v1/chat/completions';
const MODEL = 'gpt-5-mini-2025-08-07';

const completion = (id: string, message: object, finish: string, usage: object): Answer => json(PATH, {
  id, object: 'chat.completion', created: 1, model: MODEL, choices: [{ index: 0, message: { role: 'assistant', refusal: null, ...message }, logprobs: null, finish_reason: finish }], usage,
});
const chunk = (id: string, delta: object, finish: string | null = null): object => ({ id, object: 'chat.completion.chunk', created: 1, model: MODEL, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null });
const stream = (id: string, deltas: readonly object[], finish: string, usage: object): Answer => sse(PATH, [
  chunk(id, { role: 'assistant', content: '' }), ...deltas.map((delta) => chunk(id, delta)), chunk(id, {}, finish),
  { id, object: 'chat.completion.chunk', created: 1, model: MODEL, choices: [], usage }, '[DONE]',
]);
const said = (text: string): object[] => piecesOf(text).map((content) => ({ content }));
const called = (index: number, id: string, name: string, given: string): object[] => [
  { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
  ...piecesOf(given).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
];
const usage = (prompt: number, completion: number, more: object = {}): object => ({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, ...more });

const twoCalls = (ids: readonly [string, string]): object[] => [
  ...called(0, ids[0], 'get_weather', '{"city":"Lisbon","days":[1,2,3],"unit":"°C"}'),
  ...called(1, ids[1], 'get_weather', '{"city":"Tromsø","note":"“snow” 🌨 on every day of the week"}'),
];

const base64 = (...numbers: number[]): string => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');

export const openaiAnswers = {
  openaiChat: [completion('chatcmpl-a1', { content: PLAN }, 'length', usage(1304, 512, { prompt_tokens_details: { cached_tokens: 1024 }, completion_tokens_details: { reasoning_tokens: 192 } }))],
  openaiChatStream: [stream('chatcmpl-a2', said(PLAN), 'stop', usage(31, 207))],
  openaiChatToolLoop: [
    stream('chatcmpl-a3', [...said('I look it up: two cities.'), ...twoCalls(['call_Q1', 'call_Q2'])], 'tool_calls', usage(88, 41)),
    stream('chatcmpl-a4', said(WEATHER), 'stop', usage(160, 58)),
  ],
  openaiChatRefused: [json(PATH, { error: { message: 'Invalid value: 9 – “temperature” ends at 2.', type: 'invalid_request_error', param: 'temperature', code: 'decimal_above_max_value' } }, 400)],
  openaiChatAborted: [thenWaits(sse(PATH, [chunk('chatcmpl-a5', { role: 'assistant', content: 'Day one – Alfama,' })]))],
  openaiChatLeft: [thenWaits(sse(PATH, [chunk('chatcmpl-a8', { role: 'assistant', content: 'Day one – Sintra,' })]))],
  openaiChatRaw: [thenWaits(sse(PATH, [chunk('chatcmpl-a9', { role: 'assistant', content: 'Day one – Bairro Alto,' })]))],
  openaiChatCut: [thenBreaksOff(sse(PATH, [chunk('chatcmpl-a6', { role: 'assistant', content: 'Day one – Belém,' })]))],
  openaiChatFails: [sse(PATH, [chunk('chatcmpl-a7', { role: 'assistant', content: '' }), ...said(PLAN).map((delta) => chunk('chatcmpl-a7', delta)), { error: { message: 'The server had an error – sorry about that!', type: 'server_error', param: null, code: null } }])],
  openaiEmbeddings: [json('/v1/embeddings', {
    object: 'list', model: 'text-embedding-3-small', usage: { prompt_tokens: 7, total_tokens: 7 },
    data: [[0.5, -0.25, 1, 3], [0.125, 2, -1, 4], [1, 2, 3, 4]].map((numbers, index) => ({ object: 'embedding', index, embedding: base64(...numbers) })),
  })],
  aiSdkChatStream: [stream('chatcmpl-b1', said(PLAN), 'length', usage(19, 101))],
  aiSdkChatToolLoop: [
    stream('chatcmpl-b2', twoCalls(['call_B1', 'call_B2']), 'tool_calls', usage(71, 33)),
    stream('chatcmpl-b3', said(WEATHER), 'stop', usage(131, 57)),
  ],
  aiSdkRefused: [json('/v1/responses', { error: { message: 'You exceeded your current quota – see “Billing”.', type: 'insufficient_quota', param: null, code: 'insufficient_quota' } }, 429)],
} satisfies Record<string, Answer[]>;

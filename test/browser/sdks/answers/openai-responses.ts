/** OpenAI Responses: whole, or as the events that build the same items. */
import { json, piecesOf, PLAN, sse, thenBreaksOff, thenWaits, THOUGHT, WEATHER, type Answer } from './answer.ts';

const PATH = '/v1/responses';

type Item = { id: string } & ({ type: 'message'; text: string } | { type: 'function_call'; call_id: string; name: string; arguments: string } | { type: 'reasoning'; text: string });

const textPart = (text: string): object => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const wireOf = (item: Item): object => {
  if (item.type === 'message') return { id: item.id, type: 'message', status: 'completed', role: 'assistant', content: [textPart(item.text)] };
  if (item.type === 'reasoning') return { id: item.id, type: 'reasoning', summary: [{ type: 'summary_text', text: item.text }] };
  return { ...item, status: 'completed' };
};

function response(id: string, items: readonly Item[], usage: object | null, more: object = {}): object {
  return {
    id, object: 'response', created_at: 1, status: usage === null ? 'in_progress' : 'completed', error: null, incomplete_details: null, instructions: null, max_output_tokens: null, model: 'gpt-5-mini-2025-08-07',
    output: items.map(wireOf), parallel_tool_calls: true, previous_response_id: null, reasoning: { effort: null, summary: null }, store: true, temperature: 1, text: { format: { type: 'text' } }, tool_choice: 'auto', tools: [],
    top_p: 1, truncation: 'disabled', usage, user: null, metadata: {}, ...more,
  };
}

/** What builds one item. */
function eventsOf(item: Item, output_index: number): object[] {
  const at = { item_id: item.id, output_index };
  const done = { type: 'response.output_item.done', output_index, item: wireOf(item) };
  if (item.type === 'function_call') {
    return [
      { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress', arguments: '' } },
      ...piecesOf(item.arguments).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
      { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments }, done,
    ];
  }
  if (item.type === 'reasoning') {
    const part = { ...at, summary_index: 0 };
    return [
      { type: 'response.output_item.added', output_index, item: { id: item.id, type: 'reasoning', summary: [] } },
      { type: 'response.reasoning_summary_part.added', ...part, part: { type: 'summary_text', text: '' } },
      ...piecesOf(item.text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...part, delta })),
      { type: 'response.reasoning_summary_text.done', ...part, text: item.text },
      { type: 'response.reasoning_summary_part.done', ...part, part: { type: 'summary_text', text: item.text } }, done,
    ];
  }
  const part = { ...at, content_index: 0 };
  return [
    { type: 'response.output_item.added', output_index, item: { id: item.id, type: 'message', status: 'in_progress', role: 'assistant', content: [] } },
    { type: 'response.content_part.added', ...part, part: textPart('') },
    ...piecesOf(item.text).map((delta) => ({ type: 'response.output_text.delta', ...part, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...part, text: item.text, logprobs: [] },
    { type: 'response.content_part.done', ...part, part: textPart(item.text) }, done,
  ];
}

const numbered = (events: readonly object[]): object[] => events.map((event, sequence_number) => ({ ...event, sequence_number }));
const begun = (id: string): object[] => ['created', 'in_progress'].map((step) => ({ type: `response.${step}`, response: response(id, [], null) }));

const whole = (id: string, items: readonly Item[], usage: object, more?: object): Answer => json(PATH, response(id, items, usage, more));
const stream = (id: string, items: readonly Item[], usage: object, more?: object): Answer => sse(PATH, numbered([
  ...begun(id), ...items.flatMap(eventsOf), { type: more === undefined ? 'response.completed' : 'response.incomplete', response: response(id, items, usage, more) },
]));
/** Its first words, and no more. */
const started = (id: string, text: string): Answer => sse(PATH, numbered([...begun(id), ...eventsOf({ id: `msg_${id}`, type: 'message', text }, 0).slice(0, 3)]));

const usage = (input: number, output: number, cached = 0, reasoning = 0): object =>
  ({ input_tokens: input, input_tokens_details: { cached_tokens: cached }, output_tokens: output, output_tokens_details: { reasoning_tokens: reasoning }, total_tokens: input + output });
const message = (id: string, text: string): Item => ({ id, type: 'message', text });
const weather = (id: string, call_id: string, given: string): Item => ({ id, type: 'function_call', call_id, name: 'get_weather', arguments: given });
const LISBON = '{"city":"Lisbon","days":[1,2,3]}';
const TROMSO = '{"city":"Tromsø","note":"“snow” 🌨 on every day of the week"}';

export const responsesAnswers = {
  responses: [whole('resp_a1', [{ id: 'rs_a1', type: 'reasoning', text: THOUGHT }, message('msg_a1', PLAN)], usage(1820, 640, 1536, 320))],
  responsesStream: [stream('resp_a2', [{ id: 'rs_a2', type: 'reasoning', text: THOUGHT }, message('msg_a2', PLAN)], usage(24, 199, 0, 64), { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })],
  responsesToolLoop: [
    stream('resp_a3', [message('msg_a3', 'I look it up: two cities.'), weather('fc_a3', 'call_R1', LISBON), weather('fc_a4', 'call_R2', TROMSO)], usage(61, 44)),
    whole('resp_a4', [message('msg_a4', WEATHER)], usage(140, 52)),
  ],
  responsesKept: [
    whole('resp_a5', [weather('fc_a5', 'call_R3', LISBON)], usage(50, 20)),
    stream('resp_a6', [message('msg_a6', WEATHER)], usage(90, 50), undefined),
    whole('resp_a7', [message('msg_a7', PLAN)], usage(210, 205)),
  ],
  responsesRefused: [json(PATH, { error: { message: 'Rate limit reached for gpt-5-mini – try again in 20 s.', type: 'tokens', param: null, code: 'rate_limit_exceeded' } }, 429)],
  responsesFails: [sse(PATH, numbered([...begun('resp_aA'), ...eventsOf({ id: 'msg_aA', type: 'message', text: PLAN }, 0).slice(0, -3), {
    type: 'response.failed', response: response('resp_aA', [], null, { status: 'failed', error: { code: 'server_error', message: 'The server had an error – sorry about that!' } }),
  }]))],
  responsesAborted: [thenWaits(started('resp_a8', 'Day one – A'))],
  responsesCut: [thenBreaksOff(started('resp_a9', 'Day one – B'))],
  aiSdk: [whole('resp_b1', [message('msg_b1', PLAN)], usage(33, 205))],
  aiSdkStream: [stream('resp_b2', [{ id: 'rs_b2', type: 'reasoning', text: THOUGHT }, message('msg_b2', PLAN)], usage(1900, 260, 1024, 64))],
  aiSdkToolLoop: [
    whole('resp_b3', [message('msg_b3', 'I look it up.'), weather('fc_b3', 'call_S1', LISBON), weather('fc_b4', 'call_S2', TROMSO)], usage(61, 44)),
    whole('resp_b4', [message('msg_b4', WEATHER)], usage(140, 52)),
  ],
  aiSdkAborted: [thenWaits(started('resp_b5', 'Day one – C'))],
} satisfies Record<string, Answer[]>;

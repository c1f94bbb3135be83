/** Anthropic Messages. */
import { json, piecesOf, PLAN, sse, thenBreaksOff, thenWaits, THOUGHT, WEATHER, type Answer } from './answer.ts';

const PATH = '/v1/messages';

type Block = { type: 'text'; text: string } | { type: 'thinking'; thinking: string; signature: string } | { type: 'tool_use'; id: string; name: string; input: object };
interface Counts { input_tokens: number; output_tokens: number; cache_creation_input_tokens?: number; cache_read_input_tokens?: number }

const message = (id: string, content: readonly Block[], stop_reason: string | null, usage: Counts): object =>
  ({ id, type: 'message', role: 'assistant', model: 'claude-sonnet-4-6-20260217', content, stop_reason, stop_sequence: null, usage: { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, ...usage, service_tier: 'standard' } });
const start = (id: string, usage: Counts): object => ({ type: 'message_start', message: message(id, [], null, { ...usage, output_tokens: 2 }) });

function eventsOf(block: Block, index: number): object[] {
  const delta = (delta: object): object => ({ type: 'content_block_delta', index, delta });
  const [empty, deltas] = block.type === 'text' ? [{ type: 'text', text: '' }, piecesOf(block.text).map((text) => delta({ type: 'text_delta', text }))]
    : block.type === 'thinking' ? [{ type: 'thinking', thinking: '', signature: '' }, [...piecesOf(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })), delta({ type: 'signature_delta', signature: block.signature })]]
    : [{ ...block, input: {} }, ['', ...piecesOf(JSON.stringify(block.input))].map((partial_json) => delta({ type: 'input_json_delta', partial_json }))];
  return [{ type: 'content_block_start', index, content_block: empty }, ...deltas, { type: 'content_block_stop', index }];
}

const stream = (id: string, content: readonly Block[], stop_reason: string, usage: Counts): Answer => sse(PATH, [
  start(id, usage), { type: 'ping' }, ...content.flatMap(eventsOf),
  { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: usage.output_tokens } }, { type: 'message_stop' },
]);
/** Its first words, and no more. */
const started = (id: string, text: string): Answer => sse(PATH, [start(id, { input_tokens: 12, output_tokens: 2 }), ...eventsOf({ type: 'text', text }, 0).slice(0, 2)]);

const thinking: Block = { type: 'thinking', thinking: THOUGHT, signature: 'EqQBCgIYAhIM' };

export const anthropicAnswers = {
  anthropic: [json(PATH, message('msg_01A', [{ type: 'text', text: PLAN }], 'max_tokens', { input_tokens: 40, output_tokens: 209, cache_creation_input_tokens: 300, cache_read_input_tokens: 1100 }))],
  anthropicStream: [stream('msg_01B', [thinking, { type: 'text', text: PLAN }], 'end_turn', { input_tokens: 25, output_tokens: 311, cache_read_input_tokens: 900 })],
  anthropicToolLoop: [
    stream('msg_01C', [
      thinking, { type: 'text', text: 'I look it up: two cities.' },
      { type: 'tool_use', id: 'toolu_01A', name: 'get_weather', input: { city: 'Lisbon', days: [1, 2, 3], unit: '°C' } },
      { type: 'tool_use', id: 'toolu_01B', name: 'get_weather', input: { city: 'Tromsø', note: '“snow” 🌨 on every day of the week' } },
    ], 'tool_use', { input_tokens: 420, output_tokens: 120 }),
    json(PATH, message('msg_01D', [{ type: 'text', text: WEATHER }], 'end_turn', { input_tokens: 610, output_tokens: 60 })),
  ],
  anthropicRefused: [json(PATH, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded – try again later.' }, request_id: 'req_011A' }, 529)],
  anthropicFails: [sse(PATH, [start('msg_01G', { input_tokens: 12, output_tokens: 2 }), ...eventsOf({ type: 'text', text: PLAN }, 0).slice(0, -1), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded – in the middle of it.' } }])],
  anthropicAborted: [thenWaits(started('msg_01E', 'Day one – A'))],
  anthropicLeft: [thenWaits(started('msg_01H', 'Day one – C'))],
  anthropicCut: [thenBreaksOff(started('msg_01F', 'Day one – B'))],
} satisfies Record<string, Answer[]>;

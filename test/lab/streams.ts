/** Long plain streams of both dialects, as recordings to replay: `chunks` text deltas, one event a write. */
import type { Recording } from './replay.ts';

export interface StreamShape {
  dialect: 'openai' | 'anthropic';
  chunks: number;
  intervalMs?: number;
  /** Text of delta n; the default tells its own number, so that a lost one shows. */
  text?: (n: number) => string;
}

const numbered = (n: number): string => `word-${n} `;
const openaiEvent = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const anthropicEvent = (data: { type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

function openaiEvents(chunks: number, text: (n: number) => string): string[] {
  const frame = (delta: object, finish: string | null = null): string => openaiEvent({
    id: 'chatcmpl-stream', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-5-mini',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const deltas = Array.from({ length: chunks }, (_, n) => frame({ content: text(n) }));
  return [frame({ role: 'assistant', content: '' }), ...deltas, frame({}, 'stop'), openaiEvent('[DONE]')];
}

function anthropicEvents(chunks: number, text: (n: number) => string): string[] {
  const deltas = Array.from({ length: chunks }, (_, n) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: text(n) } }));
  const before = [
    { type: 'message_start', message: { id: 'msg_stream', type: 'message', role: 'assistant', model: 'claude-sonnet-4-6', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 12, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ];
  const after = [
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: chunks } },
    { type: 'message_stop' },
  ];
  return [...before, ...deltas, ...after].map((data) => anthropicEvent(data));
}

export function longStream({ dialect, chunks, intervalMs = 0, text = numbered }: StreamShape): Recording & { body: Uint8Array } {
  const events = (dialect === 'openai' ? openaiEvents : anthropicEvents)(chunks, text).map((event) => Buffer.from(event));
  let end = 0;
  const cuts = events.map((event) => (end += event.length));
  return { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: Buffer.concat(events), cuts, delaysMs: intervalMs };
}

/** Plain chats: streamed by either SDK, or answered whole. */
import type { ChatCompletionMessageParam } from 'openai/resources';
import type { Clients } from './clients.ts';
import type { Conversation } from './conversation.ts';

export const SYSTEM = 'You are Wayfarer, a calm and practical trip planner. Prefer trains, local food and late mornings. Be brief.';
export const OPENAI_MODEL = 'gpt-5-mini';
export const ANTHROPIC_MODEL = 'claude-sonnet-4-6';

/** One scenario's surroundings. `history` is the conversation as the next OpenAI call would send it. */
export interface Stage { clients: Clients; conversation: Conversation; history: ChatCompletionMessageParam[]; signal: AbortSignal }

/** One turn of the ongoing conversation: streams the answer and remembers both sides. */
export async function streamOpenai({ clients, conversation, history, signal }: Stage, words: string): Promise<void> {
  if (history.length === 0) history.push({ role: 'system', content: SYSTEM });
  history.push({ role: 'user', content: words });
  conversation.add({ kind: 'user', text: words });
  const fill = conversation.add({ kind: 'answer', text: '', model: OPENAI_MODEL });
  const stream = await clients.openai.chat.completions.create({ model: OPENAI_MODEL, messages: history, stream: true, stream_options: { include_usage: true } }, { signal });
  let answer = '';
  for await (const chunk of stream) fill({ text: answer += chunk.choices[0]?.delta.content ?? '' });
  history.push({ role: 'assistant', content: answer });
}

export async function streamAnthropic({ clients, conversation, signal }: Stage, words: string): Promise<void> {
  conversation.add({ kind: 'user', text: words });
  const fill = conversation.add({ kind: 'answer', text: '', model: ANTHROPIC_MODEL });
  const stream = await clients.anthropic.messages.create({ model: ANTHROPIC_MODEL, max_tokens: 1024, system: SYSTEM, messages: [{ role: 'user', content: words }], stream: true }, { signal });
  let answer = '';
  for await (const event of stream) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') fill({ text: answer += event.delta.text });
  }
}

export async function askWhole({ clients, conversation, signal }: Stage, words: string): Promise<void> {
  conversation.add({ kind: 'user', text: words });
  const fill = conversation.add({ kind: 'answer', text: '', model: OPENAI_MODEL });
  const completion = await clients.openai.chat.completions.create({ model: OPENAI_MODEL, temperature: 0.7, messages: [{ role: 'system', content: SYSTEM }, { role: 'user', content: words }] }, { signal });
  fill({ text: completion.choices[0]?.message.content ?? '' });
}

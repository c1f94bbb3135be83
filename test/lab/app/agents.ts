/** Agents: call the model, run the tools it asks for, hand the results back, until it answers. */
import type Anthropic from '@anthropic-ai/sdk';
import type { ChatCompletionMessageParam } from 'openai/resources';
import { ANTHROPIC_MODEL, OPENAI_MODEL, SYSTEM } from './chats.ts';
import type { Stage } from './chats.ts';
import { toolNamed, useTool } from './tools.ts';
import type { ToolName } from './tools.ts';

const MAX_STEPS = 6;

export async function runOpenaiAgent({ clients, conversation, signal }: Stage, words: string): Promise<void> {
  conversation.add({ kind: 'user', text: words });
  const messages: ChatCompletionMessageParam[] = [{ role: 'system', content: SYSTEM }, { role: 'user', content: words }];
  const tools = (['search_flights', 'get_weather'] satisfies ToolName[]).map((name) => {
    const { description, parameters } = toolNamed(name);
    return { type: 'function' as const, function: { name, description, parameters: { ...parameters } } };
  });
  for (let step = 0; step < MAX_STEPS; step++) {
    const stream = clients.openai.chat.completions.stream({ model: OPENAI_MODEL, temperature: 0.2, messages, tools, stream_options: { include_usage: true } }, { signal });
    let fill: ReturnType<typeof conversation.add> | undefined;
    stream.on('content', (_delta, text) => {
      fill ??= conversation.add({ kind: 'answer', text, model: OPENAI_MODEL });
      fill({ text });
    });
    const message = (await stream.finalChatCompletion()).choices[0]?.message;
    if (!message) throw new Error('The model gave no answer');
    messages.push(message);
    const asked = (message.tool_calls ?? []).filter((call) => call.type === 'function');
    if (asked.length === 0) return;
    const results = await Promise.all(asked.map(async (call) => ({
      role: 'tool' as const, tool_call_id: call.id, content: await useTool(conversation, call.function.name, call.function.arguments, clients.speed),
    })));
    messages.push(...results);
  }
  throw new Error(`The agent did not finish in ${MAX_STEPS} steps`);
}

export async function runAnthropicAgent({ clients, conversation, signal }: Stage, words: string): Promise<void> {
  conversation.add({ kind: 'user', text: words });
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: words }];
  const { description, parameters } = toolNamed('convert_currency');
  const tools: Anthropic.Tool[] = [{ name: 'convert_currency', description, input_schema: parameters }];
  for (let step = 0; step < MAX_STEPS; step++) {
    const stream = clients.anthropic.messages.stream({ model: ANTHROPIC_MODEL, max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 1024 }, system: SYSTEM, messages, tools }, { signal });
    let think: ReturnType<typeof conversation.add> | undefined;
    let fill: ReturnType<typeof conversation.add> | undefined;
    stream.on('thinking', (_delta, text) => {
      think ??= conversation.add({ kind: 'thinking', text });
      think({ text });
    });
    stream.on('text', (_delta, text) => {
      fill ??= conversation.add({ kind: 'answer', text, model: ANTHROPIC_MODEL });
      fill({ text });
    });
    const message = await stream.finalMessage();
    messages.push({ role: 'assistant', content: message.content });
    const asked = message.content.filter((block) => block.type === 'tool_use');
    if (asked.length === 0) return;
    const results = await Promise.all(asked.map(async (call) => ({
      type: 'tool_result' as const, tool_use_id: call.id, content: await useTool(conversation, call.name, JSON.stringify(call.input), clients.speed),
    })));
    messages.push({ role: 'user', content: results });
  }
  throw new Error(`The agent did not finish in ${MAX_STEPS} steps`);
}

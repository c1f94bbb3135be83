/** A model call as a conversation: what is new in it stands open, what was said before is folded. Pure. */
import type { Message, ModelCall, Part } from '../model/call.ts';
import { resultOf } from '../trace/tool-results.ts';
import { tailOf } from '../trace/turns.ts';

export interface Conversation {
  /** system and developer messages at the head */ system: Message[];
  /** said in earlier calls */ earlier: Message[];
  /** what this call brought: the user's words, or tool calls with their results */ fresh: Message[];
  answer: Message[];
}

const isSystem = (message: Message): boolean => message.role === 'system' || message.role === 'developer';
const hasToolResult = (message: Message): boolean => message.parts.some((part) => part.type === 'tool_result');

/** Fresh is everything after the last assistant message; where that is tool results, the message that asked for them
 *  too, so that arguments and result are read together. One earlier message alone is not worth a fold. */
export function toConversation(call: Pick<ModelCall, 'input' | 'output'>): Conversation {
  const heads = call.input.findIndex((message) => !isSystem(message));
  const systemEnd = heads < 0 ? call.input.length : heads;
  const spoken = call.input.slice(systemEnd);
  // A request may end with the beginning of the answer (a prefill): that was not said before.
  const lastAnswer = spoken.findLastIndex((message, index) => message.role === 'assistant' && index < spoken.length - 1);
  const afterTools = lastAnswer >= 0 && spoken.slice(lastAnswer + 1).some(hasToolResult);
  const from = afterTools ? lastAnswer : lastAnswer + 1;
  const cut = from > 1 ? from : 0;
  return { system: call.input.slice(0, systemEnd), earlier: spoken.slice(0, cut), fresh: spoken.slice(cut), answer: call.output };
}

export type ToolResult = Extract<Part, { type: 'tool_result' }>;

/** Results by the id of their call, over all messages. Ids may repeat in one conversation; the first result wins, as
 *  each view only shows one call's stretch. */
export function resultsById(messages: readonly Message[]): Map<string, ToolResult> {
  const results = new Map<string, ToolResult>();
  for (const part of messages.flatMap((message) => message.parts)) {
    if (part.type === 'tool_result' && part.id !== undefined && !results.has(part.id)) results.set(part.id, part);
  }
  return results;
}

/** The tool call a TOOL span stands for (`toolIndex`-th of the answer) and its result in the follow-up. */
export function toolExchangeOf(asked: ModelCall, index: number, followUp: ModelCall | undefined): { call?: Extract<Part, { type: 'tool_call' }>; result?: ToolResult } {
  const calls = asked.output.flatMap((message) => message.parts).filter((part) => part.type === 'tool_call');
  return { call: calls[index], result: followUp && resultOf(calls, index, tailOf(followUp.input).results) };
}

/** Plain text of a message, for the clipboard. */
export function textOf(message: Message): string {
  return message.parts.map((part) => {
    if (part.type === 'tool_call') return `${part.name}(${part.arguments})`;
    if (part.type === 'media') return `[${part.modality}${part.name ? ` ${part.name}` : ''}]`;
    return part.type === 'other' ? part.json : part.text;
  }).join('\n\n');
}

/**
 * Anthropic Messages (https://docs.anthropic.com/en/api/messages), also on Vertex (`:rawPredict`) and behind gateways.
 *
 *   event: content_block_delta
 *   data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}
 *
 * Blocks are read in anthropic-blocks.ts, answers in anthropic-answer.ts.
 */
import type { Message, ToolDefinition } from '../model/call.ts';
import { startAnthropicAnswer } from './anthropic-answer.ts';
import { blocksToParts } from './anthropic-blocks.ts';
import { isObject, jsonOf, listOf, objectsOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import type { Reader } from './provider.ts';

export const match: Match = {
  dialect: 'anthropic',
  method: 'POST',
  pathEnds: ['/messages', ':rawPredict', ':streamRawPredict'],
  bodyKeys: ['messages', 'max_tokens'],
  shape: ['"messages"', '"role"', '"anthropic_version"'],
};

/** A server tool has a dated type and no description. */
function toolOf(tool: JsonObject): ToolDefinition {
  const description = textOf(tool['description']);
  return { name: textOf(tool['name']) ?? textOf(tool['type']) ?? '', ...(description === undefined ? {} : { description }), json: jsonOf(tool) };
}

/** What only this dialect says; a plain request looks like an OpenAI one. */
const isMarked = (body: JsonObject): boolean =>
  'anthropic_version' in body || 'system' in body || objectsOf(body['tools']).some((tool) => 'input_schema' in tool)
  || objectsOf(body['messages']).some((message) => objectsOf(message['content']).some(({ type }) => type === 'tool_use' || type === 'tool_result'));

/** Vertex names the model in the path. */
const modelIn = (url: string): string | undefined => /\/models\/([^/:?#]+)(?=:|%3A)/i.exec(url)?.[1];

export const reader: Reader = {
  dialect: match.dialect,
  system: 'anthropic',
  asks: (body, { headers }) => listOf(body['messages']).length > 0 && listOf(body['messages']).every((message) => isObject(message) && !('parts' in message))
    && (headers.some(([name]) => name.toLowerCase() === 'anthropic-version') || isMarked(body)),
  readRequest: (body, { url }) => {
    const modelAsked = textOf(body['model']) ?? modelIn(url);
    const system: Message[] = body['system'] === undefined ? [] : [{ role: 'system', parts: blocksToParts(body['system']) }];
    return {
      streaming: body['stream'] === true || /stream(?:raw)?predict/i.test(url.split('?')[0] ?? ''),
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['messages', 'tools', 'model', 'system']),
      input: [...system, ...objectsOf(body['messages']).map((message) => ({ role: textOf(message['role']) ?? 'user', parts: blocksToParts(message['content']) }))],
      tools: objectsOf(body['tools']).map(toolOf),
    };
  },
  // Every value has a type of its own; an error has the same shape everywhere and decides nothing.
  answers: ({ type }) => type === 'message' || type === 'message_start' || type === 'content_block_start' || type === 'content_block_delta',
  startAnswer: startAnthropicAnswer,
};

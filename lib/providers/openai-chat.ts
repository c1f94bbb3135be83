/**
 * OpenAI Chat Completions (https://platform.openai.com/docs/api-reference/chat) and the many servers that speak it.
 *
 *   data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06",
 *          "choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}
 *
 * Asked in openai-message.ts (messages), answered in openai-answer.ts (choices), counted in openai-usage.ts.
 */
import type { ToolDefinition } from '../model/call.ts';
import { isObject, jsonOf, listOf, objectOf, objectsOf, once, textOf, without } from './json.ts';
import type { Match } from './match.ts';
import { startOpenaiAnswer } from './openai-answer.ts';
import { requestMessage } from './openai-message.ts';
import { pathName } from './path-name.ts';
import type { Reader } from './provider.ts';
import { textInput } from './text-input.ts';

export const match: Match = {
  dialect: 'openai-chat',
  method: 'POST',
  pathEnds: ['/completions', '/openai'],
  bodyKeys: [['"messages"', '"prompt"']],
  shape: [], // at other paths `unknown` knows it
};

/** `function`, `custom`, or one that the host runs (`web_search`), which has only a type. */
const toolOf = once((tool): ToolDefinition => {
  const body = objectOf(tool['function'] ?? tool['custom'] ?? tool);
  const description = textOf(body['description']);
  return { name: textOf(body['name']) ?? textOf(tool['type']) ?? '', ...(description === undefined ? {} : { description }), json: jsonOf(tool) };
});

/** Azure names the model in the path. */
const deploymentIn = (url: string): string | undefined => pathName(/\/deployments\/([^/?#]+)/.exec(url)?.[1]);

/** A chat message has `content` or what stands in for it; `parts` belong to UI protocols. */
const isMessage = (value: unknown): boolean => isObject(value) && typeof value['role'] === 'string' && !('parts' in value);

export const reader: Reader = {
  dialect: match.dialect,
  system: 'openai',
  asks: (body) => listOf(body['messages']).length > 0 && listOf(body['messages']).every(isMessage),
  readRequest: (body, { url }) => {
    const modelAsked = textOf(body['model']) ?? deploymentIn(url);
    return {
      streaming: body['stream'] === true,
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['messages', 'prompt', 'tools', 'functions', 'model']),
      // The completions of the time before chat have a prompt, and answer in the same shape.
      input: [...textInput(body['prompt']), ...objectsOf(body['messages']).map(requestMessage)],
      tools: [...objectsOf(body['tools']), ...objectsOf(body['functions'])].map(toolOf),
    };
  },
  answers: (value) => Array.isArray(value['choices']),
  startAnswer: startOpenaiAnswer,
};

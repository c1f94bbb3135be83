/**
 * OpenAI embeddings (https://platform.openai.com/docs/api-reference/embeddings) and the many servers that speak it.
 *
 *   {"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023,-0.0093]}],
 *    "model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}
 *
 * A vector is a list of numbers, or base64 of its floats where the request says `encoding_format: "base64"`, as the
 * official client does unasked. The numbers stay in the raw body.
 */
import type { Usage } from '../model/call.ts';
import { countOf, isObject, jsonOf, objectOf, objectsOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import type { Answer, Reader } from './provider.ts';
import { textInput } from './text-input.ts';
import { vectorsRead } from './vectors.ts';

export const match: Match = {
  dialect: 'openai-embeddings',
  method: 'POST',
  pathEnds: ['/embeddings'],
  bodyKeys: [['"input"']],
  shape: [],
};

/** All tokens are input. Voyage tells the total alone. */
function usageOf(raw: JsonObject): Usage | undefined {
  const input = countOf(raw['prompt_tokens']) ?? countOf(raw['total_tokens']);
  return input === undefined ? undefined : { input, output: 0, total: input };
}

function startAnswer(): Answer {
  let read: ReturnType<typeof vectorsRead> | undefined;
  let usage: JsonObject = {};
  let modelAnswered: string | undefined;
  let responseId: string | undefined;

  return {
    take(value) {
      if (Array.isArray(value['data'])) read = vectorsRead(objectsOf(value['data']).map((item) => item['embedding']));
      if (isObject(value['usage'])) usage = value['usage'];
      modelAnswered = textOf(value['model']) ?? modelAnswered;
      responseId = textOf(value['id']) ?? responseId;
      return [];
    },
    read() {
      const counted = usageOf(usage);
      return {
        output: [], problems: [], ...read,
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(counted === undefined ? {} : { usage: counted, rawUsage: jsonOf(usage) }),
        ...(responseId === undefined ? {} : { responseId }),
      };
    },
  };
}

/** Azure names the model in the path. */
const deploymentIn = (url: string): string | undefined => /\/deployments\/([\w.-]+)/.exec(url)?.[1];

const isEmbedding = (item: unknown): boolean => isObject(item) && (Array.isArray(item['embedding']) || typeof item['embedding'] === 'string');

export const reader: Reader = {
  dialect: match.dialect,
  system: 'openai',
  // `{model, input}` alone may as well ask for speech, moderation or an answer: the path or the response decides.
  asks: (body) => 'input' in body && 'encoding_format' in body,
  readRequest: (body, { url }) => {
    const modelAsked = textOf(body['model']) ?? deploymentIn(url);
    return {
      operation: 'embed',
      streaming: false,
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['input', 'model']),
      input: textInput(body['input']),
      tools: [],
    };
  },
  answers: (value) => Array.isArray(value['data']) && value['data'].every(isEmbedding) && (value['data'].length > 0 || value['object'] === 'list' && 'usage' in objectOf(value)),
  startAnswer,
};

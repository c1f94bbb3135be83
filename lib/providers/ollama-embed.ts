/**
 * Ollama's native embeddings (https://docs.ollama.com/api/embed): `/api/embed`, and before it `/api/embeddings`, of one
 * `prompt`.
 *
 *   {"model":"nomic-embed-text","embeddings":[[0.0100,-0.0017],[0.0201,0.0312]],"total_duration":14143917,"prompt_eval_count":8}
 *   {"embedding":[0.5670,0.0092]}
 *
 * The numbers stay in the raw body.
 */
import { countOf, jsonOf, listOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import type { Answer, Reader } from './provider.ts';
import { textInput } from './text-input.ts';
import { vectorsRead } from './vectors.ts';

export const match: Match = {
  dialect: 'ollama-embed',
  method: 'POST',
  pathEnds: ['/api/embed', '/api/embeddings'],
  bodyKeys: [['"model"'], ['"input"', '"prompt"']],
  shape: [],
};

function startAnswer(): Answer {
  let answered: JsonObject = {};
  let read: ReturnType<typeof vectorsRead> | undefined;

  return {
    take(value) {
      const vectors = value['embeddings'] ?? (value['embedding'] === undefined ? undefined : [value['embedding']]);
      if (Array.isArray(vectors)) read = vectorsRead(vectors);
      answered = without(value, ['embeddings', 'embedding']);
      return [];
    },
    read() {
      const modelAnswered = textOf(answered['model']);
      const input = countOf(answered['prompt_eval_count']);
      return {
        output: [], problems: [], ...read,
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(input === undefined ? {} : { usage: { input, output: 0, total: input }, rawUsage: jsonOf(without(answered, ['model'])) }),
      };
    },
  };
}

export const reader: Reader = {
  dialect: match.dialect,
  system: 'ollama',
  asks: () => false,
  readRequest: (body) => {
    const modelAsked = textOf(body['model']);
    return {
      operation: 'embed',
      streaming: false,
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['input', 'prompt', 'model']),
      input: textInput(body['input'] ?? body['prompt']),
      tools: [],
    };
  },
  // Cohere has `embeddings` too, Bedrock's Titan `embedding`: neither names the model beside it, nor has it alone.
  answers: (value) => Array.isArray(value['embeddings'])
    ? listOf(value['embeddings']).every(Array.isArray) && typeof value['model'] === 'string'
    : Array.isArray(value['embedding']) && Object.keys(value).length === 1,
  startAnswer,
};

/**
 * Traffic that looks like a model call, of a dialect that no reader knows: the words of its request and answer, found by
 * the names that most APIs use, and no numbers but those that cannot be mistaken. The raw bodies tell the rest.
 *
 *   {"model":"m","prompt":"Why?"}  ->  data: {"token":{"text":"Be"}}  or  {"result":{"response":"Because."}}
 */
import type { FinishReason, Message, ToolDefinition, Usage } from '../model/call.ts';
import { countOf, isObject, jsonOf, listOf, objectOf, objectsOf, once, stringOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import type { Answer, Reader } from './provider.ts';

/** Whatever names a model and gives it something, at any path; which dialect that is, the readers find out. */
export const match: Match = { dialect: 'unknown', method: 'POST', pathEnds: [], bodyKeys: [], shape: [['"model"'], ['"messages"', '"prompt"', '"input"']] };

/** Where the words are, the likeliest first; of an object the first that has some is taken. */
const SAID = ['delta', 'text', 'content', 'parts', 'message', 'token', 'generated_text', 'response', 'completion', 'output_text', 'answer', 'generation', 'result', 'output', 'results', 'outputs', 'completions', 'generations', 'choices', 'candidates', 'steps', 'reply', 'value', 'data'];
const ASKED = ['messages', 'chat_history', 'contents', 'prompt', 'input', 'inputs', 'message', 'query', 'question', 'text', 'texts'];
/** Bounds the search: real answers have their words four levels deep. */
const DEEPEST = 6;

function wordsIn(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > DEEPEST) return '';
  if (Array.isArray(value)) return value.map((item) => wordsIn(item, depth + 1)).join('');
  if (!isObject(value)) return '';
  for (const key of SAID) {
    const words = wordsIn(value[key], depth + 1);
    if (words !== '') return words;
  }
  return '';
}

/** `{"role": "user", "parts": [...]}`, a text, or a list of either. */
function messagesIn(value: unknown): Message[] {
  return (Array.isArray(value) ? value : [value]).flatMap((item: unknown) => isObject(item) ? messageIn(item) : messageOf(item));
}

function messageOf(item: unknown): Message[] {
  const text = wordsIn(item);
  return text === '' ? [] : [{ role: textOf(objectOf(item)['role'])?.toLowerCase() ?? 'user', parts: [{ type: 'text', text }] }];
}

const messageIn = once(messageOf);

const toolOf = once((tool): ToolDefinition[] => {
  const name = textOf(objectOf(tool['function'])['name']) ?? textOf(tool['name']);
  return name === undefined ? [] : [{ name, json: jsonOf(tool) }];
});

function finishOf(raw: string): { raw: string; reason: FinishReason } {
  const reason = /length|max_?tokens/i.test(raw) ? 'length' : /tool|function/i.test(raw) ? 'tool_calls' : /stop|end|eos|complete/i.test(raw) ? 'stop' : 'other';
  return { raw, reason };
}

/** Counts of a prompt and of an answer, and nothing beside them that says what they include. */
function usageOf(raw: JsonObject): Usage | undefined {
  const input = countOf(raw['prompt_tokens']) ?? countOf(raw['input_tokens']);
  const output = countOf(raw['completion_tokens']) ?? countOf(raw['output_tokens']);
  if (input === undefined || output === undefined) return undefined;
  const total = countOf(raw['total_tokens']) ?? input + output;
  return total !== input + output || Object.keys(raw).some((key) => /cache|reasoning|thinking/.test(key)) ? undefined : { input, output, total };
}

function startAnswer(): Answer {
  const said = { reasoning: '', text: '' };
  let role = 'assistant';
  let usage: JsonObject = {};
  let finish: string | undefined;
  let modelAnswered: string | undefined;
  /** of the first piece: pieces and parts have ids too */ let responseId: string | undefined;
  let isFirst = true;

  return {
    take(value) {
      modelAnswered = textOf(value['model']) ?? modelAnswered;
      if (isFirst) responseId = textOf(value['id']);
      isFirst = false;
      role = textOf(value['role']) ?? textOf(objectOf(value['message'])['role']) ?? role;
      const told = [value, objectOf(value['result']), objectOf(objectsOf(value['results'])[0])];
      for (const one of told) {
        if (isObject(one['usage'])) usage = one['usage'];
        finish = textOf(one['finish_reason']) ?? textOf(one['stop_reason']) ?? textOf(one['done_reason']) ?? finish;
      }
      const words = wordsIn(value);
      // Some streams repeat all that was said so far, with every piece or with the last.
      const kind = /reason|think/i.test(stringOf(value['type'])) ? 'reasoning' : 'text';
      const before = said[kind];
      const added = before.length > 1 && words.length >= before.length && words.startsWith(before) ? words.slice(before.length) : words;
      said[kind] += added;
      return added === '' ? [] : [{ kind, text: added }];
    },
    read() {
      const counted = usageOf(usage);
      return {
        output: said.text === '' && said.reasoning === '' ? [] : [{ role, parts: (['reasoning', 'text'] as const).filter((type) => said[type] !== '').map((type) => ({ type, text: said[type] })) }],
        problems: ['No reader knows this dialect: see the raw request and response.'],
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(responseId === undefined ? {} : { responseId }),
        ...(finish === undefined ? {} : { finish: finishOf(finish) }),
        ...(counted === undefined ? {} : { usage: counted }),
        ...(Object.keys(usage).length === 0 ? {} : { rawUsage: jsonOf(usage) }),
      };
    },
  };
}

export const unknown: Reader = {
  dialect: match.dialect,
  system: 'unknown',
  asks: () => true,
  readRequest: (body) => {
    const modelAsked = textOf(body['model']);
    const system = textOf(body['system']);
    const said = ASKED.filter((key) => messagesIn(body[key]).length > 0);
    return {
      streaming: body['stream'] === true,
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, [...said, 'model', 'tools', 'system']),
      input: [...(system === undefined ? [] : [{ role: 'system', parts: [{ type: 'text' as const, text: system }] }]), ...said.flatMap((key) => messagesIn(body[key]))],
      tools: listOf(body['tools']).filter(isObject).flatMap(toolOf),
    };
  },
  answers: () => false,
  startAnswer,
};

/**
 * Ollama's native chat and completion (https://docs.ollama.com/api/chat, https://docs.ollama.com/api/generate).
 *
 *   {"model":"qwen3:4b","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}
 *   {"model":"qwen3:4b","message":{"role":"assistant","content":"",
 *    "tool_calls":[{"function":{"name":"get_weather","arguments":{"city":"Oslo"}}}]},"done":false}
 *   {"model":"qwen3:4b","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",
 *    "prompt_eval_count":26,"eval_count":298,"total_duration":5191566416}
 *
 * One JSON value a line, streamed unless the request says `stream: false`. Tool calls come whole, mostly without ids;
 * their results name the tool. `/api/generate` has `prompt` and `response` in place of messages.
 */
import type { FinishReason, Message, Part, ToolDefinition } from '../model/call.ts';
import { countOf, isObject, jsonOf, listOf, objectOf, objectsOf, once, stringOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import type { AddedText, Answer, Reader } from './provider.ts';

export const match: Match = {
  dialect: 'ollama',
  method: 'POST',
  pathEnds: ['/api/chat', '/api/generate'],
  bodyKeys: [['"model"']],
  shape: [],
};

// What was asked.

/** By the first letters of their base64. */
const IMAGES: ReadonlyArray<readonly [string, string]> = [['/9j/', 'image/jpeg'], ['iVBOR', 'image/png'], ['R0lG', 'image/gif'], ['UklG', 'image/webp']];

function imagePart(base64: string): Part {
  const mimeType = IMAGES.find(([start]) => base64.startsWith(start))?.[1];
  if (base64.startsWith('data:')) return { type: 'media', modality: 'image', url: base64 };
  return { type: 'media', modality: 'image', ...(mimeType === undefined ? {} : { mimeType }), url: `data:${mimeType ?? 'image/*'};base64,${base64}` };
}

const imagesOf = (value: unknown): Part[] => listOf(value).filter((image) => typeof image === 'string').map(imagePart);
const textPart = (value: unknown): Part[] => textOf(value) === undefined ? [] : [{ type: 'text', text: stringOf(value) }];
const reasoningPart = (value: unknown): Part[] => textOf(value) === undefined ? [] : [{ type: 'reasoning', text: stringOf(value) }];

type Call = Extract<Part, { type: 'tool_call' }>;

/** Arguments are an object; some servers that imitate Ollama write it as text. */
function callOf(value: JsonObject): Call {
  const called = objectOf(value['function']);
  const given = called['arguments'];
  const id = textOf(value['id']);
  return { type: 'tool_call', ...(id === undefined ? {} : { id }), name: stringOf(called['name']), arguments: typeof given === 'string' ? given : given === undefined ? '' : jsonOf(given) };
}

const messageOf = once((value): Message => {
  const role = textOf(value['role']) ?? 'user';
  const name = textOf(value['tool_name']) ?? textOf(value['name']);
  const id = textOf(value['tool_call_id']);
  const images = imagesOf(value['images']);
  if (role === 'tool') {
    return { role, parts: [{ type: 'tool_result', ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }), text: stringOf(value['content']) }, ...images] };
  }
  return { role, parts: [...reasoningPart(value['thinking']), ...textPart(value['content']), ...images, ...objectsOf(value['tool_calls']).map(callOf)] };
});

/** Of a completion: the system text and the prompt. */
function promptMessages(body: JsonObject): Message[] {
  const parts = [...textPart(body['prompt']), ...imagesOf(body['images'])];
  return [
    ...(textOf(body['system']) === undefined ? [] : [{ role: 'system', parts: textPart(body['system']) }]),
    ...(parts.length === 0 ? [] : [{ role: 'user', parts }]),
  ];
}

const toolOf = once((tool): ToolDefinition => {
  const body = objectOf(tool['function'] ?? tool);
  const description = textOf(body['description']);
  return { name: stringOf(body['name']), ...(description === undefined ? {} : { description }), json: jsonOf(tool) };
});

/** `context` is the conversation so far, as numbers. */
const NOT_PARAMETERS = ['messages', 'prompt', 'system', 'images', 'context', 'tools', 'model'];

/** What other dialects do not have. */
const isMarked = (body: JsonObject): boolean => 'keep_alive' in body || isObject(body['options']) || objectsOf(body['messages']).some((message) => 'tool_name' in message || 'images' in message);

// What was answered.

const FINISH: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' };

/** `done_reason` says `stop` also where the answer is a call; servers before 0.2 have `done` alone. */
function finishOf(last: JsonObject, calls: readonly Call[]): { raw: string; reason: FinishReason } | undefined {
  if (last['done'] !== true) return undefined;
  const raw = textOf(last['done_reason']) ?? 'done';
  const said = raw === 'done' ? 'stop' : Object.hasOwn(FINISH, raw) ? FINISH[raw] ?? 'other' : 'other';
  return { raw, reason: calls.length > 0 && said === 'stop' ? 'tool_calls' : said };
}

const COUNTS = ['prompt_eval_count', 'eval_count', 'prompt_eval_duration', 'eval_duration', 'load_duration', 'total_duration'];

function startAnswer(): Answer {
  const calls: Call[] = [];
  let role = 'assistant';
  let reasoning = '';
  let text = '';
  let images: Part[] = [];
  let isTold = false;
  let modelAnswered: string | undefined;
  /** the value that says `done` */ let last: JsonObject = {};

  function take(value: JsonObject): AddedText[] {
    modelAnswered = textOf(value['model']) ?? modelAnswered;
    if (value['done'] === true) last = without(value, ['message', 'response', 'context']);
    const message = isObject(value['message']) ? value['message'] : { content: value['response'], thinking: value['thinking'] };
    isTold ||= isObject(value['message']) || typeof value['response'] === 'string';
    role = textOf(message['role']) ?? role;
    const [thought, said] = [stringOf(message['thinking']), stringOf(message['content'])];
    const called = objectsOf(message['tool_calls']).map(callOf);
    reasoning += thought;
    text += said;
    images = images.concat(imagesOf(message['images']));
    const added = called.map((call): AddedText => {
      calls.push(call);
      return { kind: 'tool', text: `${calls.length > 1 ? '\n' : ''}${call.name} ${call.arguments}` };
    });
    return [{ kind: 'reasoning' as const, text: thought }, { kind: 'text' as const, text: said }, ...added].filter(({ text: words }) => words !== '');
  }

  return {
    take,
    read() {
      const finish = finishOf(last, calls);
      const [asked, answered] = [countOf(last['prompt_eval_count']), countOf(last['eval_count'])];
      // A prompt that the server has still in its cache is not counted.
      const usage = { input: asked ?? 0, output: answered ?? 0, total: (asked ?? 0) + (answered ?? 0) };
      return {
        output: isTold ? [{ role, parts: [...reasoningPart(reasoning), ...textPart(text), ...images, ...calls] }] : [],
        problems: [],
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(asked === undefined && answered === undefined ? {} : { usage, rawUsage: jsonOf(Object.fromEntries(COUNTS.filter((key) => key in last).map((key) => [key, last[key]]))) }),
        ...(finish === undefined ? {} : { finish }),
      };
    },
  };
}

export const reader: Reader = {
  dialect: match.dialect,
  system: 'ollama',
  asks: (body) => (Array.isArray(body['messages']) || typeof body['prompt'] === 'string') && typeof body['model'] === 'string' && isMarked(body),
  readRequest: (body) => {
    const modelAsked = textOf(body['model']);
    return {
      streaming: body['stream'] !== false,
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, NOT_PARAMETERS),
      input: [...promptMessages(body), ...objectsOf(body['messages']).map(messageOf)],
      tools: objectsOf(body['tools']).map(toolOf),
    };
  },
  answers: (value) => typeof value['done'] === 'boolean' && (isObject(value['message']) || typeof value['response'] === 'string'),
  startAnswer,
};

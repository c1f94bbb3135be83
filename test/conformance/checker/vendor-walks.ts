/** Anthropic's, Google's and Ollama's own shapes. */
import { finishOf, lastOfEach, nothing, usage, type Finish, type Found } from './found.ts';
import { count, isObject, list, object, objects, text, word, type Json } from './look.ts';

const STOP: Readonly<Record<string, Finish>> = {
  end_turn: 'stop', stop_sequence: 'stop', pause_turn: 'stop', max_tokens: 'length', model_context_window_exceeded: 'length', tool_use: 'tool_calls', refusal: 'content_filter',
};

export function anthropicWalk(values: readonly Json[]): Found {
  const messages = values.map((value) => value['type'] === 'message_start' ? object(value['message']) : value).filter(({ type }) => type === 'message');
  const deltas = values.filter(({ type }) => type === 'message_delta');
  const blocks = [...messages.flatMap((message) => objects(message['content'])), ...values.filter(({ type }) => type === 'content_block_start').map((value) => object(value['content_block']))];
  const takenOver = blocks.filter(({ type }) => type === 'fallback').map((block) => object(block['to'])['model']);
  // Blocks come one after the other; texts of a stream are in the order of their deltas.
  const streamed = values.map((value) => value['type'] === 'content_block_start' ? startText(value) : object(value['delta'])['type'] === 'text_delta' ? text(object(value['delta'])['text']) : '').join('');
  const counted = lastOfEach([...messages.map((message) => message['usage']), ...deltas.map((value) => value['usage'])]);
  const [read, written] = [count(counted['cache_read_input_tokens']), count(counted['cache_creation_input_tokens'])];
  const fresh = count(counted['input_tokens']);
  return {
    ...nothing(),
    model: word(...takenOver, ...messages.map((message) => message['model'])),
    text: messages.flatMap((message) => objects(message['content'])).filter(({ type }) => type === 'text').map((block) => text(block['text'])).join('') + streamed,
    outputs: blocks.filter((block) => block['type'] !== 'text').length + (blocks.length > 0 && streamed !== '' ? 1 : 0) + blocks.filter((block) => word(block['text']) !== undefined).length,
    finish: finishOf(word(...[...messages.map((message) => message['stop_reason']), ...deltas.map((value) => object(value['delta'])['stop_reason'])].toReversed()), STOP, false),
    usage: fresh === undefined && count(counted['output_tokens']) === undefined ? undefined
      : usage((fresh ?? 0) + (read ?? 0) + (written ?? 0), count(counted['output_tokens']), { cacheRead: read, cacheWrite: written, reasoning: count(object(counted['output_tokens_details'])['thinking_tokens']) }),
  };
}

const startText = (value: Json): string => object(value['content_block'])['type'] === 'text' ? text(object(value['content_block'])['text']) : '';

const GEMINI_FILTERS = ['safety', 'recitation', 'blocklist', 'prohibited_content', 'spii', 'language', 'image_safety', 'image_prohibited_content', 'image_recitation', 'model_armor', '3', '4'];
const GEMINI_FAULTS = ['malformed_function_call', 'unexpected_tool_call', 'too_many_tool_calls', 'malformed_response', 'missing_thought_signature'];
const GEMINI: Readonly<Record<string, Finish>> = {
  'stop': 'stop', '1': 'stop', 'max_tokens': 'length', '2': 'length',
  ...Object.fromEntries(GEMINI_FILTERS.map((said) => [said, 'content_filter' as const])), ...Object.fromEntries(GEMINI_FAULTS.map((said) => [said, 'error' as const])),
};

const eitherCase = (value: Json, snake: string): unknown => value[snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] ?? value[snake];

export function geminiWalk(values: readonly Json[]): Found {
  const candidates = values.flatMap((value) => objects(value['candidates']));
  const parts = candidates.flatMap((candidate) => objects(object(candidate['content'])['parts']).map((part) => ({ part, of: typeof candidate['index'] === 'number' ? candidate['index'] : 0 })));
  const texts = parts.filter(({ part }) => part['thought'] !== true && typeof part['text'] === 'string').toSorted((a, b) => a.of - b.of);
  const hasCalls = parts.some(({ part }) => isObject(eitherCase(part, 'function_call')));
  const said = candidates.filter((candidate) => !candidate['index']).map((candidate) => eitherCase(candidate, 'finish_reason')).findLast((value) => typeof value === 'number' ? value > 0 : word(value) !== undefined);
  const isBlocked = values.some((value) => word(eitherCase(object(eitherCase(value, 'prompt_feedback')), 'block_reason')) !== undefined);
  const counted = lastOfEach(values.map((value) => eitherCase(value, 'usage_metadata')));
  const sum = (...keys: string[]): number | undefined => keys.every((key) => count(eitherCase(counted, key)) === undefined) ? undefined : keys.reduce((all, key) => all + (count(eitherCase(counted, key)) ?? 0), 0);
  return {
    ...nothing(),
    model: word(...values.map((value) => eitherCase(value, 'model_version')).toReversed()),
    text: texts.map(({ part }) => text(part['text'])).join(''),
    outputs: parts.filter(({ part }) => part['text'] !== '').length,
    finish: said === undefined ? isBlocked ? 'content_filter' : undefined : finishOf(String(said), GEMINI, hasCalls && said !== undefined && GEMINI[String(said).toLowerCase()] === 'stop'),
    usage: usage(sum('prompt_token_count', 'tool_use_prompt_token_count'), sum('candidates_token_count', 'thoughts_token_count'), { cacheRead: count(eitherCase(counted, 'cached_content_token_count')), reasoning: count(eitherCase(counted, 'thoughts_token_count')) }),
  };
}

/** `embedContent`, `batchEmbedContents`, Vertex' `predict`. */
export function geminiEmbedWalk(values: readonly Json[]): Found {
  const [answer = {}] = values;
  const vectors = [...objects(answer['embeddings']), ...(isObject(answer['embedding']) ? [answer['embedding']] : []), ...objects(answer['predictions']).map((prediction) => object(prediction['embeddings']))].map((each) => list(each['values']).length);
  const tokens = objects(answer['predictions']).map((prediction) => count(object(object(prediction['embeddings'])['statistics'])['token_count']));
  return {
    ...nothing(), outputs: vectors.length, ...(vectors.length === 0 ? {} : { vectors: { count: vectors.length, size: vectors[0] ?? 0 } }),
    usage: tokens.every((each) => each === undefined) ? undefined : usage(tokens.reduce<number>((all, each) => all + (each ?? 0), 0), 0),
  };
}

const STATUS: Readonly<Record<string, Finish>> = { completed: 'stop', requires_action: 'tool_calls', failed: 'error', incomplete: 'length', budget_exceeded: 'length' };

/** Google's Interactions: whole, or its steps as they come. */
export function interactionsWalk(values: readonly Json[]): Found {
  const interactions = values.map((value) => isObject(value['interaction']) ? value['interaction'] : value).filter((value) => value['object'] === 'interaction' || 'steps' in value);
  const last = interactions.at(-1) ?? {};
  const steps = [...objects(last['steps']), ...values.filter((value) => value['event_type'] === 'step.start').map((value) => object(value['step']))];
  const deltas = values.filter((value) => value['event_type'] === 'step.delta').map((value) => object(value['delta']));
  const said = [...steps.filter(({ type }) => type === 'model_output').flatMap((step) => objects(step['content'])), ...deltas].filter(({ type }) => type === 'text').map((part) => text(part['text'])).join('');
  const counted = lastOfEach(interactions.map((interaction) => interaction['usage']));
  const sum = (...keys: string[]): number | undefined => keys.every((key) => count(counted[key]) === undefined) ? undefined : keys.reduce((all, key) => all + (count(counted[key]) ?? 0), 0);
  const isDone = last['status'] !== 'in_progress' && last['status'] !== 'queued';
  return {
    ...nothing(), model: word(...interactions.map((interaction) => interaction['model']).toReversed()), text: said, outputs: steps.length,
    finish: isDone ? finishOf(last['status'], STATUS, false) : undefined, error: last['status'] === 'failed',
    usage: usage(sum('total_input_tokens', 'total_tool_use_tokens'), sum('total_output_tokens', 'total_thought_tokens'), { cacheRead: count(counted['total_cached_tokens']), reasoning: count(counted['total_thought_tokens']) }),
  };
}

const OLLAMA: Readonly<Record<string, Finish>> = { stop: 'stop', length: 'length' };

export function ollamaWalk(values: readonly Json[]): Found {
  const messages = values.map((value) => object(value['message']));
  const calls = messages.flatMap((message) => objects(message['tool_calls'])).length;
  const said = messages.map((message, index) => text(message['content']) + text(values[index]?.['response']));
  const last = values.find((value) => value['done'] === true);
  const vectors = [...list(values[0]?.['embeddings']), ...(Array.isArray(values[0]?.['embedding']) ? [values[0]['embedding']] : [])].map((vector) => list(vector).length);
  const counted = lastOfEach(values);
  const [input, output] = [count(counted['prompt_eval_count']), count(counted['eval_count'])];
  return {
    ...nothing(),
    model: word(...values.map((value) => value['model']).toReversed()),
    text: said.join(''),
    outputs: said.filter((each) => each !== '').length + calls + vectors.length + [...messages, ...values].filter((each) => word(each['thinking']) !== undefined).length,
    ...(vectors.length === 0 ? {} : { vectors: { count: vectors.length, size: vectors[0] ?? 0 } }),
    finish: last === undefined ? undefined : finishOf(last['done_reason'] ?? 'stop', OLLAMA, calls > 0),
    usage: usage(input, output ?? (input === undefined || vectors.length === 0 ? undefined : 0)),
  };
}

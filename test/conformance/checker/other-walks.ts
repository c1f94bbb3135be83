/** Shapes of the further services, as far as a plain walk goes. */
import { finishOf, lastOfEach, nothing, usage, type Finish, type Found } from './found.ts';
import { count, isObject, list, object, objects, text, word, type Json } from './look.ts';

const FINISH: Readonly<Record<string, Finish>> = {
  complete: 'stop', stop_sequence: 'stop', end_turn: 'stop', eos_token: 'stop', stop: 'stop', finish: 'stop', endoftext: 'stop', finished: 'stop',
  max_tokens: 'length', length: 'length', model_context_window_exceeded: 'length', tool_call: 'tool_calls', tool_use: 'tool_calls',
  error_toxic: 'content_filter', guardrail_intervened: 'content_filter', content_filtered: 'content_filter', content_filter: 'content_filter',
  error: 'error', timeout: 'error', malformed_model_output: 'error', malformed_tool_use: 'error',
};

/** Both versions of Cohere's chat, whole and streamed. */
export function cohereWalk(values: readonly Json[]): Found {
  const ends = values.filter((value) => value['event_type'] === 'stream-end').map((value) => object(value['response']));
  const wholes = values.filter((value) => value['type'] === undefined && value['event_type'] === undefined);
  const messages = [...wholes.map((value) => object(value['message'])), ...values.map((value) => object(object(value['delta'])['message']))];
  const contents = messages.flatMap((message) => isObject(message['content']) ? [message['content']] : objects(message['content']));
  const said = contents.map((content) => text(content['text'])).join('') + wholes.map((value) => text(value['text']) + objects(value['generations']).map((each) => text(each['text'])).join('')).join('')
    + values.filter((value) => value['event_type'] === 'text-generation').map((value) => text(value['text'])).join('');
  const calls = [...messages, ...wholes, ...ends].flatMap((each) => isObject(each['tool_calls']) ? [each['tool_calls']] : objects(each['tool_calls'])).length;
  const counted = object(lastOfEach([...[...wholes, ...ends].flatMap((value) => [object(value['meta']), value['usage']]), ...values.map((value) => object(value['delta'])['usage'])]));
  const tokens = isObject(counted['tokens']) ? counted['tokens'] : object(counted['billed_units']);
  const finish = word(...[...wholes, ...ends, ...values.map((value) => object(value['delta']))].map((value) => value['finish_reason']).toReversed()) ?? word(...wholes.flatMap((value) => objects(value['generations']).map((each) => each['finish_reason'])));
  const vectors = isObject(wholes[0]?.['embeddings']) ? list(Object.values(wholes[0]['embeddings'])[0]) : list(wholes[0]?.['embeddings']);
  return {
    ...nothing(), text: said, outputs: (said === '' ? 0 : 1) + calls + vectors.length + contents.filter((content) => word(content['thinking']) !== undefined).length,
    finish: finishOf(finish, FINISH, calls > 0), error: finish === 'ERROR',
    ...(vectors.length === 0 ? {} : { vectors: { count: vectors.length, size: typeof vectors[0] === 'string' ? Math.floor(Buffer.from(vectors[0], 'base64').length / 4) : list(vectors[0]).length } }),
    usage: usage(count(tokens['input_tokens']), count(tokens['output_tokens']) ?? (vectors.length > 0 && count(tokens['input_tokens']) !== undefined ? 0 : undefined), { cacheRead: count(counted['cached_tokens']), reasoning: count(tokens['reasoning_tokens']) }),
  };
}

/** Converse and its stream; Nova speaks the same through Invoke. */
export function converseWalk(values: readonly Json[]): Found {
  const blocks = values.flatMap((value) => objects(object(object(value['output'])['message'])['content']));
  const deltas = values.map((value) => object(object(value['contentBlockDelta'])['delta']));
  const started = values.filter((value) => isObject(object(object(value['contentBlockStart'])['start'])['toolUse'])).length;
  const said = [...blocks, ...deltas].map((block) => text(block['text'])).join('');
  const calls = blocks.filter((block) => 'toolUse' in block).length + started;
  const counted = lastOfEach(values.flatMap((value) => [value['usage'], object(value['metadata'])['usage']]));
  const [read, written, fresh] = [count(counted['cacheReadInputTokens'], counted['cacheReadInputTokenCount']), count(counted['cacheWriteInputTokens'], counted['cacheWriteInputTokenCount']), count(counted['inputTokens'])];
  return {
    ...nothing(), text: said, outputs: (said === '' ? 0 : 1) + calls + [...blocks, ...deltas].filter((block) => 'reasoningContent' in block).length,
    finish: finishOf(word(...values.flatMap((value) => [value['stopReason'], object(value['messageStop'])['stopReason']])), FINISH, calls > 0),
    usage: usage(fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0), count(counted['outputTokens']), { cacheRead: read, cacheWrite: written }),
  };
}

/** Ranked documents, whoever ranks them. */
export function rerankWalk(values: readonly Json[]): Found {
  const [answer = {}] = values;
  const counted = object(answer['usage'] ?? object(answer['meta'])['tokens']);
  return { ...nothing(), model: word(answer['model']), outputs: list(answer['results'] ?? answer['data']).length, usage: usage(count(counted['prompt_tokens'], counted['total_tokens'], counted['input_tokens']), count(counted['output_tokens']) ?? (Object.keys(counted).length > 0 && count(counted['total_tokens'], counted['input_tokens']) !== undefined ? 0 : undefined)) };
}

/** The one text, and the counts beside it, of the many services that answer with little else. */
export function plainWalk(values: readonly Json[]): Found {
  const opened = values.map((value) => isObject(value['result']) ? { ...value, ...value['result'] } : value);
  const results = opened.flatMap((value) => [value, ...objects(value['results']), ...objects(value['generations']), ...objects(value['completions']), ...objects(value['outputs'])]);
  const final = results.map((result) => word(result['generated_text'])).findLast((each) => each !== undefined);
  const pieces = results.map((result) => text(object(result['token'])['text']) || text(result['response']) || text(result['completion']) || text(result['outputText']) || text(result['generation']) || (final === undefined ? text(object(result['data'])['text']) : '')).join('');
  const wholes = results.map((result) => text(result['generated_text'])).join('');
  const said = pieces || wholes || opened.map((value) => typeof value['output'] === 'string' ? value['output'] : list(value['output']).filter((each) => typeof each === 'string').join('')).join('');
  const calls = results.flatMap((result) => objects(result['tool_calls'])).length;
  const counted = lastOfEach([...results, ...results.map((result) => result['usage']), ...results.map((result) => result['amazon-bedrock-invocationMetrics'])]);
  const input = count(counted['prompt_tokens'], counted['input_token_count'], counted['prompt_token_count'], counted['inputTextTokenCount'], counted['inputTokenCount']);
  const output = count(counted['completion_tokens'], counted['generated_token_count'], counted['generation_token_count'], counted['tokenCount'], counted['totalOutputTextTokenCount'], counted['outputTokenCount'], counted['generated_tokens']);
  const vectors = Array.isArray(opened[0]?.['embedding']) ? [opened[0]['embedding']] : [];
  return {
    ...nothing(), model: word(...results.map((result) => result['model'] ?? result['model_id'])), text: said, outputs: (said === '' ? 0 : 1) + calls + vectors.length,
    ...(vectors.length === 0 ? {} : { vectors: { count: 1, size: list(vectors[0]).length } }),
    finish: finishOf(word(...results.map((result) => result['stop_reason'] ?? result['finish_reason'] ?? result['completionReason'] ?? object(result['details'])['finish_reason']).filter((each) => each !== 'not_finished').toReversed()), FINISH, calls > 0),
    usage: usage(input, output ?? (vectors.length > 0 && input !== undefined ? 0 : undefined)),
  };
}

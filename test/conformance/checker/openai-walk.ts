/** OpenAI's shapes: chat and plain completions, Responses, embeddings. */
import { finishOf, lastOfEach, nothing, openaiUsage, type Finish, type Found } from './found.ts';
import { isObject, list, object, objects, text, word, type Json } from './look.ts';

const FINISH: Readonly<Record<string, Finish>> = {
  stop: 'stop', eos: 'stop', eos_token: 'stop', end_turn: 'stop', stop_sequence: 'stop', complete: 'stop',
  length: 'length', max_tokens: 'length', model_length: 'length', model_context_window_exceeded: 'length',
  tool_calls: 'tool_calls', function_call: 'tool_calls', tool_use: 'tool_calls', tool_call: 'tool_calls',
  content_filter: 'content_filter', sensitive: 'content_filter', safety: 'content_filter', refusal: 'content_filter',
  error: 'error', network_error: 'error', insufficient_system_resource: 'error',
};

/** Content is a string, a list of parts, or an object (a JSON mode). */
function plain(content: unknown): string {
  if (typeof content === 'string') return content;
  if (isObject(content)) return JSON.stringify(content);
  return list(content).map((part) => typeof part === 'string' ? part : ['text', 'output_text', undefined].includes(object(part)['type'] as string | undefined) ? text(object(part)['text']) : '').join('');
}

interface Choice { text: string; heard: string; given: number; calls: number; finish?: unknown; /** of a `message` that stands beside the delta */ beside: string }

export function chatWalk(values: readonly Json[]): Found {
  const choices = new Map<number, Choice>();
  for (const choice of values.flatMap((value) => objects(value['choices']))) {
    const index = typeof choice['index'] === 'number' && choice['index'] >= 0 ? choice['index'] : 0;
    const delta = isObject(choice['delta']) ? choice['delta'] : undefined;
    const message = delta ?? (isObject(choice['message']) ? choice['message'] : { content: choice['text'] });
    // A second whole message for the same place is another answer in the same body: the last counts.
    const isAnother = delta === undefined && choice['index'] !== undefined && isObject(choice['message']);
    const before: Choice = (isAnother ? undefined : choices.get(index)) ?? { text: '', heard: '', given: 0, calls: 0, beside: '' };
    const called = [...objects(message['tool_calls']), ...(isObject(message['function_call']) ? [message['function_call']] : [])];
    const shown = plain(message['content']);
    const heard = text(object(message['audio'])['transcript']);
    const given = [shown, heard, message['refusal'], message['reasoning'], message['reasoning_content'], message['reasoning_text'], object(message['audio'])['data']].filter((each) => word(each) !== undefined).length + called.length + list(message['images']).length;
    choices.set(index, { text: before.text + shown, heard: before.heard + heard, given: before.given + given, calls: before.calls + called.length, finish: word(choice['finish_reason']) ?? before.finish, beside: delta === undefined ? before.beside : plain(object(choice['message'])['content']) });
  }
  const inOrder = [...choices].toSorted(([a], [b]) => a - b).map(([, choice]) => choice);
  const counted = values.flatMap((value) => [value['usage'], object(value['x_groq'])['usage'], ...objects(value['choices']).map((choice) => choice['usage'])]);
  return {
    ...nothing(),
    model: word(...values.map((value) => value['model']).toReversed()),
    // Perplexity repeats in `message` what the deltas said so far, and in a plain body says it there alone. Writer streams `value`.
    text: inOrder.map((choice) => (choice.text || choice.beside) + choice.heard).join('') + values.map((value) => text(value['value'])).join(''),
    outputs: inOrder.reduce((sum, choice) => sum + choice.given + (choice.beside === '' ? 0 : 1), 0) + values.filter((value) => word(value['value']) !== undefined).length,
    finish: finishOf(inOrder[0]?.finish, FINISH, (inOrder[0]?.calls ?? 0) > 0),
    error: values.some((value) => isObject(object(value['x_groq'])['error']) || word(object(value['x_groq'])['error']) !== undefined || objects(value['choices']).some((choice) => isObject(choice['error']))),
    usage: openaiUsage(lastOfEach(counted)),
  };
}

const itemText = (item: Json): string => item['type'] === 'message' || item['type'] === undefined ? objects(item['content']).filter(({ type }) => type === 'output_text' || type === 'text').map((part) => text(part['text'])).join('') || (typeof item['content'] === 'string' ? item['content'] : '') : '';

/** A call that the app answers; those the service runs itself are no reason to stop: they have no `call_id`, or their output
 *  stands beside them. */
const isOpenCall = (item: Json, items: readonly Json[]): boolean => item['type'] === 'function_call' || item['type'] === 'custom_tool_call'
  || (String(item['type']).endsWith('_call') && word(item['call_id']) !== undefined && !items.some((other) => String(other['type']).endsWith('_call_output') && other['call_id'] === item['call_id']));

/** A thought may be told without its words, a message without any. */
const saysNothing = (item: Json): boolean => item['type'] === 'reasoning' ? word(item['encrypted_content']) === undefined && [...objects(item['summary']), ...objects(item['content'])].every((piece) => word(piece['text']) === undefined)
  : item['type'] === 'message' && typeof item['content'] !== 'string' && objects(item['content']).every((part) => word(part['text'], part['refusal']) === undefined && (part['type'] === 'output_text' || part['type'] === 'refusal'));

/** Items by their place: whole where the stream said so, else the text that came by deltas. */
function streamedItems(values: readonly Json[]): Json[] {
  const items = new Map<number, Json>();
  const deltas = new Map<number, Map<unknown, string>>();
  for (const value of values) {
    const at = typeof value['output_index'] === 'number' ? value['output_index'] : 0;
    if (value['type'] === 'response.output_text.delta') {
      const pieces = deltas.get(at) ?? new Map<unknown, string>();
      deltas.set(at, pieces.set(value['content_index'], (pieces.get(value['content_index']) ?? '') + text(value['delta'])));
    }
    // A thought or a message is begun empty.
    if (value['type'] === 'response.output_item.added' && !items.has(at) && !['message', 'reasoning'].includes(String(object(value['item'])['type']))) items.set(at, object(value['item']));
    if (value['type'] === 'response.output_item.done') {
      items.set(at, object(value['item']));
      deltas.delete(at);
    }
  }
  for (const [at, told] of deltas) items.set(at, { ...items.get(at), type: 'message', content: [...told.values()].map((piece) => ({ type: 'output_text', text: piece })) });
  return [...items].toSorted(([a], [b]) => a - b).map(([, item]) => item);
}

export function responsesWalk(values: readonly Json[]): Found {
  // An event that ends the answer says so by its name, where its response does not.
  const responses = values.flatMap((value) => isObject(value['response']) ? [{ ...(/\.(?:completed|incomplete|failed|cancelled)$/.test(text(value['type'])) ? { status: text(value['type']).slice('response.'.length) } : {}), ...value['response'] }]
    : 'output' in value || word(value['object'])?.startsWith('response') === true ? [value] : []);
  const last = responses.at(-1) ?? {};
  const whole = objects(last['output']);
  const items = whole.length > 0 ? whole : streamedItems(values);
  const why = word(object(last['incomplete_details'])['reason']);
  const incomplete: Finish = why === 'content_filter' ? 'content_filter' : why === undefined || why.includes('max') ? 'length' : 'other';
  const finish: Finish | undefined = last['status'] === 'completed' || last['object'] === 'response.compaction' ? items.some((item) => isOpenCall(item, items)) ? 'tool_calls' : 'stop'
    : last['status'] === 'incomplete' ? incomplete : last['status'] === 'failed' ? 'error' : last['status'] === 'cancelled' ? 'other' : undefined;
  return {
    ...nothing(),
    model: word(...responses.map((response) => response['model']).toReversed()),
    text: items.map(itemText).join(''),
    outputs: items.filter((item) => !saysNothing(item)).length, finish,
    isPending: last['status'] === 'queued' || last['status'] === 'in_progress',
    error: isObject(last['error']) || values.some(({ type }) => type === 'error' || type === 'response.failed'),
    usage: openaiUsage(lastOfEach(responses.map((response) => response['usage']))),
  };
}

/** Numbers of one vector: a list, or base64 of 32-bit floats. */
function sizeOf(vector: unknown): number {
  return typeof vector === 'string' ? Math.floor(Buffer.from(vector, 'base64').length / 4) : list(vector).length;
}

export function embeddingsWalk(values: readonly Json[]): Found {
  const [answer = {}] = values;
  const vectors = objects(answer['data']).map((entry) => sizeOf(entry['embedding']));
  const counted = object(answer['usage']);
  const tokens = openaiUsage({ prompt_tokens: counted['prompt_tokens'] ?? counted['total_tokens'] });
  return {
    ...nothing(), model: word(answer['model']), outputs: vectors.length,
    ...(vectors.length === 0 ? {} : { vectors: { count: vectors.length, size: vectors[0] ?? 0 } }),
    ...(tokens === undefined ? {} : { usage: tokens }),
  };
}

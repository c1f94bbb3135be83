/** Items of OpenAI Responses, the same in a request's `input` and an answer's `output`. What one speaker says in several
 *  items (reasoning, text, calls) is one message. */
import type { Message, Part } from '../model/call.ts';
import { isObject, jsonOf, objectsOf, once, stringOf, textOf, without, type JsonObject } from './json.ts';
import { contentParts } from './openai-parts.ts';

type CallPart = Extract<Part, { type: 'tool_call' }>;

/** Files and images are flat here, within a part of their own in chat. Annotations (citations) are kept beside their text. */
function contentPart(item: JsonObject): Part[] {
  if (item['type'] === 'input_image' || item['type'] === 'computer_screenshot') {
    const name = textOf(item['file_id']);
    return name === undefined ? contentParts([{ type: 'image_url', image_url: item['image_url'] }]) : [{ type: 'media', modality: 'image', name }];
  }
  if (item['type'] === 'input_file') {
    const url = textOf(item['file_url']);
    return contentParts([url === undefined ? { type: 'file', file: item } : { type: 'document_url', document_url: url, document_name: item['filename'] }]);
  }
  const annotations = objectsOf(item['annotations']);
  return [...contentParts([item]), ...(annotations.length === 0 ? [] : [{ type: 'other' as const, name: 'annotations', json: jsonOf(annotations) }])];
}

/** @param content a text, or a list of parts */
const partsIn = (content: unknown): Part[] => Array.isArray(content) ? objectsOf(content).flatMap(contentPart) : contentParts(content);

/** Summary and content of a reasoning item; one that holds neither text nor an encrypted one says nothing. */
function reasoningParts(item: JsonObject): Part[] {
  const text = [...objectsOf(item['summary']), ...objectsOf(item['content'])].map((piece) => stringOf(piece['text'])).filter((piece) => piece !== '').join('\n\n');
  const signature = textOf(item['encrypted_content']);
  return text === '' && signature === undefined ? [] : [{ type: 'reasoning', text, ...(signature === undefined ? {} : { signature }) }];
}

/** What an item that the app is to answer asks for: `function_call`, `custom_tool_call`, and tools of the API's own that
 *  the app runs (a shell, a computer). */
function callPart(item: JsonObject): CallPart {
  const id = textOf(item['call_id']);
  const given = item['arguments'] ?? item['input'] ?? item['action'] ?? item['actions'] ?? item['operation'] ?? {};
  return {
    type: 'tool_call', ...(id === undefined ? {} : { id }), name: textOf(item['name']) ?? stringOf(item['type']).replace(/_call$/, ''),
    arguments: typeof given === 'string' ? given : jsonOf(given),
  };
}

/** What came of a call: a text, a list of parts, one part, or values of the tool's own. */
function outputParts(output: unknown): Part[] {
  const items = isObject(output) ? [output] : output;
  const isParts = typeof output === 'string' || objectsOf(items).every((item) => 'type' in item);
  return isParts ? partsIn(items) : [{ type: 'text', text: jsonOf(output) }];
}

function resultParts(item: JsonObject): Part[] {
  const inner = outputParts(item['output']);
  const text = inner.filter((part) => part.type === 'text').map((part) => part.text).join('\n');
  const id = textOf(item['call_id']);
  return [{ type: 'tool_result', ...(id === undefined ? {} : { id }), text, ...(item['status'] === 'failed' ? { isError: true } : {}) }, ...inner.filter((part) => part.type !== 'text')];
}

/** Tools that OpenAI runs itself have no `call_id`: no one in the page answers them. */
const isCall = (type: string, item: JsonObject): boolean => type === 'function_call' || type === 'custom_tool_call' || (type.endsWith('_call') && textOf(item['call_id']) !== undefined);

/** A message may leave out its type. */
export const typeOf = (item: JsonObject): string => textOf(item['type']) ?? ('role' in item ? 'message' : '');

const otherPart = (item: JsonObject): Part => ({ type: 'other', name: typeOf(item) || 'item', json: jsonOf(without(item, ['status'])) });

/** The parts of an answer. A call whose output stands beside it was run by the API: nobody is to answer it. */
export function answerParts(items: readonly JsonObject[]): Part[] {
  const answered = new Set(items.filter((item) => typeOf(item).endsWith('_call_output')).map((item) => item['call_id']));
  return items.flatMap((item) => 'call_id' in item && answered.has(item['call_id']) ? [otherPart(item)] : itemParts(item));
}

export function itemParts(item: JsonObject): Part[] {
  const type = typeOf(item);
  if (type === 'message') return partsIn(item['content']);
  if (type === 'reasoning') return reasoningParts(item);
  if (isCall(type, item)) return [callPart(item)];
  if (type.endsWith('_call_output')) return resultParts(item);
  const image = type === 'image_generation_call' ? textOf(item['result']) : undefined;
  const other = otherPart(image === undefined ? item : without(item, ['result']));
  if (image === undefined) return [other];
  const mimeType = `image/${textOf(item['output_format']) ?? 'png'}`;
  return [other, { type: 'media', modality: 'image', mimeType, url: `data:${mimeType};base64,${image}` }];
}

const requestParts = once(itemParts);

/** The messages of a request. */
export function itemMessages(items: readonly JsonObject[]): Message[] {
  const messages: Message[] = [];
  for (const item of items) {
    const type = typeOf(item);
    const role = type === 'message' ? textOf(item['role']) ?? 'user' : type.endsWith('_call_output') ? 'tool' : type.endsWith('_response') ? 'user' : 'assistant';
    const parts = requestParts(item);
    const last = messages.at(-1);
    if (role === 'assistant' && last?.role === 'assistant') for (const part of parts) last.parts.push(part);
    else if (parts.length > 0 || type === 'message') messages.push({ role, parts: [...parts] });
  }
  return messages;
}

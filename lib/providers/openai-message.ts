/** One message of the OpenAI chat shape, whole (a request's, a plain answer's) or growing by the deltas of a stream. */
import type { Message, Part } from '../model/call.ts';
import { indexOf, isObject, jsonOf, listOf, objectOf, objectsOf, once, stringOf, textOf, type JsonObject } from './json.ts';
import { audioPart, contentParts, imagePart } from './openai-parts.ts';
import type { AddedText } from './provider.ts';

interface DraftCall { id?: string; name: string; arguments: string }

export interface Draft {
  role: string;
  reasoning: string;
  signature?: string;
  content: Part[];
  refusal: string;
  transcript: string;
  audio: string;
  calls: DraftCall[];
  /** the same by index (`#0`) and id (`@call_1`) of their deltas */ callsBy: Map<string, DraftCall>;
  /** annotations and their kin: name -> items so far */ extras: Map<string, unknown[]>;
}

export const newDraft = (role = 'assistant'): Draft => ({ role, reasoning: '', content: [], refusal: '', transcript: '', audio: '', calls: [], callsBy: new Map(), extras: new Map() });

/** The same reasoning comes under up to three names at once: one is taken. */
function reasoningIn(message: JsonObject): string {
  const named = textOf(message['reasoning_content']) ?? textOf(message['reasoning']) ?? textOf(message['reasoning_text']);
  return named ?? objectsOf(message['reasoning_details']).map((detail) => textOf(detail['text']) ?? stringOf(detail['summary'])).join('');
}

/** Which call a delta belongs to: by `index`, else by `id`, else by position. A delta that brings a name and an id of its
 *  own is a new call even where the index repeats (Gemini's compatible endpoint counts every call as 0). */
function callFor(draft: Draft, delta: JsonObject, position: number): DraftCall {
  const index = indexOf(delta['index']);
  const id = textOf(delta['id']);
  const isNamed = textOf(objectOf(delta['function'])['name']) !== undefined;
  const key = index !== undefined ? `#${index}` : id !== undefined ? `@${id}` : undefined;
  const known = key === undefined ? draft.calls[position] : draft.callsBy.get(key);
  const isOther = isNamed && known !== undefined && known.name !== '' && (id === undefined ? index === undefined : known.id !== undefined && known.id !== id);
  if (known !== undefined && !isOther) return known;
  const call: DraftCall = { name: '', arguments: '' };
  draft.calls.push(call);
  if (key !== undefined) draft.callsBy.set(key, call);
  return call;
}

/** Empty and null fields never overwrite; only arguments grow. */
function addCall(draft: Draft, delta: JsonObject, position: number, isWhole: boolean): AddedText {
  const call: DraftCall = isWhole ? { name: '', arguments: '' } : callFor(draft, delta, position);
  if (isWhole) draft.calls.push(call);
  const isCustom = isObject(delta['custom']);
  const called = objectOf(delta['custom'] ?? delta['function']);
  const given = isCustom ? called['input'] : called['arguments'];
  const added = isObject(given) ? jsonOf(given) : stringOf(given);
  const name = textOf(called['name']);
  const begins = call.name === '' && name !== undefined;
  call.id ??= textOf(delta['id']);
  if (begins) call.name = name;
  call.arguments += added;
  return { kind: 'tool', text: begins ? `${draft.calls.length > 1 ? '\n' : ''}${name} ${added}` : added };
}

/** The call of the time before `tool_calls`; it has no id. */
function addFunctionCall(draft: Draft, call: JsonObject): AddedText {
  return addCall(draft, { index: 0, function: call }, 0, false);
}

function addContent(draft: Draft, content: unknown, isWhole: boolean): AddedText[] {
  const added: AddedText[] = [];
  for (const part of contentParts(content)) {
    const last = draft.content.at(-1);
    if (part.type === 'reasoning') draft.reasoning += part.text;
    else if (part.type === 'refusal') draft.refusal += part.text;
    // A new part each time: the old one may have been handed out.
    else if (!isWhole && part.type === 'text' && last?.type === 'text') draft.content.splice(-1, 1, { type: 'text', text: last.text + part.text });
    else draft.content.push(part);
    if (part.type === 'text' || part.type === 'reasoning') added.push({ kind: part.type, text: part.text });
  }
  return added;
}

const EXTRAS = ['annotations', 'executed_tools'];

/** @param message a message or a delta
 *  @returns what it added */
export function addToDraft(draft: Draft, message: JsonObject, isWhole: boolean): AddedText[] {
  draft.role = textOf(message['role']) ?? draft.role;
  const reasoning = reasoningIn(message);
  const refusal = stringOf(message['refusal']);
  const audio = objectOf(message['audio']);
  const transcript = stringOf(audio['transcript']);
  draft.reasoning += reasoning;
  draft.refusal += refusal;
  draft.transcript += transcript;
  draft.audio += stringOf(audio['data']);
  draft.signature = textOf(message['reasoning_opaque']) ?? objectsOf(message['reasoning_details']).map((detail) => textOf(detail['signature'])).findLast((value) => value !== undefined) ?? draft.signature;
  const content = addContent(draft, message['content'], isWhole);
  const calls = objectsOf(message['tool_calls']).map((call, position) => addCall(draft, call, position, isWhole));
  if (isObject(message['function_call'])) calls.push(addFunctionCall(draft, message['function_call']));
  draft.content = draft.content.concat(objectsOf(message['images']).map(imagePart));
  const encrypted = objectsOf(message['reasoning_details']).filter((detail) => detail['type'] === 'reasoning.encrypted');
  for (const [name, items] of [...EXTRAS.map((name) => [name, listOf(message[name])] as const), ['reasoning.encrypted', encrypted] as const]) {
    const before = draft.extras.get(name);
    if (before !== undefined) for (const item of items) before.push(item);
    else if (items.length > 0) draft.extras.set(name, [...items]);
  }
  return [{ kind: 'reasoning' as const, text: reasoning }, ...content, { kind: 'text' as const, text: refusal || transcript }, ...calls].filter(({ text }) => text !== '');
}

/** @param audioFormat what the request asked audio to be in */
export function messageOf(draft: Draft, audioFormat?: string): Message {
  const { reasoning, signature, refusal, transcript, audio } = draft;
  const parts: Part[] = [
    ...(reasoning === '' && signature === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning, ...(signature === undefined ? {} : { signature }) }]),
    ...draft.content,
    ...(refusal === '' ? [] : [{ type: 'refusal' as const, text: refusal }]),
    ...(transcript === '' ? [] : [{ type: 'text' as const, text: transcript }]),
    ...(audio === '' ? [] : [audioPart(audio, audioFormat)]),
    ...draft.calls.map(({ id, name, arguments: text }) => ({ type: 'tool_call' as const, ...(id === undefined ? {} : { id }), name, arguments: text })),
    ...[...draft.extras].map(([name, items]) => ({ type: 'other' as const, name, json: jsonOf(items) })),
  ];
  return { role: draft.role, parts };
}

/** A message of a request. Results of tools (`tool`, formerly `function`) become one part. */
export const requestMessage = once((value): Message => {
  const role = textOf(value['role']) ?? 'user';
  const name = textOf(value['name']);
  const named = name === undefined ? {} : { name };
  if (role === 'tool' || role === 'function') {
    const parts = contentParts(value['content']);
    const text = parts.filter((part) => part.type === 'text').map((part) => part.text).join('\n');
    const id = textOf(value['tool_call_id']);
    return { role: 'tool', ...named, parts: [{ type: 'tool_result', ...(id === undefined ? {} : { id }), ...named, text }, ...parts.filter((part) => part.type !== 'text')] };
  }
  const draft = newDraft(role);
  addToDraft(draft, value, true);
  return { ...messageOf(draft), ...named };
});

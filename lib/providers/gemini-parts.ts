/** Parts of a Gemini `content`, in camelCase as the API writes them or in snake_case as some clients do. */
import type { Message, Part } from '../model/call.ts';
import { isObject, jsonOf, objectOf, objectsOf, stringOf, textOf, without, type JsonObject } from './json.ts';

/** A field under either of its names. */
export const fieldOf = (value: JsonObject, name: string): unknown => value[name] ?? value[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];

/** Kept beside a part, no part of their own. */
const BESIDE = ['thought', 'thoughtSignature', 'thought_signature', 'videoMetadata', 'video_metadata', 'mediaResolution', 'media_resolution', 'partMetadata', 'part_metadata'];

function mediaPart(told: JsonObject): Part {
  const mimeType = textOf(fieldOf(told, 'mimeType'));
  const kind = mimeType?.split('/')[0];
  const data = textOf(told['data']);
  const url = textOf(fieldOf(told, 'fileUri')) ?? (data === undefined ? undefined : `data:${mimeType ?? 'application/octet-stream'};base64,${data}`);
  const name = textOf(fieldOf(told, 'displayName'));
  return {
    type: 'media', modality: kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file',
    ...(mimeType === undefined ? {} : { mimeType }), ...(url === undefined ? {} : { url }), ...(name === undefined ? {} : { name }),
  };
}

/** What a function gave: by the API's rules the whole `response`, or its `output` or `error` where it has nothing else. */
function outputIn(response: unknown): { output: unknown; isError: boolean } {
  const given = objectOf(response);
  const isError = given['error'] !== undefined && given['error'] !== null;
  const [key, other] = Object.keys(given);
  return { output: other === undefined && (key === 'output' || key === 'error') ? given[key] : response ?? {}, isError };
}

/** `{"name":"get_weather","response":{"output":"21 C"}}`; media may stand beside. */
function resultParts(told: JsonObject): Part[] {
  const id = textOf(told['id']);
  const name = textOf(told['name']);
  const { output, isError } = outputIn(told['response']);
  const media = objectsOf(told['parts']).flatMap((part) => [fieldOf(part, 'inlineData'), fieldOf(part, 'fileData')]).filter(isObject).map(mediaPart);
  return [{
    type: 'tool_result', ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }),
    text: typeof output === 'string' ? output : jsonOf(output), ...(isError ? { isError: true } : {}),
  }, ...media];
}

function callPart(told: JsonObject): Part {
  const id = textOf(told['id']);
  return { type: 'tool_call', ...(id === undefined ? {} : { id }), name: stringOf(told['name']), arguments: jsonOf(told['args'] ?? {}) };
}

/** Empty texts say nothing: streams end with one that carries a signature. */
export function partToParts(part: JsonObject): Part[] {
  const text = part['text'];
  if (typeof text === 'string') {
    const signature = textOf(fieldOf(part, 'thoughtSignature'));
    if (text === '') return [];
    return [part['thought'] === true ? { type: 'reasoning', text, ...(signature === undefined ? {} : { signature }) } : { type: 'text', text }];
  }
  const [call, result] = [fieldOf(part, 'functionCall'), fieldOf(part, 'functionResponse')];
  if (isObject(call)) return [callPart(call)];
  if (isObject(result)) return resultParts(result);
  const media = fieldOf(part, 'inlineData') ?? fieldOf(part, 'fileData');
  if (isObject(media)) return [mediaPart(media)];
  // What the provider's own tools did (code and its result, searches), and any new kind, in its wire form.
  const rest = without(part, BESIDE);
  const [name] = Object.keys(rest);
  return name === undefined ? [] : [{ type: 'other', name, json: jsonOf(rest) }];
}

/** The API says `model` for the assistant, and once said `function` for results of tools. */
export function roleOf(content: JsonObject, otherwise: string): string {
  const role = textOf(content['role']);
  return role === 'model' ? 'assistant' : role === 'function' ? 'tool' : role ?? otherwise;
}

/** @param content `{"role":"user","parts":[...]}`, one part, or a text, as the clients allow */
export function messageOf(content: unknown, otherwise: string): Message {
  if (typeof content === 'string') return { role: otherwise, parts: content === '' ? [] : [{ type: 'text', text: content }] };
  const given = objectOf(content);
  const parts = 'parts' in given ? given['parts'] : [given];
  return { role: roleOf(given, otherwise), parts: objectsOf(isObject(parts) ? [parts] : parts).flatMap(partToParts) };
}

/** The way back of message-attributes.ts: messages from flat attributes, our own and those of other tools. */
import {
  AUDIO_MIME_TYPE, AUDIO_URL, IMAGE_URL, MESSAGE_CONTENT, MESSAGE_CONTENTS, MESSAGE_CONTENT_AUDIO, MESSAGE_CONTENT_DATA, MESSAGE_CONTENT_IMAGE,
  MESSAGE_CONTENT_SIGNATURE, MESSAGE_CONTENT_TEXT, MESSAGE_CONTENT_TYPE, MESSAGE_CONTENT_VIDEO, MESSAGE_NAME, MESSAGE_ROLE, MESSAGE_TOOL_CALLS,
  MESSAGE_TOOL_CALL_ID, TOOL_CALL_FUNCTION_ARGUMENTS_JSON, TOOL_CALL_FUNCTION_NAME, TOOL_CALL_ID, VIDEO_URL,
} from '@arizeai/openinference-semantic-conventions';
import type { Message, Part } from '../model/call.ts';
import { canonical } from './turns.ts';

type Flat = ReadonlyMap<string, string>;

/** The entries below `prefix.<number>.`, by that number and in its order, however large the numbers are. */
export function numbered(entries: Iterable<readonly [string, unknown]>, prefix: string): Flat[] {
  const found = new Map<number, Map<string, string>>();
  for (const [key, value] of entries) {
    if (!key.startsWith(`${prefix}.`)) continue;
    const dot = key.indexOf('.', prefix.length + 1);
    const place = key.slice(prefix.length + 1, dot);
    if (dot < 0 || !/^\d{1,9}$/.test(place)) continue;
    const item = found.get(Number(place)) ?? new Map<string, string>();
    item.set(key.slice(dot + 1), String(value));
    found.set(Number(place), item);
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, item]) => item);
}

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> => value === undefined ? {} : { [key]: value } as Record<K, string>;

function contentOf(item: Flat): Part[] {
  const text = item.get(MESSAGE_CONTENT_TEXT);
  const data = item.get(MESSAGE_CONTENT_DATA);
  switch (item.get(MESSAGE_CONTENT_TYPE)) {
    case 'reasoning':
      if (data !== undefined) return [{ type: 'other', name: 'redacted_thinking', json: JSON.stringify({ type: 'redacted_thinking', data }) }];
      return [{ type: 'reasoning', text: text ?? '', ...optional('signature', item.get(MESSAGE_CONTENT_SIGNATURE)) }];
    case 'image': return media('image', item.get(`${MESSAGE_CONTENT_IMAGE}.${IMAGE_URL}`));
    case 'audio': return media('audio', item.get(`${MESSAGE_CONTENT_AUDIO}.${AUDIO_URL}`), item.get(`${MESSAGE_CONTENT_AUDIO}.${AUDIO_MIME_TYPE}`));
    case 'video': return media('video', item.get(`${MESSAGE_CONTENT_VIDEO}.${VIDEO_URL}`));
    default: return text === undefined ? [] : [{ type: 'text', text }];
  }
}

const media = (modality: 'image' | 'audio' | 'video', url: string | undefined, mimeType?: string): Part[] => [{ type: 'media', modality, ...optional('mimeType', mimeType), ...optional('url', url) }];

function callOf(item: Flat): Part {
  return { type: 'tool_call', ...optional('id', item.get(TOOL_CALL_ID)), name: item.get(TOOL_CALL_FUNCTION_NAME) ?? '', arguments: item.get(TOOL_CALL_FUNCTION_ARGUMENTS_JSON) ?? '' };
}

function messageOf(flat: Flat): Message {
  const role = flat.get(MESSAGE_ROLE) ?? 'assistant';
  const content = flat.get(MESSAGE_CONTENT);
  const name = optional('name', flat.get(MESSAGE_NAME));
  if (role === 'tool') return { role, parts: [{ type: 'tool_result', ...optional('id', flat.get(MESSAGE_TOOL_CALL_ID)), ...name, text: content ?? '' }] };
  return {
    role, ...name, parts: [
      ...(content === undefined ? [] : [{ type: 'text', text: content } as const]),
      ...numbered(flat, MESSAGE_CONTENTS).flatMap(contentOf),
      ...numbered(flat, MESSAGE_TOOL_CALLS).map(callOf),
    ],
  };
}

/** @param prefix `llm.input_messages` or `llm.output_messages` */
export const messagesIn = (attributes: Readonly<Record<string, unknown>>, prefix: string): Message[] => numbered(Object.entries(attributes), prefix).map(messageOf);

/** The messages as JSON where the flat attributes made of them do not tell all (parts without a word in the conventions, tool
 *  results in the user's message, order of text and calls): an import takes them from there. */
export const beyond = (flat: Readonly<Record<string, unknown>>, prefix: string, messages: readonly Message[]): string | undefined =>
  canonical(messagesIn(flat, prefix)) === canonical(messages) ? undefined : JSON.stringify(messages);

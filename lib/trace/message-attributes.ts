/** Messages as flat OpenInference attributes (https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md):
 *  `llm.input_messages.0.message.content`. Kinds of content that the conventions have no key for (files, citations, what the
 *  provider's own tools did) are left to the raw bodies. */
import {
  AUDIO_MIME_TYPE, AUDIO_URL, IMAGE_URL, MESSAGE_CONTENT, MESSAGE_CONTENTS, MESSAGE_CONTENT_AUDIO, MESSAGE_CONTENT_DATA, MESSAGE_CONTENT_IMAGE,
  MESSAGE_CONTENT_SIGNATURE, MESSAGE_CONTENT_TEXT, MESSAGE_CONTENT_TYPE, MESSAGE_CONTENT_VIDEO, MESSAGE_NAME, MESSAGE_ROLE, MESSAGE_TOOL_CALLS,
  MESSAGE_TOOL_CALL_ID, TOOL_CALL_FUNCTION_ARGUMENTS_JSON, TOOL_CALL_FUNCTION_NAME, TOOL_CALL_ID, VIDEO_URL,
} from '@arizeai/openinference-semantic-conventions';
import type { Message, Part } from '../model/call.ts';
import { objectOf, parseJson, textOf } from '../providers/json.ts';

type Flat = Array<readonly [key: string, value: string]>;

const MEDIA: Readonly<Record<string, readonly [object: string, url: string]>> = {
  image: [MESSAGE_CONTENT_IMAGE, IMAGE_URL], audio: [MESSAGE_CONTENT_AUDIO, AUDIO_URL], video: [MESSAGE_CONTENT_VIDEO, VIDEO_URL],
};

/** One item of `message.contents`; nothing where there is no word for it. */
function contentOf(part: Part): Flat {
  switch (part.type) {
    case 'text': case 'refusal': return [[MESSAGE_CONTENT_TYPE, 'text'], [MESSAGE_CONTENT_TEXT, part.text]];
    case 'reasoning': return [[MESSAGE_CONTENT_TYPE, 'reasoning'], [MESSAGE_CONTENT_TEXT, part.text], ...(part.signature === undefined ? [] : [[MESSAGE_CONTENT_SIGNATURE, part.signature] as const])];
    case 'media': {
      const [object, url] = MEDIA[part.modality] ?? [];
      if (object === undefined || url === undefined || part.url === undefined) return [];
      const mimeType = part.modality === 'audio' && part.mimeType !== undefined ? [[`${object}.${AUDIO_MIME_TYPE}`, part.mimeType] as const] : [];
      return [[MESSAGE_CONTENT_TYPE, part.modality], [`${object}.${url}`, part.url], ...mimeType];
    }
    case 'other': {
      const json = part.name === 'redacted_thinking' ? parseJson(part.json) : undefined;
      const data = json?.ok === true ? textOf(objectOf(json.value)['data']) : undefined;
      return data === undefined ? [] : [[MESSAGE_CONTENT_TYPE, 'reasoning'], [MESSAGE_CONTENT_DATA, data]];
    }
    default: return [];
  }
}

const under = (prefix: string, flat: Flat): Flat => flat.map(([key, value]) => [`${prefix}.${key}`, value]);

/** A single text as `message.content`: some receivers show nothing else. */
function contentsOf(parts: readonly Part[]): Flat {
  const contents = parts.map(contentOf).filter((content) => content.length > 0);
  const [only] = parts.filter((part) => contentOf(part).length > 0);
  if (contents.length === 1 && (only?.type === 'text' || only?.type === 'refusal')) return [[MESSAGE_CONTENT, only.text]];
  return contents.flatMap((content, index) => under(`${MESSAGE_CONTENTS}.${index}`, content));
}

function callsOf(parts: readonly Part[]): Flat {
  return parts.filter((part) => part.type === 'tool_call').flatMap((call, index) => under(`${MESSAGE_TOOL_CALLS}.${index}`, [
    ...(call.id === undefined ? [] : [[TOOL_CALL_ID, call.id] as const]),
    [TOOL_CALL_FUNCTION_NAME, call.name],
    [TOOL_CALL_FUNCTION_ARGUMENTS_JSON, call.arguments],
  ]));
}

type Result = Extract<Part, { type: 'tool_result' }>;

const resultOf = ({ id, name, text }: Result): Flat => [
  [MESSAGE_ROLE, 'tool'], [MESSAGE_CONTENT, text],
  ...(id === undefined ? [] : [[MESSAGE_TOOL_CALL_ID, id] as const]),
  ...(name === undefined ? [] : [[MESSAGE_NAME, name] as const]),
];

/** One message of the wire: each tool result becomes one of its own, since receivers keep one id a message. */
function messagesOf({ role, name, parts }: Message): Flat[] {
  const results = parts.filter((part) => part.type === 'tool_result');
  const rest = parts.filter((part) => part.type !== 'tool_result');
  const own: Flat = [[MESSAGE_ROLE, role], ...(name === undefined ? [] : [[MESSAGE_NAME, name] as const]), ...contentsOf(rest), ...callsOf(rest)];
  return [...results.map(resultOf), ...(results.length > 0 && rest.length === 0 ? [] : [own])];
}

/** @param prefix `llm.input_messages` or `llm.output_messages` */
export function messageAttributes(prefix: string, messages: readonly Message[]): Record<string, string> {
  return Object.fromEntries(messages.flatMap(messagesOf).flatMap((message, index) => under(`${prefix}.${index}`, message)));
}

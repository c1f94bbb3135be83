/** Parts of a message's `content` in the OpenAI chat shape: a string, a list of typed parts, or (Cloudflare's JSON mode)
 *  a bare object. */
import type { Part } from '../model/call.ts';
import { isObject, jsonOf, listOf, objectOf, stringOf, textOf, type JsonObject } from './json.ts';

type Modality = Extract<Part, { type: 'media' }>['modality'];

/** base64 alone, or already a URL */
const dataUrl = (mimeType: string, data: string): string => /^(?:data|https?):/.test(data) ? data : `data:${mimeType};base64,${data}`;

function media(modality: Modality, url: string | undefined, rest: { name?: string; mimeType?: string } = {}): Part {
  const mimeType = rest.mimeType ?? (url === undefined ? undefined : /^data:([\w.+-]+\/[\w.+-]+)/.exec(url.slice(0, 100))?.[1]);
  return { type: 'media', modality, ...(mimeType === undefined ? {} : { mimeType }), ...(url === undefined ? {} : { url }), ...(rest.name === undefined ? {} : { name: rest.name }) };
}

/** `{"image_url": {"url": ...}}` or `{"image_url": "..."}` */
const urlIn = (value: unknown): string | undefined => textOf(value) ?? textOf(objectOf(value)['url']);

/** @param data base64 or a URL
 *  @param format wav, mp3, ... */
export function audioPart(data: string, format: string | undefined): Part {
  const mimeType = `audio/${format === 'mp3' ? 'mpeg' : format ?? 'wav'}`;
  return media('audio', dataUrl(mimeType, data), { mimeType });
}

export const imagePart = (item: JsonObject): Part => media('image', urlIn(item['image_url']) ?? urlIn(item));

function filePart(file: JsonObject): Part {
  const data = textOf(file['file_data']);
  return media('file', data === undefined ? undefined : dataUrl('application/octet-stream', data), { name: textOf(file['filename']) ?? textOf(file['file_id']) });
}

/** Mistral: `{"type":"thinking","thinking":[{"type":"text","text":"..."}]}` */
const thinkingIn = (value: unknown): string => typeof value === 'string' ? value : listOf(value).map((item) => stringOf(objectOf(item)['text'])).join('');

function partOf(item: unknown): Part[] {
  if (typeof item === 'string') return [{ type: 'text', text: item }];
  if (!isObject(item)) return [{ type: 'other', name: 'content', json: jsonOf(item) }];
  const type = textOf(item['type']);
  switch (type) {
    case 'text': case 'input_text': case 'output_text': return [{ type: 'text', text: stringOf(item['text']) }];
    case 'refusal': return [{ type: 'refusal', text: stringOf(item['refusal']) }];
    case 'thinking': return [{ type: 'reasoning', text: thinkingIn(item['thinking']) }];
    case 'image_url': return [imagePart(item)];
    case 'video_url': return [media('video', urlIn(item['video_url']))];
    case 'document_url': return [media('file', urlIn(item['document_url']), { name: textOf(item['document_name']) })];
    case 'input_audio': {
      const audio = item['input_audio'];
      const data = textOf(audio) ?? textOf(objectOf(audio)['data']);
      return [data === undefined ? media('audio', undefined) : audioPart(data, textOf(objectOf(audio)['format']))];
    }
    case 'file': return [filePart(objectOf(item['file']))];
    case undefined:
      // Seen: whole messages inside a content list.
      if (typeof item['text'] === 'string') return [{ type: 'text', text: item['text'] }];
      return [typeof item['content'] === 'string' ? { type: 'text', text: item['content'] } : { type: 'other', name: 'content', json: jsonOf(item) }];
    default: return [{ type: 'other', name: type, json: jsonOf(item) }];
  }
}

/** Empty texts are left out. */
export function contentParts(content: unknown): Part[] {
  if (content === null || content === undefined) return [];
  if (isObject(content)) return [{ type: 'text', text: jsonOf(content) }];
  const parts = Array.isArray(content) ? content.flatMap(partOf) : partOf(content);
  return parts.filter((part) => !('text' in part) || part.text !== '');
}

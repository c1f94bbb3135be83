/** Content blocks of the Anthropic Messages API, asked or answered, as parts. */
import type { Part } from '../model/call.ts';
import { isObject, jsonOf, listOf, objectOf, objectsOf, stringOf, textOf, without, type JsonObject } from './json.ts';

/** image, document: `{"source":{"type":"base64"|"url"|"file"|"text", ...}}` */
function mediaPart(block: JsonObject, modality: 'image' | 'file'): Part {
  const source = objectOf(block['source']);
  const mimeType = textOf(source['media_type']);
  const data = textOf(source['data']);
  const url = textOf(source['url']) ?? (data === undefined || source['type'] !== 'base64' ? undefined : `data:${mimeType ?? 'application/octet-stream'};base64,${data}`);
  const name = textOf(block['title']) ?? textOf(source['file_id']);
  return { type: 'media', modality, ...(mimeType === undefined ? {} : { mimeType }), ...(url === undefined ? {} : { url }), ...(name === undefined ? {} : { name }) };
}

const otherPart = (block: JsonObject): Part => ({ type: 'other', name: textOf(block['type']) ?? 'content', json: jsonOf(without(block, ['cache_control'])) });

/** The text of a tool's result, and what in it is no text (images, search results). A result inside a result is no one's
 *  wire form: it is not opened, so that nesting costs nothing. */
function resultParts(block: JsonObject): Part[] {
  const content = block['content'];
  const inner: Part[] = typeof content === 'string' ? [{ type: 'text', text: content }]
    : objectsOf(content).flatMap((each) => each['type'] === 'tool_result' ? [otherPart(each)] : blockToParts(each));
  const text = inner.filter((part) => part.type === 'text').map((part) => part.text).join('\n');
  const id = textOf(block['tool_use_id']);
  return [{ type: 'tool_result', ...(id === undefined ? {} : { id }), text, ...(block['is_error'] === true ? { isError: true } : {}) }, ...inner.filter((part) => part.type !== 'text')];
}

/** Blocks that the provider runs itself (server tools, MCP) and any new kind keep their wire form: they are no calls that
 *  the app answers. */
export function blockToParts(block: JsonObject): Part[] {
  switch (block['type']) {
    case 'text': {
      const cited = listOf(block['citations']);
      const text: Part[] = block['text'] === '' || typeof block['text'] !== 'string' ? [] : [{ type: 'text', text: block['text'] }];
      return cited.length === 0 ? text : [...text, { type: 'other', name: 'citations', json: jsonOf(cited) }];
    }
    case 'thinking': {
      const signature = textOf(block['signature']);
      return [{ type: 'reasoning', text: stringOf(block['thinking']), ...(signature === undefined ? {} : { signature }) }];
    }
    case 'tool_use': {
      const id = textOf(block['id']);
      const input = block['input'];
      return [{ type: 'tool_call', ...(id === undefined ? {} : { id }), name: stringOf(block['name']), arguments: typeof input === 'string' ? input : jsonOf(input ?? {}) }];
    }
    case 'tool_result': return resultParts(block);
    case 'image': return [mediaPart(block, 'image')];
    case 'document': {
      const source = objectOf(block['source']);
      return source['type'] === 'text' ? [{ type: 'text', text: stringOf(source['data']) }] : [mediaPart(block, 'file')];
    }
    default: return [otherPart(block)];
  }
}

/** @param content a string, or a list of blocks */
export function blocksToParts(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (isObject(content)) return blockToParts(content);
  return objectsOf(content).flatMap(blockToParts);
}

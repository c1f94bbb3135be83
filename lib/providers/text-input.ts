/** Texts that stand in a request where a chat has messages (what to embed, what to complete): each as one user message. */
import type { Message, Part } from '../model/call.ts';
import { isObject, jsonOf, listOf } from './json.ts';
import { contentParts } from './openai-parts.ts';

const isTokens = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === 'number');

/** A text; a text already cut into tokens; or what multimodal models take (`{"content":[{"type":"image_url",...}]}`). */
function partsOf(item: unknown): Part[] {
  if (isTokens(item)) return [{ type: 'other', name: 'tokens', json: jsonOf(item) }];
  if (isObject(item) && Array.isArray(item['content'])) return contentParts(item['content']);
  return contentParts(Array.isArray(item) ? item : [item]);
}

/** @param input one of them, or a list */
export function textInput(input: unknown): Message[] {
  if (input === undefined || input === null) return [];
  const items = isTokens(input) || !Array.isArray(input) ? [input] : listOf(input);
  return items.map((item) => ({ role: 'user', parts: partsOf(item) }));
}

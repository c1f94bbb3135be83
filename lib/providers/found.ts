/** What a vector database found, out of a record of any shape: its text is wherever the app put it. */
import type { Found } from '../model/call.ts';
import { jsonOf, textOf, without, type JsonObject } from './json.ts';

/** Where apps and frameworks put the text of a document, most telling first. */
const TEXT_KEYS = ['text', 'page_content', 'pageContent', 'content', 'document', 'chunk', 'body', 'snippet', 'markdown', 'description'];

/** @param fields the record's own fields, without its vectors
 *  @param given where the text has a place of its own */
export function foundOf(id: unknown, score: unknown, fields: JsonObject, given?: string): Found {
  const key = given === undefined ? TEXT_KEYS.find((name) => textOf(fields[name]) !== undefined) : undefined;
  const rest = key === undefined ? fields : without(fields, [key]);
  return {
    ...(typeof id === 'string' || typeof id === 'number' ? { id: String(id) } : {}),
    ...(typeof score === 'number' && Number.isFinite(score) ? { score } : {}),
    text: given ?? (key === undefined ? '' : textOf(fields[key]) ?? ''),
    ...(Object.keys(rest).length === 0 ? {} : { metadata: jsonOf(rest) }),
  };
}

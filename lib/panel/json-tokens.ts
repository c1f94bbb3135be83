/** Cuts valid JSON text into what is coloured. Pure; joined again the tokens are the text. */

export interface JsonToken { kind: 'key' | 'string' | 'number' | 'plain'; text: string }

/** Strings (a key where a colon follows), numbers and the three words; all else is plain. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

export function jsonTokens(json: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let at = 0;
  for (const match of json.matchAll(TOKEN)) {
    if (match.index > at) tokens.push({ kind: 'plain', text: json.slice(at, match.index) });
    const [whole, string, colon] = match;
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'key', text: string });
      if (colon !== undefined) tokens.push({ kind: 'plain', text: colon });
    } else tokens.push({ kind: 'number', text: whole });
    at = match.index + whole.length;
  }
  if (at < json.length) tokens.push({ kind: 'plain', text: json.slice(at) });
  return tokens;
}

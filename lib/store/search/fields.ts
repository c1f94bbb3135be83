/**
 * What is searched of a stored text: the strings of its JSON, unescaped, wherever it was cut. It reads JSON without parsing
 * it, since pieces of a body are no JSON by themselves, and leaves nothing out that is no JSON: what stands outside of
 * strings and is not punctuation is searched as it is.
 */

/** `key`: the name before it in the JSON. */
export interface Field { key: string; text: string }

/** Names that the dialects give their fields: with them every message would be found. Others are the app's and are searched. */
const PROTOCOL = new Set([
  'annotations', 'arguments', 'args', 'audio', 'cache_control', 'candidates', 'choices', 'completion_tokens', 'content', 'contents', 'created', 'delta', 'description',
  'documents', 'encoding_format', 'enum', 'finish_reason', 'function', 'function_call', 'functionCall', 'functionDeclarations', 'functionResponse', 'generationConfig',
  'id', 'index', 'inlineData', 'input', 'input_schema', 'input_text', 'instructions', 'items', 'logprobs', 'max_tokens', 'message', 'messages', 'metadata', 'mimeType',
  'model', 'name', 'object', 'options', 'output', 'output_text', 'parameters', 'parts', 'prompt', 'prompt_tokens', 'properties', 'reasoning', 'refusal', 'required',
  'response', 'role', 'source', 'status', 'stop', 'stop_reason', 'stream', 'strict', 'system', 'temperature', 'text', 'thinking', 'tokens', 'tool_call_id', 'tool_calls',
  'tool_choice', 'tool_use_id', 'tools', 'total_tokens', 'type', 'usage', 'value', 'vector',
]);

/** Characters. What is longer is no message: it is searched as it stands. */
const LONGEST = 4 * 1024 * 1024;
/** JSON in a string in a JSON: a tool's result in a message, and one level more. */
const DEEPEST = 2;
/** A string of so many characters of base64 is an image or a sound: its beginning is enough. */
const BLOB_LENGTH = 512;
const BLOB = /^(?:data:[^,]{0,100},)?[\w+/=-]+$/;
const BLOB_KEPT = 64;

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];

/** The place of the quote that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = end;
    while (text.charCodeAt(slashes - 1) === BACKSLASH) slashes--;
    if ((end - slashes) % 2 === 0) return end;
  }
  return text.length;
}

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}

/** The next character that is no white space. */
function nextCode(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text.charCodeAt(at) > 0x20) return text.charCodeAt(at);
  return 0;
}

const looksLikeJson = (text: string): boolean => /^\s*[[{"\]},]/.test(text);

/** What stands between two strings: a number after its key, or words that are no JSON. */
function betweenStrings(gap: string, key: string, fields: Field[]): void {
  const number = /^\s*:\s*(-?\d[\d.eE+-]*)/.exec(gap)?.[1];
  if (number !== undefined) fields.push({ key, text: number });
  if (/[^\s\d.,:eE+\-[\]{}]/.test(gap.replace(/\b(?:true|false|null)\b/g, ''))) fields.push({ key: '', text: gap });
}

export function fieldsOf(text: string): Field[] {
  if (text.length > LONGEST || !looksLikeJson(text)) return text.trim() === '' ? [] : [{ key: '', text }];
  const fields: Field[] = [];
  addFields(fields, text, 0);
  return fields;
}

/** @param depth above 0: of JSON in a string only what was escaped in it, since the string itself is a field already */
function addFields(fields: Field[], text: string, depth: number): void {
  let key = '';
  let at = 0;
  while (at < text.length) {
    const start = text.charCodeAt(at) === QUOTE ? at : text.indexOf('"', at);
    const gapEnd = start < 0 ? text.length : start;
    if (gapEnd > at && depth === 0) betweenStrings(text.slice(at, gapEnd), key, fields);
    if (start < 0) break;
    const end = endOfString(text, start);
    const raw = text.slice(start + 1, end);
    at = end + 1;
    const isKey = nextCode(text, at) === COLON;
    if (isKey) key = unescaped(raw);
    if (depth > 0 && !raw.includes('\\')) continue;
    if (!isKey) addValue(fields, key, unescaped(raw), depth);
    else if (!PROTOCOL.has(key)) fields.push({ key, text: key });
  }
}

/** Of a string that was read already. */
export function fieldsOfString({ key, text }: Field): Field[] {
  const fields: Field[] = [];
  addValue(fields, key, text, 0);
  return fields;
}

function addValue(fields: Field[], key: string, value: string, depth: number): void {
  if (value === '') return;
  if (value.length >= BLOB_LENGTH && BLOB.test(value)) {
    fields.push({ key, text: value.slice(0, BLOB_KEPT) });
    return;
  }
  fields.push({ key, text: value });
  if (depth < DEEPEST && value.includes('\\') && /^\s*[[{]/.test(value)) addFields(fields, value, depth + 1);
}

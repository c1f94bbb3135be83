/** A whole body cut into the JSON values it holds, the plain way: no streaming, no offsets. */
import { isObject, parse } from './look.ts';

/** @param body bytes of the response as they crossed the wire
 *  @param type its content type, where it has one */
export function valuesIn(body: Uint8Array, type = ''): unknown[] {
  if (isEventstream(body)) return eventstreamValues(body);
  const text = new TextDecoder().decode(body).trim();
  if (/^(?:data|event|id|retry|):|^error: \{/.test(text)) return sseValues(text);
  const whole = parse(text);
  if (whole === undefined) return /^text\/(?:plain|markdown)\b/i.test(type) && isWords(text) ? [text] : valuesInRow(text);
  return Array.isArray(whole) && whole.length > 0 && whole.every(isObject) ? whole : [whole];
}

/** Neither JSON nor a page: what a model said, as it is. */
const isWords = (text: string): boolean => !/^\s*(?:[{[<]|$)/.test(text);

function sseValues(body: string): unknown[] {
  return body.replace(/\r\n?/g, '\n').split(/\n{2,}/).flatMap((event) => {
    // llama.cpp's own word for an event of an error.
    const all = event.split('\n').map((line) => line.replace(/^error: \{/, 'data: {'));
    const lines = all.filter((line) => line.startsWith('data:')).map((line) => line.slice('data:'.length).replace(/^ /, ''));
    const told = lines.join('\n');
    const whole = parse(told);
    const name = /^event: ?(.*)$/m.exec(event)?.[1];
    if (name === 'error' || event.startsWith('error: {')) return [isObject(whole) ? { ...(isObject(whole['error']) || typeof whole['error'] === 'string' ? {} : { error: whole }), ...whole } : { error: told }];
    if (isObject(whole) || Array.isArray(whole)) return [whole];
    if (isWords(told)) return name === undefined || /^(?:message|data|delta|text|token|chunk)$/.test(name) ? [typeof whole === 'string' ? whole : told] : [];
    // Some servers end their events with one newline.
    return lines.map(parse).filter((value) => value !== undefined);
  });
}

/** NDJSON, several bodies after each other, or an array that was cut: every value that is whole. */
function valuesInRow(text: string): unknown[] {
  const values: unknown[] = [];
  const inner = text.startsWith('[') ? text.slice(1) : text;
  let depth = 0;
  let start = 0;
  for (let at = 0; at < inner.length; at += 1) {
    const character = inner[at];
    if (depth > 0 && character === '"') at = endOfString(inner, at);
    else if (character === '{' || character === '[') {
      if (depth === 0) start = at;
      depth += 1;
    } else if ((character === '}' || character === ']') && depth > 0) {
      depth -= 1;
      const value = depth === 0 ? parse(inner.slice(start, at + 1)) : undefined;
      if (value !== undefined) values.push(value);
    }
  }
  return values;
}

function endOfString(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** AWS eventstream: u32 length, u32 length of headers, u32 CRC, headers, payload, u32 CRC; big-endian. */
function isEventstream(body: Uint8Array): boolean {
  if (body.length < 16 || body[0] !== 0) return false;
  const view = new DataView(body.buffer, body.byteOffset);
  return view.getUint32(0) <= body.length && view.getUint32(4) < view.getUint32(0);
}

/** Each message as `{"<event or exception type>": payload}`; Invoke's `bytes` are opened. */
function eventstreamValues(body: Uint8Array): unknown[] {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const values: unknown[] = [];
  for (let at = 0; at + 16 <= body.length; at += view.getUint32(at)) {
    const length = view.getUint32(at);
    const headers = view.getUint32(at + 4);
    if (length < 16 || at + length > body.length) break;
    const head = new TextDecoder('latin1').decode(body.subarray(at + 12, at + 12 + headers));
    // Between name and value: u8 kind, u16 length.
    const type = /:(?:event|exception)-type[^]{3}([A-Za-z]+)/.exec(head)?.[1] ?? 'chunk';
    const payload = parse(new TextDecoder().decode(body.subarray(at + 12 + headers, at + length - 4)));
    const bytes = isObject(payload) && typeof payload['bytes'] === 'string' ? payload['bytes'] : undefined;
    values.push(bytes === undefined ? { [type]: payload, ...(head.includes('exception') ? { error: payload } : {}) } : parse(Buffer.from(bytes, 'base64').toString()));
  }
  return values.filter((value) => value !== undefined);
}

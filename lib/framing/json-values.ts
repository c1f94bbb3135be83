/** JSON values in a row: one body, several bodies after each other, NDJSON, or the elements of an outermost array as they
 *  come. Only depth and strings are followed; what is inside is the parser's business. */
import type { Frame, Framer } from './frame.ts';
import { limits } from '../model/limits.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d];
/** white space, commas, the byte order mark */
const BETWEEN = new Set([0x20, 0x09, 0x0d, 0x0a, COMMA, 0xef, 0xbb, 0xbf]);

export function createJsonFramer(): Framer {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let depth = 0;
  // 1 inside an outermost array: its elements are the values.
  let base = 0;
  let inString = false;
  let escaped = false;
  let offset = 0;
  /** bytes that belong to no value */
  let stray = '';

  const decode = (): string => {
    const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode();
    pieces = [];
    return text;
  };

  function outside(byte: number): boolean {
    if (byte === BRACKET && base === 0) base = 1;
    else if (byte === BRACKET_END && base === 1) base = 0;
    else if (byte === BRACE || byte === BRACKET) return true;
    else if (!BETWEEN.has(byte) && stray.length < limits.previewLength) stray += String.fromCharCode(byte);
    return false;
  }

  /** true when the byte closes a value */
  function inside(byte: number): boolean {
    if (escaped) escaped = false;
    else if (inString) {
      escaped = byte === BACKSLASH;
      inString = byte !== QUOTE;
    } else if (byte === QUOTE) inString = true;
    else if (byte === BRACE || byte === BRACKET) depth += 1;
    else if (byte === BRACE_END || byte === BRACKET_END) depth -= 1;
    return depth === 0;
  }

  return {
    feed(bytes) {
      const frames: Frame[] = [];
      let start = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at] ?? 0;
        if (depth > 0) {
          if (!inside(byte)) continue;
          pieces.push(bytes.subarray(start, at + 1));
          frames.push({ form: 'json', data: decode(), end: offset + at + 1 });
        } else if (outside(byte)) {
          depth = 1;
          start = at;
        }
      }
      // A copy: the caller may reuse its buffer.
      if (depth > 0) pieces.push(bytes.slice(start));
      offset += bytes.length;
      return frames;
    },
    end() {
      const frames: Frame[] = [];
      if (pieces.length > 0) frames.push({ form: 'json', data: decode(), end: offset, unterminated: true });
      if (stray !== '') frames.push({ form: 'text', data: stray, end: offset });
      stray = '';
      return frames;
    },
  };
}

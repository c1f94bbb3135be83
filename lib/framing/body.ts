/** Finds out how a body is framed from its first bytes. The content type is not asked: errors come as JSON under
 *  `text/event-stream`, streams under `application/json` or none at all. */
import type { Frame, Framer } from './frame.ts';
import { createJsonFramer } from './json-values.ts';
import { createSseFramer } from './sse.ts';
import { limits } from '../model/limits.ts';

const BOM = '\u{feff}';
/** White space that some servers send to keep a connection alive; past this much it is read as JSON, which allows it. */
const UNDECIDED_BYTES = 4096;
const SSE_STARTS = ['data:', 'event:', 'id:', 'retry:', ':', 'error: {'];

/** undefined: too few bytes to tell */
function formOf(head: string): Frame['form'] | undefined {
  const text = head.replace(BOM, '').trimStart();
  if (text.startsWith('{') || text.startsWith('[')) return 'json';
  if (SSE_STARTS.some((start) => text.startsWith(start))) return 'sse';
  return SSE_STARTS.some((start) => start.startsWith(text)) ? undefined : 'text';
}

/** A body of no known framing: its beginning as one frame, at the end. */
function createTextFramer(): Framer {
  const decoder = new TextDecoder();
  let text = '';
  let offset = 0;
  return {
    feed(bytes) {
      offset += bytes.length;
      if (text.length < limits.textLength) text += decoder.decode(bytes.subarray(0, 4 * limits.textLength), { stream: true }).slice(0, limits.textLength - text.length);
      return [];
    },
    end: () => offset === 0 ? [] : [{ form: 'text', data: text, end: offset }],
  };
}

const framers = { json: createJsonFramer, sse: createSseFramer, text: createTextFramer };

export function createBodyFramer(): Framer {
  let framer: Framer | undefined;
  let head = new Uint8Array();

  function choose(form: Frame['form']): Frame[] {
    framer = framers[form]();
    return framer.feed(head);
  }

  return {
    feed(bytes) {
      if (framer !== undefined) return framer.feed(bytes);
      const joined = new Uint8Array(head.length + bytes.length);
      joined.set(head);
      joined.set(bytes, head.length);
      head = joined;
      const form = formOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(head, { stream: true }));
      if (form === undefined && head.length < UNDECIDED_BYTES) return [];
      return choose(form ?? 'json');
    },
    end() {
      const frames = framer === undefined ? choose('text') : [];
      return [...frames, ...(framer?.end() ?? [])];
    },
  };
}

/** A page as the recorder meets it: records in the order a shim would make them, in batches as a relay would number them. */
import type { Batch, EndCause, PageRecord, Side, StartRecord } from '../../lib/model/record.ts';
import { RECORD_VERSION } from '../../lib/model/versions.ts';
import type { Sender } from '../../lib/record/tab-session.ts';

const relayName = (n: number): string => n.toString(16).padStart(32, '0');

export interface Page { sender: Sender; relay: string }
export const pageOf = (n: number, tabId = 1): Page => ({ sender: { documentId: `document-${n}`, tabId, frameId: 0 }, relay: relayName(n) });

export const batchOf = (page: Page, first: number, records: PageRecord[]): Batch => ({ type: 'batch', version: RECORD_VERSION, relay: page.relay, first, records });

const text = new TextEncoder();
export const bytesOf = (value: string): Uint8Array<ArrayBuffer> => text.encode(value);

export const opened = (at = 1_000, url = 'http://localhost/'): PageRecord => ({ kind: 'document', at, url, top: true });

export function start(exchange: number, more: Partial<StartRecord> = {}): PageRecord {
  return { kind: 'start', exchange, at: 10_000 + exchange * 100, clock: 1_000 + exchange * 100, transport: 'fetch', method: 'POST', url: 'http://localhost/v1/chat/completions', headers: [['content-type', 'application/json']], body: 'exact', bodySize: 0, removed: 0, ...more };
}

export const head = (exchange: number, status = 200): PageRecord => ({ kind: 'head', exchange, clock: 1_050 + exchange * 100, status, type: 'cors', url: 'http://localhost/v1/chat/completions', headers: [['content-type', 'text/event-stream']] });

export function chunk(exchange: number, offset: number, bytes: Uint8Array<ArrayBuffer>, side: Side = 'response'): PageRecord {
  return { kind: 'chunk', exchange, side, offset, size: bytes.byteLength, bytes, times: new Float64Array([1_060 + exchange * 100 + offset]), ends: new Uint32Array([bytes.byteLength]) };
}

/** A read whose bytes were dropped on the way. */
export const emptied = (exchange: number, offset: number, size: number): PageRecord => ({ kind: 'chunk', exchange, side: 'response', offset, size, times: new Float64Array([2_000]), ends: new Uint32Array([size]) });

export const end = (exchange: number, bytes: number, how: EndCause = 'complete'): PageRecord => ({ kind: 'end', exchange, clock: 9_000 + exchange * 100, how, bytes });

export const leave = (at = 50_000): PageRecord => ({ kind: 'leave', at, clock: 20_000 });

export interface Spoken { request: string; pieces: string[]; how?: EndCause; status?: number }

/** A whole call: request body, head, one chunk a piece, end. */
export function call(exchange: number, { request, pieces, how, status }: Spoken): PageRecord[] {
  const body = bytesOf(request);
  const records: PageRecord[] = [start(exchange, { bodySize: body.byteLength }), chunk(exchange, 0, body, 'request'), head(exchange, status)];
  let offset = 0;
  for (const piece of pieces.map(bytesOf)) {
    records.push(chunk(exchange, offset, piece));
    offset += piece.byteLength;
  }
  return [...records, end(exchange, offset, how)];
}

export const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const part = (delta: object, reason: string | null = null): string => frame({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-test-1', choices: [{ index: 0, delta, finish_reason: reason }] });

/** An OpenAI Chat Completions answer, streamed. */
export function streamed(words: string[], finish = 'stop'): string[] {
  return [part({ role: 'assistant', content: '' }), ...words.map((content) => part({ content })), part({}, finish), 'data: [DONE]\n\n'];
}

/** The same, asking for one tool. */
export function askingTool(id: string, name: string, args: string): string[] {
  return [part({ role: 'assistant', tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }] }), part({ tool_calls: [{ index: 0, function: { arguments: args } }] }), part({}, 'tool_calls'), 'data: [DONE]\n\n'];
}

export const asked = (...messages: object[]): string => JSON.stringify({ model: 'gpt-test', stream: true, messages });
export const user = (content: string): object => ({ role: 'user', content });
export const assistant = (content: string): object => ({ role: 'assistant', content });
export const usingTool = (id: string, name: string, args: string): object => ({ role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: args } }] });
export const toolResult = (id: string, content: string): object => ({ role: 'tool', tool_call_id: id, content });

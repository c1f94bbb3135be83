/** Made-up calls as they would have crossed the wire, taken through the product's own reading, linking and synthesis. */
import type { Exchange } from '../../../lib/model/exchange.ts';
import type { EndCause } from '../../../lib/model/record.ts';
import type { SpanRow } from '../../../lib/model/span.ts';
import type { StoredBody } from '../../../lib/store/reader.ts';
import { factsOf } from '../../../lib/trace/facts.ts';
import { readCall } from '../../../lib/trace/fold.ts';
import { relink } from '../../../lib/trace/relink.ts';
import { spansOf } from '../../../lib/trace/synthesise.ts';

export interface Made {
  exchange: Exchange;
  request: StoredBody;
  response: StoredBody;
}

export interface CallPlan {
  session: string;
  document: string;
  /** epoch ms */ at: number;
  model: string;
  messages: object[];
  tools?: object[];
  /** text of the answer, streamed in pieces from `firstMs` to `lastMs` */ answer?: string;
  reasoning?: string;
  calls?: Array<{ id: string; name: string; args: object }>;
  usage?: object;
  finish?: string;
  firstMs: number;
  lastMs: number;
  status?: number;
  body?: string;
  how?: EndCause;
  extra?: object;
  retryCount?: number;
  /** bytes of the response that count as not recorded */ missing?: number;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
let ordinal = 0;

export function make(plan: CallPlan): Made {
  const body = JSON.stringify({ model: plan.model, stream: true, temperature: 0.2, max_completion_tokens: 800, ...plan.extra, messages: plan.messages, ...(plan.tools ? { tools: plan.tools } : {}) });
  const request = bytes(body);
  const frames = plan.body !== undefined ? [plan.body] : framesOf(plan);
  const response = bytes(frames.join(''));
  const ends = new Uint32Array(frames.length);
  const times = new Float64Array(frames.length);
  let total = 0;
  frames.forEach((frame, index) => {
    total += bytes(frame).length;
    ends[index] = total;
    times[index] = plan.firstMs + ((plan.lastMs - plan.firstMs) * index) / Math.max(frames.length - 1, 1) + Math.sin(index * 1.7) * 4;
  });
  const running = plan.how === undefined;
  ordinal += 1;
  const exchange: Exchange = {
    id: `${plan.document}/${ordinal}`, session: plan.session, documentId: plan.document, ordinal, frameId: 0, startMs: plan.at, clock: plan.at % 1e6, transport: 'fetch', method: 'POST',
    url: 'https://api.openai.com/v1/chat/completions', pageUrl: 'http://localhost:5173/', requestForm: 'exact',
    requestHeaders: [['content-type', 'application/json'], ['authorization', '[removed]'], ['x-stainless-lang', 'js'], ...(plan.retryCount ? [['x-stainless-retry-count', String(plan.retryCount)] as const] : [])],
    request: { read: request.length, stored: request.length, missing: 0 }, response: { read: response.length + (plan.missing ?? 0), stored: response.length, missing: plan.missing ?? 0 },
    head: { atMs: plan.firstMs - 20, status: plan.status ?? 200, type: 'cors', url: 'https://api.openai.com/v1/chat/completions', headers: [['content-type', (plan.status ?? 200) === 200 ? 'text/event-stream; charset=utf-8' : 'application/json'], ['x-request-id', `req_a81f${ordinal}c0ffee`], ['openai-processing-ms', '312']] },
    firstByteMs: plan.firstMs, ...(running ? {} : { end: { atMs: plan.lastMs + 3, how: plan.how as EndCause } }), removedSecrets: 1, rev: 1,
  };
  const call = readCall(exchange, request, response);
  exchange.facts = factsOf(exchange, call, { ends, times });
  return { exchange, request: { bytes: request, times: new Float64Array(), ends: new Uint32Array(), missing: 0 }, response: { bytes: response, times, ends, missing: plan.missing ?? 0 } };
}

function framesOf({ answer = '', reasoning = '', calls = [], usage, finish, model, how }: CallPlan): string[] {
  const frame = (choice: object, extra: object = {}): string => `data: ${JSON.stringify({ id: 'chatcmpl-9f2', object: 'chat.completion.chunk', model: `${model}-2026-03-11`, choices: [{ index: 0, ...choice }], ...extra })}\n\n`;
  const frames = [frame({ delta: { role: 'assistant', content: '' } })];
  for (const piece of reasoning.match(/\S+\s*/g) ?? []) frames.push(frame({ delta: { reasoning_content: piece } }));
  for (const piece of answer.match(/\S+\s*/g) ?? []) frames.push(frame({ delta: { content: piece } }));
  calls.forEach(({ id, name, args }, index) => {
    frames.push(frame({ delta: { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] } }));
    for (const piece of JSON.stringify(args).match(/.{1,8}/g) ?? []) frames.push(frame({ delta: { tool_calls: [{ index, function: { arguments: piece } }] } }));
  });
  if (how !== 'complete') return frames;
  frames.push(frame({ delta: {}, finish_reason: finish ?? (calls.length > 0 ? 'tool_calls' : 'stop') }));
  if (usage) frames.push(`data: ${JSON.stringify({ id: 'chatcmpl-9f2', model: `${model}-2026-03-11`, choices: [], usage })}\n\n`);
  frames.push('data: [DONE]\n\n');
  return frames;
}

/** Links all calls and gives the rows of all runs, as the recorder would have. */
export async function rowsOf(made: readonly Made[]): Promise<SpanRow[]> {
  const all = made.map(({ exchange }) => exchange);
  const having = (field: 'gives' | 'seeks') => async (keys: readonly string[]): Promise<Exchange[]> => all.filter((exchange) => exchange.facts?.[field].some((key) => keys.includes(key)));
  const linked = await relink(all, { giving: having('gives'), seeking: having('seeks'), ofRun: async (run) => all.filter((exchange) => exchange.run === run) });
  for (const exchange of linked.exchanges) Object.assign(all.find(({ id }) => id === exchange.id) ?? {}, exchange);
  const runs = Map.groupBy(all, (exchange) => exchange.run ?? exchange.id);
  return [...runs.values()].flatMap((run) => spansOf(run)).map((row) => ({ ...row, rev: 1 }));
}

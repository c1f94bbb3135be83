/**
 * The loopback server of the benches: one set of handlers at several addresses, so that the same page and the same
 * answers are reached where the extension records (127.0.0.1) and where it does not (127.0.0.2, 127.0.0.3).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A cross-origin isolated page gets a clock of 5 µs instead of 100. */
const PAGE_HEADERS = { 'content-type': 'text/html; charset=utf-8', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
/** Six connections are the most a page has to one host: more streams come from others. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' };
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Bench</title><h1>Bench</h1>';

/** A small Chat Completions answer, as https://platform.openai.com/docs/api-reference/chat/object */
const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench', object: 'chat.completion', created: 1_760_000_000, model: 'gpt-5-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The lighthouse keeper counted the waves and found one too many.', refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 24, completion_tokens: 13, total_tokens: 37, prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 } },
});

/** One frame of a Chat Completions stream, as https://platform.openai.com/docs/api-reference/chat-streaming */
export function frame(delta: Record<string, unknown>, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-5-mini', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`;
}

/** Waits about `ms`; below 2 ms by turns of the event loop, since timers are no finer than 1 ms. */
async function pause(ms: number): Promise<void> {
  if (ms >= 2) return new Promise((resolve) => setTimeout(resolve, ms));
  const until = performance.now() + ms;
  do await new Promise((resolve) => setImmediate(resolve)); while (performance.now() < until);
}

/** `?rate=` content frames a second for `?seconds=`, each at its time however late the one before it was, then the stop frame. */
async function paced(query: URLSearchParams, response: ServerResponse): Promise<void> {
  const [rate, seconds] = [Number(query.get('rate')), Number(query.get('seconds'))];
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...CORS });
  response.write(frame({ role: 'assistant', content: '' }));
  const begin = performance.now();
  for (let n = 0; n < rate * seconds && !response.destroyed; n++) {
    await pause(Math.max(0, begin + n * 1000 / rate - performance.now()));
    response.write(frame({ content: ` word${n}` }));
  }
  response.end(`${frame({}, 'stop')}data: [DONE]\n\n`);
}

/** `?chunks=` content frames, one every `?pause=` ms, each of the text ` <mark><n>.`, then the stop frame and [DONE]. */
async function stream(query: URLSearchParams, response: ServerResponse): Promise<void> {
  const chunks = Number(query.get('chunks'));
  const mark = query.get('mark') ?? 'word';
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.write(frame({ role: 'assistant', content: '' }));
  for (let n = 0; n < chunks && !response.destroyed; n++) {
    await pause(Number(query.get('pause')));
    response.write(frame({ content: ` ${mark}${n}.` }));
  }
  response.end(`${frame({}, 'stop')}data: [DONE]\n\n`);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
  request.resume().on('end', () => {
    if (request.method === 'OPTIONS') response.writeHead(204, CORS).end();
    else if (pathname === '/') response.writeHead(200, PAGE_HEADERS).end(PAGE);
    else if (!pathname.endsWith('/chat/completions')) response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    else if (searchParams.has('rate')) void paced(searchParams, response);
    else if (searchParams.has('chunks')) void stream(searchParams, response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
  });
}

export interface BenchServer { /** `http://127.0.0.n:port`, in the order asked for */ origins: string[]; close(): void }

/** Serves at each of these loopback addresses, at a free port of each. */
export async function serveAt(addresses: readonly string[]): Promise<BenchServer> {
  const servers: Server[] = addresses.map(() => createServer({ keepAliveTimeout: 60_000, noDelay: true }, answer));
  const origins = await Promise.all(servers.map((server, index) => new Promise<string>((resolve, reject) => {
    const address = addresses[index] ?? '';
    server.once('error', (error) => reject(new Error(`Cannot listen at ${address} (macOS: sudo ifconfig lo0 alias ${address})`, { cause: error })));
    server.listen(0, address, () => resolve(`http://${address}:${(server.address() as AddressInfo).port}`));
  })));
  return { origins, close: () => servers.forEach((server) => { server.close(); server.closeAllConnections(); }) };
}

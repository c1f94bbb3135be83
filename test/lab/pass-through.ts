/** Hands a request on to the mock and its answer back, byte for byte, at the mock's own pace. */
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Reply } from './reply.ts';

/** Belong to one connection or are set anew by us. */
const NOT_PASSED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'x-request-id', 'date']);

const passed = (headers: IncomingHttpHeaders): Record<string, string> => Object.fromEntries(
  Object.entries(headers).flatMap(([name, value]) => value === undefined || NOT_PASSED.has(name) || name.startsWith('access-control-') ? [] : [[name, String(value)]]),
);

/** How long a real service thinks before a whole (not streamed) answer, ms. */
function thinkingMs(path: string, status: number): number {
  if (status >= 400) return 120;
  return /\/(?:completions|messages)$/.test(path) ? 800 : 160;
}

export interface Forwarding {
  /** Base URL of the mock. */ upstream: string;
  method: string;
  /** With the query. */ path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Added to the mock's own response headers. */ responseHeaders: Record<string, string>;
  /** 1 is real time. */ speed: number;
}

export async function forward(reply: Reply, { upstream, method, path, headers, body, responseHeaders, speed }: Forwarding): Promise<void> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = httpRequest(upstream + path, { method, headers: { ...passed(headers), 'content-length': body.length }, signal: reply.gone }, resolve);
    call.on('error', reject);
    call.end(body);
  });
  const status = answer.statusCode ?? 502;
  const head = { ...passed(answer.headers), ...responseHeaders };
  if (!answer.headers['content-type']?.includes('event-stream')) {
    const whole = await buffer(answer);
    if (!await reply.wait(thinkingMs(path.split('?')[0] ?? path, status) / speed)) return;
    reply.head(status, { ...head, 'content-length': String(whole.length) });
    await reply.write(whole);
    return reply.end();
  }
  reply.head(status, head);
  for await (const piece of answer) {
    if (!await reply.write(piece as Buffer)) return;
  }
  reply.end();
}

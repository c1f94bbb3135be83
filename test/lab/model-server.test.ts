import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';
import { longStream } from './streams.ts';

let server: ModelServer;
beforeEach(async () => { server = await startModelServer(); });
afterEach(() => server.close());

const post = (path: string, body: unknown = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'x-lab-speed': '100' }, ...init });
const attempt = (count: number): Promise<Response> =>
  post('/v1/chat/completions', ask('Recommend a small hotel in Porto.'), { headers: { 'x-stainless-retry-count': String(count), 'x-lab-speed': '100' } });
const ask = (words: string, more: object = {}) => ({ model: 'gpt-5-mini', messages: [{ role: 'user', content: words }], ...more });

describe('replay', () => {
  const body = Buffer.from('data: {"text":"Tōfuku-ji 🍁"}\n\ndata: [DONE]\n\n');

  test('hands over the very bytes, also when cut in the middle of a character', async () => {
    const cuts = Array.from(body.keys());
    server.replay({ path: '/v1/x', status: 201, headers: { 'content-type': 'text/event-stream', 'x-own': 'yes' }, body, cuts });
    const response = await post('/v1/x', { hello: 1 });
    expect([response.status, response.headers.get('x-own')]).toEqual([201, 'yes']);
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    await server.settled();
    expect(server.journal).toMatchObject([{ method: 'POST', path: '/v1/x', status: 201, request: '{"hello":1}', response: body.toString(), responseBytes: body.length, ended: 'complete' }]);
  });

  test('destroys the connection at the byte asked for', async () => {
    server.replay({ path: '/v1/x', body, destroyAfter: 20 });
    const reader = (await post('/v1/x')).body?.getReader();
    expect((await reader?.read())?.value?.length).toBe(20);
    await expect(reader?.read()).rejects.toThrow();
    await server.settled();
    expect(server.journal).toMatchObject([{ responseBytes: 20, response: body.subarray(0, 20).toString(), ended: 'cut' }]);
  });

  test('stops when the client goes, and journals only what left', async () => {
    const stream = longStream({ dialect: 'anthropic', chunks: 10_000, intervalMs: 1 });
    server.replay({ path: '/v1/messages', ...stream });
    const controller = new AbortController();
    const reader = (await post('/v1/messages', {}, { signal: controller.signal })).body?.getReader();
    await reader?.read();
    controller.abort();
    await server.settled();
    const [entry] = server.journal;
    expect(entry?.ended).toBe('closed by the client');
    expect(entry?.responseBytes).toBeLessThan(stream.body.length);
    expect(stream.body.toString().startsWith(entry?.response ?? '?')).toBe(true);
  });

  test('serves as often as asked, in order, then the mock answers again', async () => {
    server.replay({ path: '/v1/chat/completions', body: 'first', times: 2 });
    server.answer('/v1/chat/completions', async (reply, request) => {
      reply.head(200, { 'content-type': 'text/plain' });
      await reply.write(`third: ${request}`);
      reply.end();
    });
    const texts: string[] = [];
    for (let n = 0; n < 4; n++) texts.push(await (await post('/v1/chat/completions', ask('Kyoto?'))).text());
    expect(texts.slice(0, 3)).toEqual(['first', 'first', `third: ${JSON.stringify(ask('Kyoto?'))}`]);
    expect(texts[3]).toContain('maples');
  });
});

describe('the mock behind it', () => {
  test('streams with usage, request id and CORS for any page', async () => {
    const response = await post('/v1/chat/completions', ask('Plan a long weekend in Lisbon', { stream: true, stream_options: { include_usage: true } }));
    expect(response.headers.get('x-request-id')).toBe('req_0001');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.text()).toContain('"usage":{"prompt_tokens":86,"completion_tokens":168,"total_tokens":254}');
  });

  test('answers preflights for every header the SDKs send, and lets pages read retry-after', async () => {
    const response = await fetch(`${server.url}/v1/messages`, { method: 'OPTIONS', headers: { origin: 'http://localhost', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key,anthropic-version' } });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toBe('x-api-key,anthropic-version');
    expect(response.headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(server.journal).toEqual([]);
  });

  test('fails a first attempt and answers the second', async () => {
    const [first, second] = [await attempt(0), await attempt(1)];
    expect([first.status, first.headers.get('retry-after'), second.status]).toEqual([429, '1', 200]);
  });
});

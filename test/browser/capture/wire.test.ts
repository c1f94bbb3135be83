/**
 * Harm of a capture shows only at the server: does it hear of a cancel, does an unread body hold it back, did the request
 * arrive as it would have? Everything is done once with and once without us.
 */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Answer } from './model-server.ts';
import { run, setup } from './setup.ts';

const all = setup();
const settle = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Writes for as long as somebody listens. */
const stream: Answer = async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  while (!response.destroyed) {
    response.write('data: more\n\n');
    await settle(10);
  }
};

const CANCELS: Record<string, string> = {
  'reader.cancel': `const reader = r.body.getReader(); await reader.read(); reader.cancel('enough')`,
  'reader.cancel while a read waits': `const reader = r.body.getReader(); await reader.read(); reader.read(); reader.cancel()`,
  'BYOB reader.cancel': `const reader = r.body.getReader({ mode: 'byob' }); await reader.read(new Uint8Array(10)); reader.cancel()`,
  'body.cancel': `r.body.cancel()`,
  'for await, break': `for await (const chunk of r.body) break`,
  'for await, throw': `try { for await (const chunk of r.body) throw 1 } catch {}`,
  'iterator.return': `const it = r.body.values(); await it.next(); it.return()`,
  'pipeTo, sink fails': `r.body.pipeTo(new WritableStream({ write() { throw 1 } })).catch(() => {})`,
  'pipeTo, signal': `const stop = new AbortController(); r.body.pipeTo(new WritableStream(), { signal: stop.signal }).catch(() => {}); await pause(40); stop.abort()`,
  'pipeThrough, its reader cancels': `const reader = r.body.pipeThrough(new TextDecoderStream()).getReader(); await reader.read(); reader.cancel()`,
  'pipeThrough twice': `const reader = r.body.pipeThrough(new TextDecoderStream()).pipeThrough(new TransformStream()).getReader(); await reader.read(); reader.cancel()`,
  'textStream cancels': `const reader = r.textStream().getReader(); await reader.read(); reader.cancel()`,
  'tee, both branches cancel': `const [a, b] = r.body.tee(); a.cancel(); b.cancel()`,
  'clone, both bodies cancel': `const c = r.clone(); await pause(20); c.body.cancel(); r.body.cancel()`,
  'abort before anything is read': `stopCall.abort()`,
  'abort while it is read': `const reader = r.body.getReader(); await reader.read(); reader.read().catch(() => {}); stopCall.abort()`,
  'abort while text() waits': `r.text().catch(() => {}); await pause(30); stopCall.abort()`,
  'abort while it is piped': `r.body.pipeTo(new WritableStream()).catch(() => {}); await pause(30); stopCall.abort()`,
};

/** Whether the server hears that the socket of the case's one request has closed. */
async function closesSoon(name: string): Promise<boolean> {
  for (let waited = 0; waited < 15_000; waited += 20) {
    if (all.server.noted(name)[0]?.closedAt !== undefined) return true;
    await settle(20);
  }
  return false;
}

async function closes(ours: boolean, name: string, code: string): Promise<boolean> {
  all.server.on(name, stream);
  const page = await (ours ? all.watched() : all.bare());
  await run(page, `globalThis.stopCall = new AbortController(); globalThis.r = await call('${encodeURIComponent(name)}', { signal: stopCall.signal }); ${code}`);
  const closed = await closesSoon(name);
  await page.browserContext().close();
  return closed;
}

async function heardOfAbort(ours: boolean): Promise<boolean> {
  const name = `silent ${ours}`;
  all.server.on(name, () => {});
  const page = await (ours ? all.watched() : all.bare());
  await run(page, `const stop = new AbortController(); setTimeout(() => stop.abort(), 60); try { await call('${encodeURIComponent(name)}', { signal: stop.signal }) } catch {}`);
  const closed = await closesSoon(name);
  await page.browserContext().close();
  return closed;
}

describe('a cancel reaches the server', () => {
  test.each(Object.entries(CANCELS))('%s', async (name, code) => {
    expect(await closes(false, `${name} bare`, code)).toBe(true);
    expect(await closes(true, `${name} watched`, code)).toBe(true);
  });

  test('abort before the head', async () => {
    expect([await heardOfAbort(false), await heardOfAbort(true)]).toEqual([true, true]);
  });

  test('one branch of two is not a cancel', async () => {
    const code = `const [a, b] = r.body.tee(); a.cancel(); const reader = b.getReader(); for (let i = 0; i < 20; i++) await reader.read()`;
    expect(await stillOpen(false, code)).toBe(true);
    expect(await stillOpen(true, code)).toBe(true);
  });
});

async function stillOpen(ours: boolean, code: string): Promise<boolean> {
  const name = `branch ${ours}`;
  all.server.on(name, stream);
  const page = await (ours ? all.watched() : all.bare());
  await run(page, `const r = await call('${encodeURIComponent(name)}'); globalThis.kept = r; ${code}`);
  const open = all.server.noted(name)[0]?.closedAt === undefined;
  await page.browserContext().close();
  return open;
}

const MB = 1 << 20;
const UNREAD: Record<string, string> = {
  'held unread': ``,
  'a reader that does not read': `globalThis.reader = r.body.getReader()`,
  'ten reads, then none': `globalThis.reader = r.body.getReader(); for (let i = 0; i < 10; i++) await reader.read()`,
  'piped, ten reads, then none': `globalThis.reader = r.body.pipeThrough(new TransformStream()).getReader(); for (let i = 0; i < 10; i++) await reader.read()`,
  'own tee, ten reads of one branch': `globalThis.two = r.body.tee(); globalThis.reader = two[0].getReader(); for (let i = 0; i < 10; i++) await reader.read()`,
};

/** Whether the server was held back from writing 200 MB. */
async function heldBack(ours: boolean, name: string, code: string): Promise<boolean> {
  const id = `${name} ${ours}`;
  let accepted = 0;
  all.server.on(id, async (response) => {
    response.writeHead(200);
    const block = Buffer.alloc(64 << 10, 'x');
    const closed = once(response, 'close');
    while (accepted < 200 * MB && !response.destroyed) {
      if (!response.write(block)) await Promise.race([once(response, 'drain'), closed]);
      accepted += block.length;
    }
  });
  const page = await (ours ? all.watched() : all.bare());
  await run(page, `globalThis.r = await call('${encodeURIComponent(id)}'); ${code}`);
  for (let before = -1; before !== accepted;) {
    before = accepted;
    await settle(700);
  }
  await page.browserContext().close();
  return accepted < 150 * MB;
}

describe('a body that is not read holds the server back', () => {
  test.each(Object.entries(UNREAD))('%s', async (name, code) => {
    expect(await heldBack(false, name, code)).toBe(true);
    expect(await heldBack(true, name, code)).toBe(true);
  });
});

async function asked(ours: boolean): Promise<string[]> {
  const id = `cors-${ours}`;
  all.server.on(id, (response) => { response.writeHead(200, { 'access-control-allow-origin': '*' }).end('{}'); });
  const page = await (ours ? all.watched() : all.bare());
  await page.goto(all.server.origin.replace('127.0.0.1', 'localhost'));
  await run(page, `await (await fetch('${all.server.origin}/v1/chat/completions?case=${id}', { method: 'POST', body: '{"messages":[]}' })).text()`);
  await page.browserContext().close();
  return all.server.noted(id).map(({ method }) => method);
}

describe('the request on the wire is the same', () => {
  test.each([
    ['string', `await call(name)`],
    ['typed', `await call(name, { headers: { 'content-type': 'application/json', 'x-key': 'k' } })`],
    ['Request', `await fetch(new Request(url, { method: 'POST', body }))`],
    ['Request with a typed Blob', `await fetch(new Request(url, { method: 'POST', body: new Blob([body], { type: 'application/json' }) }))`],
    ['Blob', `await call(name, { body: new Blob([body]) })`],
    ['buffer', `await call(name, { body: new TextEncoder().encode(body) })`],
    ['form', `const form = new URLSearchParams({ messages: '1' }); await call(name, { body: form })`],
    ['keepalive', `await call(name, { keepalive: true })`],
  ])('%s', async (name, code) => {
    const arrived = async (ours: boolean): Promise<unknown> => {
      const id = `${name}-wire-${ours}`;
      all.server.on(id, (response) => { response.end('{}'); });
      const page = await (ours ? all.watched() : all.bare());
      await run(page, `const name = '${encodeURIComponent(id)}', url = '/v1/chat/completions?case=' + name, body = '{"messages":[]}'; ${code}`);
      await page.browserContext().close();
      const { method, rawHeaders, body } = all.server.noted(id)[0] ?? {};
      return { count: all.server.noted(id).length, method, rawHeaders, body: body?.toString() };
    };
    expect(await arrived(true)).toEqual(await arrived(false));
  });

  test('no preflight more, across origins', async () => {
    expect(await asked(true)).toEqual(await asked(false));
  });
});

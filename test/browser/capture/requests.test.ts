/** Which calls are recorded, in every shape a page can give them, and what of the request is told. */
import { describe, expect, test } from 'vitest';
import { pieces } from './model-server.ts';
import { run, setup } from './setup.ts';
import { bytesOf, ended, told } from './watched-page.ts';

const all = setup(['--js-flags=--expose-gc']);
const CHAT = '/v1/chat/completions?case=r';
const BODY = '{"model":"m","messages":[{"role":"user","content":"Grüße"}]}';
const IN_PAGE = `const body = ${JSON.stringify(BODY)}; const bytes = new TextEncoder().encode(body); const url = '${CHAT}'; const POST = { method: 'POST', body };
const upload = () => new ReadableStream({ start(c) { c.enqueue(bytes); c.close(); } });`;

/** Runs code that makes calls of the case `r`; answers what was told, when `calls` of them have ended. */
async function recorded(code: string, calls = 1) {
  all.server.on('r', pieces(['{}'], 1, 'application/json'));
  const before = all.server.noted('r').length;
  const page = await all.watched();
  await run(page, `${IN_PAGE} ${code}`);
  const records = await told(page, ended(calls));
  await page.browserContext().close();
  return { records, arrived: all.server.noted('r').slice(before) };
}

describe('recorded, with the bytes that were sent', () => {
  test.each([
    ['string and init', `await (await fetch(url, POST)).text()`],
    ['lower case method', `await (await fetch(url, { method: 'post', body })).text()`],
    ['URL object', `await (await fetch(new URL(url, location), POST)).text()`],
    ['Request with the body inside', `await (await fetch(new Request(url, POST))).text()`],
    ['Request, its body overridden', `await (await fetch(new Request(url, { method: 'POST', body: 'other' }), { body })).text()`],
    ['Request with a Blob inside', `await (await fetch(new Request(url, { method: 'POST', body: new Blob([body]) }))).text()`],
    ['Request used after a clone', `const q = new Request(url, POST); const c = q.clone(); await c.text(); await (await fetch(q)).text()`],
    ['fetch.bind', `await (await fetch.bind(globalThis)(url, POST)).text()`],
    ['fetch kept by a client', `const kept = fetch; await (await kept(url, POST)).text()`],
    ['fetch.call of the window', `await (await fetch.call(window, url, POST)).text()`],
    ['Uint8Array', `await (await fetch(url, { method: 'POST', body: bytes })).text()`],
    ['ArrayBuffer', `await (await fetch(url, { method: 'POST', body: bytes.buffer })).text()`],
    ['DataView', `await (await fetch(url, { method: 'POST', body: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) })).text()`],
    ['Blob', `await (await fetch(url, { method: 'POST', body: new Blob([body]) })).text()`],
    ['init with a prototype', `await (await fetch(url, Object.create(POST))).text()`],
    ['another host and prefix', `await (await fetch(url.replace('/v1', '/router//openai/v9'), POST)).text()`],
    ['no answer read before the body was there', `const p = fetch(new Request(url, { method: 'POST', body: new Blob([body]) })); await (await p).text()`],
    ['an unknown path, by its shape', `await (await fetch(url.replace('/v1/chat/completions', '/api/ask'), POST)).text()`],
    ['an unknown path, by the shape of its buffer', `await (await fetch(url.replace('/v1/chat/completions', '/api/ask'), { method: 'POST', body: bytes.slice().buffer })).text()`],
    ['an unknown path, by the shape of its bytes', `const within = new Uint8Array(bytes.length + 2); within.set(bytes, 1); await (await fetch(url.replace('/v1/chat/completions', '/api/ask'), { method: 'POST', body: within.subarray(1, -1) })).text()`],
  ])('%s', async (_name, code) => {
    const { records, arrived } = await recorded(code);
    expect(arrived).toHaveLength(1);
    expect(bytesOf(records, 1, 'request')).toBe(arrived[0]?.body.toString('latin1'));
    const start = records.find(({ kind }) => kind === 'start');
    expect(start).toMatchObject({ method: 'POST', body: 'exact', bodySize: Buffer.byteLength(BODY), exchange: 1 });
    expect(start?.url).toBe(`${all.server.origin}${arrived[0]?.url}`);
    expect(bytesOf(records)).toBe('{}');
    expect(records.filter(({ exchange }) => exchange === 1).map(({ kind, side }) => side ?? kind)).toEqual(['start', 'request', 'head', 'response', 'end']);
  });

  test('a page that keeps its responses does not keep the bodies of its requests with them', async () => {
    all.server.on('r', pieces(['{}'], 1, 'application/json'));
    const page = await all.watched();
    const used = async (): Promise<number> => { await run(page, 'gc(); await pause(20); gc();'); return (await page.metrics()).JSHeapUsedSize ?? 0; };
    const send = `globalThis.kept ??= []; const r = await fetch('${CHAT}', { method: 'POST', body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(1e6) }] }) }); kept.push(r, r.body.getReader());`;
    await run(page, send);
    await told(page, (records) => records.some(({ kind }) => kind === 'head'));
    const before = await used();
    await run(page, `for (let i = 0; i < 8; i++) { ${send} }`);
    await told(page, (records) => records.filter(({ kind }) => kind === 'head').length === 9);
    expect(await used() - before).toBeLessThan(2e6); // of 8e6
    await page.browserContext().close();
  });

  test('the body as it was at the call', async () => {
    const { records, arrived } = await recorded(`const p = fetch(url, { method: 'POST', body: bytes }); bytes.fill(32); await (await p).text()`);
    expect(bytesOf(records, 1, 'request')).toBe(arrived[0]?.body.toString('latin1'));
  });

  test('headers of each kind', async () => {
    const { records } = await recorded(`for (const headers of [{ 'x-a': '1', 'x-b': '2' }, [['x-a', '1'], ['x-b', '2']], new Headers({ 'x-a': '1', 'x-b': '2' })]) await (await fetch(url, { ...POST, headers })).text();
      await (await fetch(new Request(url, { ...POST, headers: { 'x-a': '1', 'x-b': '2' } }))).text()`, 4);
    for (const { headers } of records.filter(({ kind }) => kind === 'start')) expect(headers.filter(([name]) => name.startsWith('x-'))).toEqual([['x-a', '1'], ['x-b', '2']]);
  });

  test('a relative URL against the page\'s base', async () => {
    const { records } = await recorded(`document.head.innerHTML = '<base href="/deep/er/">'; await (await fetch('v1/chat/completions?case=r', POST)).text()`);
    expect(records.find(({ kind }) => kind === 'start')?.url).toBe(`${all.server.origin}/deep/er/v1/chat/completions?case=r`);
  });

  test('an upload stream is told as such and not touched', async () => {
    const { records } = await recorded(`try { await (await fetch(url, { method: 'POST', body: upload(), duplex: 'half' })).text() } catch {}`);
    expect(records.find(({ kind }) => kind === 'start')).toMatchObject({ body: 'stream', bodySize: 0 });
    expect(records.some(({ side }) => side === 'request')).toBe(false);
  });

  test('an upload stream inside a Request is not touched', async () => {
    const { records } = await recorded(`try { await (await fetch(new Request(url, { method: 'POST', body: upload(), duplex: 'half' }))).text() } catch {}`);
    expect(records.find(({ kind }) => kind === 'start')).toMatchObject({ body: 'stream' });
  });
});

describe('not recorded, and given the native promise', () => {
  test.each([
    ['GET', `await fetch(url)`],
    ['GET by init', `await fetch(url, {})`],
    ['a path and body of something else', `await fetch(url.replace('/v1/chat/completions', '/api/save'), { method: 'POST', body: '{"text":"hello"}' })`],
    ['a path and bytes of something else', `await fetch(url.replace('/v1/chat/completions', '/api/save'), { method: 'POST', body: new TextEncoder().encode('{"text":"hello"}') })`],
    ['a long upload that begins like a call', `const long = new Uint8Array(1e6); long.set(bytes); await fetch(url.replace('/v1/chat/completions', '/api/save'), { method: 'POST', body: long })`],
    ['the path, but another body', `await fetch(url, { method: 'POST', body: '{"text":"hello"}' })`],
    ['the path, but a form', `const form = new FormData(); form.set('messages', 'x'); await fetch(url, { method: 'POST', body: form })`],
    ['Request with another body', `await (await fetch(new Request(url, { method: 'POST', body: 'hello' }))).text()`],
    ['Blob with another body', `await (await fetch(url, { method: 'POST', body: new Blob(['hello']) })).text()`],
    ['counting tokens', `await fetch(url.replace('/chat/completions', '/messages/count_tokens'), { method: 'POST', body: '{"messages":[{"role":"user"}],"model":"m","max_tokens":1}' })`],
    ['an object with a toString', `await fetch({ toString: () => url }, POST)`],
    ['a method behind a getter', `await fetch(url, { get method() { return 'POST' }, body })`],
  ])('%s', async (_name, code) => {
    all.server.on('r', pieces(['{}'], 1));
    const before = all.server.noted('r').length;
    const page = await all.watched();
    await run(page, `${IN_PAGE} ${code}`);
    await new Promise((resolve) => { setTimeout(resolve, 150); });
    expect((await told(page)).map(({ kind }) => kind)).toEqual(['document']);
    expect(all.server.noted('r')).toHaveLength(before + 1);
    await page.browserContext().close();
  });
});

test('what turned out to be no call before it was answered is answered with a native Response', async () => {
  all.server.on('r', async (response) => {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    response.end('{}');
  });
  const page = await all.watched();
  const native = (body: string): Promise<unknown> => run(page, `${IN_PAGE} return Object.getPrototypeOf(await fetch(url, { method: 'POST', body: ${body} })) === Response.prototype`);
  expect(await native(`new Blob(['hello'])`)).toBe(true);
  expect(await native(`new Blob([body])`)).toBe(false); // which we can be told by, where we watch
  await page.browserContext().close();
});

test('frames of every kind have their own watch', async () => {
  all.server.on('r', pieces(['{}'], 1));
  const page = await all.watched();
  await run(page, `${IN_PAGE} globalThis.frames2 = [];
    const add = (set) => { const frame = document.createElement('iframe'); set(frame); document.body.append(frame); return frame; };
    const blank = add(() => {}), doc = add((f) => { f.srcdoc = '<p>'; }), blob = add((f) => { f.src = URL.createObjectURL(new Blob(['<p>'], { type: 'text/html' })); });
    await pause(500);
    globalThis.results = [];
    for (const frame of [blank, doc, blob]) { await (await frame.contentWindow.fetch(location.origin + url, POST)).text(); results.push(frame.contentWindow.fetch !== fetch); }`);
  const kinds = () => run(page, `return [...document.querySelectorAll('iframe')].map((frame) => frame.contentWindow.spanlightTest?.take().map(({ kind, top, side }) => side ?? (kind === 'document' ? top : kind)))`);
  const each = [false, 'start', 'request', 'head', 'response', 'end'];
  await expect.poll(kinds, { timeout: 10_000 }).toEqual([each, each, each]);
  await page.browserContext().close();
});

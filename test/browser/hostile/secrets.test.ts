/**
 * A distinct canary in each place a secret can be, for every way to call and to read; then all that the extension keeps or
 * shows is searched: the database, chrome.storage, the export, the panel in every view, the consoles. What is no secret is
 * found by the same search.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ConsoleMessage, Page } from 'puppeteer-core';
import { build } from 'vite';
import { beforeAll, expect, test } from 'vitest';
import { pieces, type Answer } from '../capture/model-server.ts';
import { openPanel } from '../devtools-panel.ts';
import { everyView, exportFrom, tracesSettled } from '../panel-dom.ts';
import { eventually, run, setup, sse, streamed } from './setup.ts';
import { findAll, readStored, type FoundText } from './stored.ts';

const all = setup();

/** Every secret and every plain word that a test has made. Searched for are the random parts, so that a piece counts too. */
const planted: Array<{ place: string; random: string; secret: boolean }> = [];
const plant = (secret: boolean) => (place: string): string => {
  const random = randomBytes(8).toString('hex');
  planted.push({ place, random, secret });
  return `${secret ? 'sk-test' : 'plain'}-${random}`;
};
const secretIn = plant(true);
const wordIn = plant(false);

const consoles: FoundText[] = [];
const listen = (place: string) => (message: ConsoleMessage): void => { consoles.push({ place: `console of ${place}`, text: message.text() }); };

let sdkUrl = '';
beforeAll(async () => {
  const built = await build({ configFile: false, logLevel: 'silent', build: { write: false, target: 'esnext', lib: { entry: join(import.meta.dirname, 'sdk-entry.ts'), formats: ['iife'], name: 'sdks' } } });
  const output = Array.isArray(built) ? built[0]?.output : 'output' in built ? built.output : undefined;
  const [script] = output ?? [];
  all.server.on('sdk', (response) => { response.writeHead(200, { 'content-type': 'text/javascript' }).end(script?.type === 'chunk' ? script.code : ''); });
  sdkUrl = `${all.server.origin}/?case=sdk`;
});

const event = (value: { type: string }): string => `event: ${value.type}\n${sse(value)}`;

interface Planted { url: string; headers: Record<string, string>; body: string; secrets: string[] }

const HEADERS = ['Authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'X-Session-Cookie', 'x-amz-security-token', 'x-client-secret', 'x-request-signature', 'x-credential', 'x-auth'];
const PARAMETERS = ['key', 'api_key', 'access_token', 'X-Amz-Signature', 'X-Amz-Credential', 'client%5Fsecret', 'sig'];

/** A call with a secret in every place of its request; `plain` places repeat them all. */
function requestOf(shape: string): Planted {
  const headerSecrets = HEADERS.map((name) => secretIn(`${shape}: header ${name}`));
  const querySecrets = PARAMETERS.map((name) => secretIn(`${shape}: parameter ${name}`));
  const [bodyKey, bodySecret, bodyDeep] = [secretIn(`${shape}: body api_key`), secretIn(`${shape}: body client_secret`), secretIn(`${shape}: body, nested`)];
  const [fragment] = [secretIn(`${shape}: fragment of the URL`)];
  const secrets = [...headerSecrets, ...querySecrets, bodyKey, bodySecret, bodyDeep, fragment];
  const query = PARAMETERS.map((name, i) => `${name}=${querySecrets[i]}`).join('&');
  return {
    secrets,
    url: `/v1/chat/completions?case=${encodeURIComponent(shape)}&${query}&plain=${wordIn(`${shape}: parameter`)}&again=${headerSecrets[0]}#access_token=${fragment}`,
    headers: {
      ...Object.fromEntries(HEADERS.map((name, i) => [name, `${i === 0 && shape.length % 2 === 0 ? 'Bearer ' : ''}${headerSecrets[i]}`])),
      'content-type': 'application/json', 'x-plain': wordIn(`${shape}: header`), 'x-again': `${headerSecrets[1]} ${querySecrets[0]}`,
    },
    body: JSON.stringify({
      model: 'gpt-hostile', stream: true, messages: [{ role: 'user', content: `${wordIn(`${shape}: request`)}: the keys are ${secrets.join(', ')}.` }],
      api_key: bodyKey, metadata: { client_secret: { value: bodySecret, expires_at: 1 }, nested: [{ password: bodyDeep }] },
    }),
  };
}

/** Answers with secrets of its own, then repeats them and those it was sent: in headers, whole, and word by word in `step` letters. */
function echo(shape: string, { secrets }: Pick<Planted, 'secrets'>, step: number, cut: number): Answer {
  const [header, ephemeral] = [secretIn(`${shape}: response header`), secretIn(`${shape}: client_secret of the response`)];
  const told = [...secrets, header, ephemeral].join(' ');
  const letters = `Your keys: ${told}. `;
  const words = Array.from({ length: Math.ceil(letters.length / step) }, (_, i) => letters.slice(i * step, i * step + step));
  const answer = Buffer.from([sse({ client_secret: { value: ephemeral } }), sse({ 'x-echo': told }), ...streamed([`${wordIn(`${shape}: answer`)} `, ...words])].join(''));
  const parts = Array.from({ length: Math.ceil(answer.length / cut) }, (_, i) => answer.subarray(i * cut, i * cut + cut));
  return (response, request, noted) => {
    response.setHeader('x-session-token', header);
    response.setHeader('x-echo', [...secrets, header].join(' ')); // the other is known only when the body tells it
    response.setHeader('x-request-id', wordIn(`${shape}: response header`));
    return pieces(parts, 2)(response, request, noted);
  };
}

const READ: Record<string, string> = {
  text: 'await r.text()',
  arrayBuffer: 'await r.arrayBuffer()',
  blob: 'await r.blob()',
  reader: 'const reader = r.body.getReader(); while (!(await reader.read()).done);',
  iterator: 'for await (const chunk of r.body);',
  pipe: 'await r.body.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream())',
  clone: 'const c = r.clone(); await Promise.all([c.text(), r.text()])',
  tee: 'for (const side of r.body.tee()) for await (const chunk of side);',
};

const SHAPES: Record<string, string> = {
  'a string and an object': 'fetch(url, { method: "POST", headers, body })',
  'a URL and Headers': 'fetch(new URL(url, location.href), { method: "POST", headers: new Headers(headers), body })',
  'a Request': 'fetch(new Request(url, { method: "POST", headers, body }))',
  'a Request, headers given anew': 'fetch(new Request(url, { method: "POST", body }), { headers })',
  'a list of pairs': 'fetch(url, { method: "POST", headers: Object.entries(headers), body })',
  'a Map of headers': 'fetch(url, { method: "POST", headers: new Map(Object.entries(headers)), body })',
  'bytes': 'fetch(url, { method: "POST", headers, body: new TextEncoder().encode(body) })',
  'a Blob': 'fetch(url, { method: "POST", headers, body: new Blob([body]) })',
};

/** All that is kept and shown of a page, as texts. */
async function everything(page: Page, calls: number): Promise<FoundText[]> {
  const panel = await openPanel(page);
  panel.devtools.on('console', listen('the panel'));
  await panel.resize(1400, 1600);
  await tracesSettled(panel.frame, calls);
  const views = await everyView(panel.frame);
  const file = await exportFrom(all.launched, panel.frame, 'everything');
  const stored = await readStored(await all.launched.originPage());
  return [...stored.texts, ...views, { place: 'the export', text: file.text }, { place: "the export's name", text: file.name }, ...consoles];
}

function check(texts: readonly FoundText[]): void {
  const secrets = planted.filter(({ secret }) => secret);
  const leaks = secrets.flatMap(({ place, random }) => findAll([random], texts).map((found) => `${place}: ${found}`));
  expect(leaks.slice(0, 20)).toEqual([]);
  const lost = planted.filter(({ secret, random }) => !secret && findAll([random], texts).length === 0);
  expect(lost.map(({ place }) => place)).toEqual([]);
}

test('no secret is kept or shown, wherever it was and however the page called', async () => {
  const calls = Object.entries(SHAPES).map(([shape, code], i) => {
    const request = requestOf(shape);
    all.server.on(shape, echo(shape, request, i + 2, 301 + 10 * i));
    const [how, read] = Object.entries(READ)[i % Object.keys(READ).length] as [string, string];
    return `async () => { const { url, headers, body } = ${JSON.stringify(request)}; const r = await ${code}; ${read}; return ${JSON.stringify(`${shape}, ${how}`)} }`;
  });
  const [query, fragment] = [secretIn('query of the page'), secretIn('fragment of the page')];
  const pageWord = wordIn('query of the page');
  const page = await all.open('', { url: (url) => `${url}&plain=${pageWord}&access_token=${query}#id_token=${fragment}&state=1` });
  page.on('console', listen('the page'));
  (await all.launched.worker()).on('console', listen('the worker'));

  // The page's own secrets come back too.
  const own = requestOf('of the page');
  all.server.on('of the page', echo('of the page', { secrets: [...own.secrets, query, fragment] }, 9, 200));
  const done = await run(page, `const done = await Promise.all([${calls.join(',\n')}].map((act) => act())); await (await fetch(${JSON.stringify(own.url)}, { method: 'POST', headers: ${JSON.stringify(own.headers)}, body: ${JSON.stringify(own.body)} })).text(); return done`);
  expect(done).toHaveLength(calls.length);

  // Errors that tell secrets: an abort's reason, a body that breaks off behind the beginning of one.
  const broken = requestOf('broken off');
  all.server.on('broken off', async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(sse({ choices: [{ index: 0, delta: { content: `It is ${broken.secrets[0]}` } }] }).slice(0, -12));
    setTimeout(() => { response.destroy(); }, 100);
  });
  await run(page, `const { url, headers, body } = ${JSON.stringify(broken)}; try { await (await fetch(url, { method: 'POST', headers, body })).text() } catch {}
    const stop = new AbortController(); const call = fetch(url, { method: 'POST', headers, body, signal: stop.signal }); stop.abort(new Error('gave up with ' + headers['x-api-key'])); await call.catch(() => {})`);
  check(await everything(page, calls.length + 2)); // the broken one and its second try are one trace
  await page.close();
});

test("the SDKs' keys are not kept or shown", async () => {
  planted.length = 0;
  const openai = secretIn('openai apiKey');
  const anthropic = secretIn('anthropic apiKey');
  const told = `Your key: ${openai}`;
  const said = `Your key: ${anthropic}`;
  const [word, otherWord] = [wordIn('openai answer'), wordIn('anthropic answer')];
  all.server.on('openai', pieces(streamed([word, ...(told.match(/.{1,4}/g) ?? [])]), 2));
  all.server.on('openai-whole', pieces([JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: told }, finish_reason: 'stop' }] })], 0, 'application/json'));
  const delta = (text: string): string => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as never);
  all.server.on('anthropic', pieces([
    event({ type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', model: 'claude', content: [], usage: { input_tokens: 1, output_tokens: 1 } } } as never),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
    delta(otherWord), ...(said.match(/.{1,3}/g) ?? []).map(delta),
    event({ type: 'content_block_stop', index: 0 } as never), event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } } as never), event({ type: 'message_stop' }),
  ], 2));
  const page = await all.open(`</script><script src="${sdkUrl}"></script><script>`);
  page.on('console', listen('the page'));
  const texts = await run(page, `
    const openai = new OpenAI({ apiKey: ${JSON.stringify(openai)}, baseURL: location.origin + '/v1', defaultQuery: { case: 'openai' }, dangerouslyAllowBrowser: true });
    const whole = new OpenAI({ apiKey: ${JSON.stringify(openai)}, baseURL: location.origin + '/v1', defaultQuery: { case: 'openai-whole' }, dangerouslyAllowBrowser: true });
    const anthropic = new Anthropic({ apiKey: ${JSON.stringify(anthropic)}, baseURL: location.origin, defaultQuery: { case: 'anthropic' }, dangerouslyAllowBrowser: true });
    const messages = [{ role: 'user', content: 'Which keys are there?' }];
    let streamed = ''; for await (const part of await openai.chat.completions.create({ model: 'm', messages, stream: true })) streamed += part.choices[0]?.delta?.content ?? '';
    const { choices } = await whole.chat.completions.create({ model: 'm', messages });
    let spoken = ''; for await (const event of anthropic.messages.stream({ model: 'claude', max_tokens: 10, messages })) if (event.type === 'content_block_delta') spoken += event.delta.text;
    return [streamed, choices[0].message.content, spoken]`);
  expect(texts).toEqual([`${word}${told}`, told, `${otherWord}${said}`]); // the page reads what was sent
  check(await everything(page, 3));
  await page.close();
});

test('a key is not found in an answer cut inside it, wherever the cut is', async () => {
  planted.length = 0;
  const key = secretIn('a key cut in two');
  const answer = streamed([wordIn('an answer cut in two'), ` and the key is ${key}.`]).join('');
  const at = answer.indexOf(key);
  for (let cut = 0; cut <= key.length; cut++) all.server.on(`cut-${cut}`, pieces([answer.slice(0, at + cut), answer.slice(at + cut)], 60));
  const page = await all.open('');
  // Not all at once: a browser opens six connections to a host.
  await run(page, `for (let from = 0; from <= ${key.length}; from += 6) await Promise.all(Array.from({ length: Math.min(6, ${key.length + 1} - from) }, (_, i) => call('cut-' + (from + i), { headers: { authorization: 'Bearer ${key}' } }).then((r) => r.text())))`);
  const origin = await all.launched.originPage();
  const ended = async (): Promise<number> => (await readStored(origin, false)).rows['exchanges']?.filter((row) => (row as { url: string; end?: object }).url.includes('case=cut-') && (row as { end?: object }).end).length ?? 0;
  await eventually('all are stored', async () => await ended() === key.length + 1);
  check((await readStored(origin)).texts);
  await origin.close();
  await page.close();
});

test('nothing of it lies in the rescue of a page that is left in mid-answer, with the worker dead', async () => {
  planted.length = 0;
  const request = requestOf('left');
  const [word] = [wordIn('left answer')];
  all.server.on('left', async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-session-token': secretIn('left response header') });
    for (const part of streamed([word, ...request.secrets])) {
      response.write(part);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    // Never ends.
  });
  const page = await all.open('');
  const origin = await all.launched.originPage();
  await origin.evaluate(() => {
    chrome.storage.session.onChanged.addListener((changes) => { (globalThis as unknown as { seen: unknown[] }).seen = [...(globalThis as unknown as { seen?: unknown[] }).seen ?? [], changes]; });
  });
  await run(page, `const { url, headers, body } = ${JSON.stringify(request)}; globalThis.seen = 0; (async () => { const r = await fetch(url, { method: 'POST', headers, body }); for await (const part of r.body) seen += part.length })()`);
  await page.waitForFunction('globalThis.seen > 3000', { polling: 10 });
  await all.launched.worker();
  await all.launched.killWorker();
  await page.goto(all.url('<title>another</title>'));
  const rescues = async (): Promise<string> => JSON.stringify(await origin.evaluate(() => (globalThis as unknown as { seen?: unknown[] }).seen ?? []));
  await eventually('a rescue was stored', async () => (await rescues()).includes('rescue:'));
  const rescued = await rescues();
  const bytes = [...rescued.matchAll(/"bytes":"([^"]*)"/g)].map(([, base64]) => Buffer.from(base64 ?? '', 'base64').toString('latin1')).join('');
  check([...await everything(page, 1), { place: 'rescue', text: rescued }, { place: 'bytes of the rescue', text: bytes }]);
  await page.close();
});

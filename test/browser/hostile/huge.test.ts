/** Calls that are huge, deep or oddly named: the page gets what it would get without us, what is kept is bounded, the panel
 *  shows it. */
import { expect, test } from 'vitest';
import { pieces, type Answer } from '../capture/model-server.ts';
import { openPanel } from '../devtools-panel.ts';
import { everyView, tracesSettled } from '../panel-dom.ts';
import { outOfBounds } from './bounds.ts';
import { eventually, run, setup, sse } from './setup.ts';
import { readStored } from './stored.ts';

const all = setup();

const json = (value: unknown): Answer => pieces([JSON.stringify(value)], 0, 'application/json');
const answer = (message: object, more: object = {}): object => ({ id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }], ...more });
const tool = (i: number, name: string, id = `call_${i}`): object => ({ index: i, id, type: 'function', function: { name, arguments: '{"a":1}' } });
/** Answers with the number of bytes it was sent. */
const counting: Answer = (response, request, noted) => json(answer({ content: String(noted.body.length) }))(response, request, noted);

const MB = 2 ** 20;
const DEPTH = 100_000;
const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
const ask = (messages: unknown[], more = ''): string => `{"model":"m","messages":${JSON.stringify(messages)}${more}}`;
const user = (content: unknown): object => ({ role: 'user', content });

/** name: what the server answers, what the page does, what that must give */
const CALLS: Record<string, { answer: Answer; page: string; gives: unknown }> = {
  'a request of 100 MB': { answer: counting, page: `const body = '{"model":"m","messages":[{"role":"user","content":"' + 'x'.repeat(100e6) + '"}]}'; const r = await call(name, { body }); return (await r.json()).choices[0].message.content === String(body.length)`, gives: true },
  'an answer of 100 MB': {
    answer: async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < 100; i++) if (!response.write('x'.repeat(MB))) await new Promise((resolve) => { response.once('drain', resolve); });
      response.end();
    },
    page: 'let size = 0; for await (const part of (await call(name)).body) size += part.length; return size', gives: 100 * MB,
  },
  'a header of 10 MB': { answer: counting, page: `try { return (await call(name, { headers: { 'x-huge': 'h'.repeat(10e6) } })).status } catch (error) { return error.name }`, gives: expect.toSatisfy((value) => value === 431 || value === 'TypeError') },
  'a URL of 10 MB': { answer: counting, page: `try { return (await fetch('/v1/chat/completions?q=' + 'u'.repeat(10e6), { method: 'POST', body: '{"model":"m","messages":[]}' })).status } catch (error) { return error.name }`, gives: expect.toSatisfy((value) => value === 431 || value === 414 || value === 'TypeError') },
  'names of 1 MB': {
    answer: json(answer({ content: 'names', tool_calls: [tool(0, 't'.repeat(MB), 'i'.repeat(MB))] }, { id: 'r'.repeat(MB), model: 'm'.repeat(MB), choices: [{ index: 0, message: { role: 'r'.repeat(MB), content: 'names', tool_calls: [tool(0, 't'.repeat(MB), 'i'.repeat(MB))] }, finish_reason: 'f'.repeat(MB) }] })),
    page: `const long = 'n'.repeat(${MB}); return (await (await call(name, { body: JSON.stringify({ model: long, [long]: 1, messages: [{ role: long, name: long, content: 'x' }], tools: [{ type: 'function', function: { name: long } }] }) })).json()).id.length`, gives: MB,
  },
  'an error of 1 MB': { answer: (response) => { response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { type: 'e'.repeat(MB), code: 'c'.repeat(MB), message: 'm'.repeat(MB) }, request_id: 'q'.repeat(MB) })); }, page: `return (await (await call(name)).json()).error.message.length`, gives: MB },
  'one line of 10 MB': { answer: json(answer({ content: 'y'.repeat(10 * MB) })), page: `return (await (await call(name)).text()).length > ${10 * MB}`, gives: true },
  '300,000 tiny frames': {
    answer: async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const frames = sse({ choices: [{ index: 0, delta: { content: 'a' } }] }).repeat(1000);
      for (let i = 0; i < 300; i++) if (!response.write(frames)) await new Promise((resolve) => { response.once('drain', resolve); });
      response.end();
    },
    page: `let size = 0; for await (const part of (await call(name)).body.pipeThrough(new TextDecoderStream())) size += part.length; return size`, gives: 300_000 * sse({ choices: [{ index: 0, delta: { content: 'a' } }] }).length,
  },
  '50,000 tool calls, asked for and answered': {
    answer: json(answer({ content: null, tool_calls: Array.from({ length: 50_000 }, (_, i) => tool(i, 't')) })),
    page: `const answer = await (await call(name)).json(); const { message } = answer.choices[0]; const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'r' })); return (await (await call(name, { body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }, message, ...results] }) })).json()).choices[0].message.tool_calls.length`, gives: 50_000,
  },
  '100,000 choices': { answer: pieces([Array.from({ length: 100 }, (_, i) => sse({ choices: Array.from({ length: 1000 }, (_, j) => ({ index: 1000 * i + j, delta: { content: 'c' } })) })).join('')], 0), page: 'return (await (await call(name)).text()).length > 1e6', gives: true },
  '300,000 messages': { answer: counting, page: `const body = '{"model":"m","messages":[' + '{},'.repeat(300_000) + '{"role":"user","content":"last"}]}'; return (await call(name, { body })).status`, gives: 200 },
  'a request nested deep': { answer: counting, page: `return Promise.all(${JSON.stringify([ask([user('x')], `,"metadata":${deep}`), ask([user('x')], `,"tools":[{"function":${deep}}]`), `{"model":"m","messages":[{"role":"user","content":${deep}}]}`, `{"model":"m","messages":${deep}}`])}.map(async (body) => (await call(name, { body })).status))`, gives: [200, 200, 200, 200] },
  'an answer nested deep': { answer: pieces([`{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":${deep},"tool_calls":[{"id":"d","function":{"name":"deep","arguments":${JSON.stringify(deep)}}}]}}],"usage":{"x":${deep}},"more":${deep}}`], 0, 'application/json'), page: 'return (await (await call(name)).text()).length', gives: expect.toSatisfy((value) => Number(value) > 8 * DEPTH) },
  'frames nested deep': { answer: pieces([`data: {"choices":[{"index":0,"delta":{"content":"x","deep":${deep}}}]}\n\n`, `data: ${deep}\n\n`, `data: {"error":{"message":${deep}}}\n\n`], 0), page: 'return (await (await call(name)).text()).length', gives: expect.toSatisfy((value) => Number(value) > 6 * DEPTH) },
  'names of Object.prototype': {
    answer: json({ id: 'constructor', model: '__proto__', choices: [{ index: 0, message: { role: 'toString', content: 'valueOf', tool_calls: ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name, i) => tool(i, name, name)) }, finish_reason: '__proto__' }], usage: JSON.parse('{"__proto__":{"prompt_tokens":1},"constructor":1,"prompt_tokens":2,"completion_tokens":3}') as object }),
    page: `const body = '{"model":"__proto__","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"messages":[{"role":"constructor","content":"hasOwnProperty","name":"__proto__"},{"role":"__proto__","content":[{"type":"__proto__"},{"type":"constructor","__proto__":{"polluted":1}}]}],"tools":[{"function":{"name":"__proto__"}}]}';
      return (await (await call(name, { body, headers: [['__proto__', '1'], ['constructor', '2'], ['toString', '3']] })).json()).model`, gives: '__proto__',
  },
  'odd characters': { answer: pieces([JSON.stringify(answer({ content: '\u202eabc\u202c \u0000\u0001\u001b[31m \ud800 lone \udc00 \u2028 \ufeff \u200b'.repeat(1000) })).replace('lone', '\\ud800')], 0, 'application/json'), page: `return (await (await call(name, { body: JSON.stringify({ model: '\\u202e\\ud800\\u0000', messages: [{ role: '\\udc00', content: '\\ud800'.repeat(1000) }] }) })).json()).choices[0].message.content.length`, gives: expect.toSatisfy((value) => Number(value) > 20_000) },
};

test('huge, deep and oddly named calls', async () => {
  const page = await all.open('');
  for (const [name, { answer, page: code, gives }] of Object.entries(CALLS)) {
    all.server.on(name, answer);
    expect(await run(page, `const name = ${JSON.stringify(encodeURIComponent(name))}; ${code}`), name).toEqual(gives);
  }
  const origin = await all.launched.originPage();
  const exchanges = async (): Promise<Array<{ url: string; end?: object }>> => (await readStored(origin, false)).rows['exchanges'] as never;
  await eventually('the last one has ended', async () => (await exchanges()).some(({ url, end }) => url.includes('odd%20characters') && end));
  const recorded = (await exchanges()).map(({ url }) => decodeURIComponent(url));
  expect(Object.keys(CALLS).filter((name) => !recorded.some((url) => url.includes(name)))).toEqual(['a URL of 10 MB']); // its URL is cut before the name
  expect(recorded).toHaveLength(20);
  const { rows } = await readStored(origin, false);
  expect(outOfBounds(rows).map((text) => text.slice(0, 300)).slice(0, 30)).toEqual([]);
  const panel = await openPanel(page);
  await panel.resize(1400, 1600);
  await tracesSettled(panel.frame, 15); // some of these take seconds to read
  const views = await everyView(panel.frame);
  expect(views.length).toBeGreaterThan(15 * 6);
  expect(views.filter(({ text }) => text.length > 2e6).map(({ place }) => place)).toEqual([]);
  // The request of 100 MB is no JSON any more where it was cut, but looks like it; the line of 10 MB is some.
  const long = views.filter(({ text }) => text.includes('Too long to be indented here'));
  expect(long.length).toBeGreaterThanOrEqual(2);
  expect(long.map(({ place }) => place)).toEqual(long.map(() => expect.stringContaining('raw')));
  await page.close();
});

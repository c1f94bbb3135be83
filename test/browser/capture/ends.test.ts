/** How an exchange ended, and how much of it the page had read by then. */
import { describe, expect, test } from 'vitest';
import type { Answer } from './model-server.ts';
import { pieces } from './model-server.ts';
import { run, setup } from './setup.ts';
import { bytesOf, ended, told, type ToldRecord } from './watched-page.ts';

const all = setup(['--js-flags=--expose-gc']);

/** Two pieces, then nothing more until the socket closes. */
const endless: Answer = async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: one\n\n');
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  response.write('data: two\n\n');
};
/** One piece, then nothing more. */
const oneThenNothing: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: one\n\n');
};
const cut: Answer = async (response) => {
  await endless(response, undefined as never, undefined as never);
  setTimeout(() => { response.destroy(); }, 50);
};

async function outcome(answer: Answer, code: string, until = ended()): Promise<{ records: ToldRecord[]; end: ToldRecord | undefined }> {
  all.server.on('end', answer);
  const page = await all.watched();
  await run(page, `const settled = (promise) => promise.then(() => {}, () => {}); ${code}`);
  const records = await told(page, until);
  await page.browserContext().close();
  return { records, end: records.find(({ kind }) => kind === 'end') };
}

describe('how it ended', () => {
  test.each([
    ['read to its end', `await (await call('end')).text();`, pieces(['ab', 'cd']), { how: 'complete', bytes: 4 }],
    ['stopped at the last chunk, its end never read', `const reader = (await call('end')).body.getReader(); await reader.read(); await pause(100);`, pieces(['abcd'], 1), { how: 'complete', bytes: 4 }],
    ['no body', `await call('end');`, ((response) => { response.writeHead(204).end(); }) as Answer, { how: 'complete', bytes: 0 }],
    ['error status, read', `await (await call('end')).json();`, ((response) => { response.writeHead(429, { 'content-type': 'application/json' }).end('{"error":{}}'); }) as Answer, { how: 'complete', bytes: 12 }],
    ['not the JSON that was asked for', `await settled((await call('end')).json());`, pieces(['<html>']), { how: 'unobserved', bytes: 0, error: { name: 'SyntaxError' } }],
    ['not the JSON that was asked for, then read as text', `const r = await call('end'); await settled(r.clone().json()); await r.text();`, pieces(['<html>']), { how: 'complete', bytes: 6 }],
    ['no network', `await settled(call('end'));`, ((response) => { response.destroy(); }) as Answer, { how: 'error', bytes: 0, error: { name: 'TypeError', message: 'Failed to fetch' } }],
    ['aborted before the head', `const stop = new AbortController(); setTimeout(() => stop.abort(), 50); await settled(call('end', { signal: stop.signal }));`, (() => {}) as Answer, { how: 'aborted', bytes: 0, error: { name: 'AbortError' } }],
    ['aborted with a reason of the page', `const stop = new AbortController(); setTimeout(() => stop.abort(new RangeError('enough')), 50); await settled(call('end', { signal: stop.signal }));`, (() => {}) as Answer, { how: 'aborted', error: { name: 'RangeError', message: 'enough' } }],
    ['timed out by a signal', `await settled(call('end', { signal: AbortSignal.timeout(50) }));`, (() => {}) as Answer, { how: 'aborted', error: { name: 'TimeoutError' } }],
    ['aborted by the signal of a Request', `const stop = new AbortController(); setTimeout(() => stop.abort(), 50); await settled(fetch(new Request('/v1/chat/completions?case=end', { method: 'POST', body: '{"messages":[]}', signal: stop.signal })));`, (() => {}) as Answer, { how: 'aborted' }],
    ['aborted while text() waits', `const stop = new AbortController(); const r = await call('end', { signal: stop.signal }); setTimeout(() => stop.abort(), 60); await settled(r.text());`, endless, { how: 'aborted', bytes: 0 }],
    ['reader cancelled', `const reader = (await call('end')).body.getReader(); await reader.read(); await reader.cancel();`, oneThenNothing, { how: 'cancelled', bytes: 11 }],
    ['body cancelled unread', `await (await call('end')).body.cancel();`, endless, { how: 'cancelled', bytes: 0 }],
    ['for await left', `for await (const chunk of (await call('end')).body) break;`, oneThenNothing, { how: 'cancelled', bytes: 11 }],
    ['iterator left while a step is under way', `const it = (await call('end')).body.values(); const step = it.next(); const left = it.return(); await step; await left;`, oneThenNothing, { how: 'cancelled', bytes: 11 }],
    ['sink of a pipe fails', `await settled((await call('end')).body.pipeTo(new WritableStream({ write() { throw new Error('full') } })));`, oneThenNothing, { how: 'cancelled', bytes: 11 }],
    ['cut off', `await settled((await call('end')).text());`, cut, { how: 'cut', bytes: 0, error: { name: 'TypeError' } }],
  ])('%s', async (_name, code, answer, expected) => {
    const { records, end } = await outcome(answer, code);
    expect(end).toMatchObject(expected);
    expect(bytesOf(records)).toHaveLength(end?.bytes as unknown as number);
    expect(records.at(-1)).toBe(end);
  });

  test.each([
    ['reader', `const reader = r.body.getReader(); await settled((async () => { for (;;) await reader.read() })());`],
    ['for await', `await settled((async () => { for await (const chunk of r.body); })());`],
    ['pipeTo', `await settled(r.body.pipeTo(new WritableStream()));`],
    ['pipeThrough', `const reader = r.body.pipeThrough(new TransformStream()).getReader(); await settled((async () => { for (;;) if ((await reader.read()).done) break; })());`],
    ['tee', `const [a, b] = r.body.tee(); for (const branch of [a, b]) await settled((async () => { for await (const chunk of branch); })());`],
  ])('aborted and cut off in mid-body, read by %s', async (_name, read) => {
    const aborted = await outcome(endless, `const stop = new AbortController(); const r = await call('end', { signal: stop.signal }); setTimeout(() => stop.abort(), 150); ${read}`);
    expect(aborted.end).toMatchObject({ how: 'aborted', bytes: 22, error: { name: 'AbortError' } });
    expect(bytesOf(aborted.records)).toBe('data: one\n\ndata: two\n\n');
    const broken = await outcome(cut, `const r = await call('end'); ${read}`);
    expect(broken.end).toMatchObject({ how: 'cut', bytes: 22 });
    expect(bytesOf(broken.records)).toBe('data: one\n\ndata: two\n\n');
  });

  test('one branch cancelled is not the exchange cancelled', async () => {
    const { records, end } = await outcome(pieces(['ab', 'cd'], 30), `const [a, b] = (await call('end')).body.tee(); a.cancel(); await new Response(b).body.getReader().read(); for await (const chunk of (await call('end')).clone().body);`, ended(1));
    expect(end).toMatchObject({ exchange: 2, how: 'complete', bytes: 4 });
    expect(bytesOf(records, 2)).toBe('abcd');
  });

  test('dropped unread', async () => {
    const { end } = await outcome(pieces(['ab'], 1), `await (async () => { await call('end') })(); for (let i = 0; i < 20; i++) { gc(); await pause(20); }`);
    expect(end).toMatchObject({ how: 'unread', bytes: 0 });
  });

  test.each([
    ['by a reader of its own making', `const r = await call('end'); const own = new ReadableStreamDefaultReader(r.body); await own.read(); own.releaseLock(); await r.body.getReader().read();`],
    ['by a getter that the page has kept', `const { get } = Object.getOwnPropertyDescriptor(Response.prototype, 'body'); const reader = get.call(await call('end')).getReader(); while (!(await reader.read()).done);`],
    ['by a Response around it', `await (async () => { const r = await call('end'); await new Response(r.body).text(); })(); for (let i = 0; i < 20; i++) { gc(); await pause(20); }`],
  ])('read by means we do not watch: %s', async (_name, code) => {
    const { end } = await outcome(pieces(['ab', 'cd'], 30), code);
    expect(end).toMatchObject({ how: 'unobserved', bytes: 0 });
  });

  test('page left: everything pending goes at once, then that it was left, again after whatever it still does', async () => {
    all.server.on('end', endless);
    const page = await all.watched(`addEventListener('pagehide', () => { late = call('end'); sessionStorage.told = JSON.stringify(spanlightTest.take().map(({ kind, road, side, size }) => [kind, road, side, size])); });`);
    await run(page, `const reader = (await call('end')).body.getReader(); await reader.read(); await reader.read(); setTimeout(() => { location = '/?again' });`);
    await page.waitForNavigation();
    const records = JSON.parse(await page.evaluate(() => sessionStorage['told'] as string)) as Array<[string, string, string, number]>;
    expect(records.map(([kind, , side]) => side ?? kind).filter((kind, i, kinds) => kind !== kinds[i - 1])).toEqual(['document', 'start', 'request', 'head', 'response', 'leave', 'start', 'request', 'leave']);
    expect(records.filter(([kind, , side]) => kind === 'chunk' && side === 'response').reduce((sum, [, , , size]) => sum + size, 0)).toBe(22);
    expect(records.find(([kind]) => kind === 'leave')?.[1]).toBe('leaving');
    await page.browserContext().close();
  });
});

/** A page that replaces the platform's functions and pollutes its prototypes before its first call: the page gets what it
 *  would get without us and notices nothing, and its calls are recorded as they were. */
import { expect, test } from 'vitest';
import { pieces } from '../capture/model-server.ts';
import { outOfBounds } from './bounds.ts';
import { eventually, run, saying, setup } from './setup.ts';
import { readStored } from './stored.ts';

const all = setup();

/** Runs in the page, first. Whatever is called or set is noted while `watching`, unless the page itself does it. */
const CHANGES = `
  const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames, getPrototypeOf } = Object;
  const { apply: nativeApply, construct } = Reflect;
  const NativeProxy = Proxy;
  const nativeTimeout = setTimeout;
  globalThis.later = (ms) => new Promise((done) => nativeApply(nativeTimeout, globalThis, [done, ms]));
  globalThis.noticed = [];
  globalThis.watching = false;
  const note = (what) => { if (watching) defineProperty(noticed, noticed.length, { __proto__: null, value: what, enumerable: true, configurable: true, writable: true }); };
  const replace = (owner, key, name) => {
    const found = getOwnPropertyDescriptor(owner, key);
    if (!found || !found.configurable || typeof found.value !== 'function') return;
    const native = found.value;
    defineProperty(owner, key, { __proto__: null, ...found, value: new NativeProxy(native, { __proto__: null,
      apply: (target, self, args) => { note(name); return nativeApply(target, self, args); },
      construct: (target, args, newTarget) => { note('new ' + name); return construct(target, args, newTarget === undefined ? target : newTarget); },
    }) });
  };
  for (const [name, owner] of Object.entries({ Promise, Reflect, WeakMap, WeakRef, Map, Set, Array, JSON, String, Number, Date, Uint8Array, ArrayBuffer, FinalizationRegistry, TextEncoder, TextDecoder, URL, Headers, Request, Response, ReadableStream, ReadableStreamDefaultReader, WritableStream, MessagePort, MessageChannel, EventTarget, CustomEvent, MessageEvent, Event, Blob, AbortSignal, DOMException, performance })) {
    for (const [where, label] of [[owner, name], [owner.prototype, name + '.prototype'], [getPrototypeOf(owner), 'proto of ' + name]]) {
      if (!where || where === Function.prototype || where === Object.prototype) continue;
      for (const key of getOwnPropertyNames(where)) if (key !== 'constructor') replace(where, key, label + '.' + key);
    }
  }
  for (const owner of [Array.prototype, Map.prototype, Set.prototype, String.prototype, getPrototypeOf([][Symbol.iterator]()), getPrototypeOf(Uint8Array.prototype)]) {
    for (const key of [...getOwnPropertyNames(owner), Symbol.iterator]) if (key !== 'constructor') replace(owner, key, 'proto.' + String(key));
  }
  for (const key of ['call', 'apply', 'bind', 'toString']) replace(Function.prototype, key, 'Function.prototype.' + key);
  for (const key of ['defineProperty', 'getOwnPropertyDescriptor', 'setPrototypeOf', 'getPrototypeOf', 'create', 'keys', 'entries', 'assign', 'hasOwn', 'freeze']) replace(Object, key, 'Object.' + key);
  for (const key of ['setTimeout', 'queueMicrotask', 'structuredClone', 'postMessage', 'dispatchEvent', 'addEventListener', 'encodeURIComponent', 'decodeURIComponent', 'Proxy', 'Error', 'TypeError', 'Promise', 'Map', 'Set', 'WeakMap', 'WeakRef', 'URL', 'Uint8Array', 'Float64Array', 'Uint32Array', 'CustomEvent', 'MessageEvent', 'MessageChannel', 'TextDecoder', 'TextEncoder', 'ReadableStream', 'WritableStream', 'Blob', 'Headers', 'Response', 'Request', 'AbortSignal']) replace(globalThis, key, key);
  for (const owner of [Object.prototype, Array.prototype, String.prototype, Number.prototype, Function.prototype]) {
    defineProperty(owner, 'toJSON', { __proto__: null, configurable: true, value() { note('toJSON'); return 'changed'; } });
    for (const key of ['0', '1', '2', 'kind', 'records', 'post', 'exchange', 'at', 'clock', 'transport', 'method', 'url', 'headers', 'body', 'bodySize', 'removed', 'side', 'offset', 'size', 'bytes', 'times', 'ends', 'reserialised', 'how', 'error', 'detail', 'then', 'done', 'value', 'get', 'set', 'writable', 'enumerable', 'configurable', 'later', 'secret', 'text', 'latin1', 'listed', 'joined', 'recording', 'journal', 'apply', 'status', 'type', 'top', 'start', 'pull', 'cancel', 'highWaterMark', 'preventCancel', 'signal', 'mode', 'bubbles', 'relatedTarget', 'ports']) {
      if (owner !== Object.prototype && key in owner) continue;
      defineProperty(owner, key, { __proto__: null, configurable: true, get() { note('get ' + key); return undefined; }, set(value) { note('set ' + key); } });
    }
  }
  /** Does something while every use of what was replaced is noted. */
  globalThis.quietly = async (act) => {
    watching = true;
    try { return act(); } finally { watching = false; }
  };
`;

test('replaced functions and polluted prototypes', async () => {
  all.server.on('plain', pieces([JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'told plainly' }, finish_reason: 'stop' }] })], 0, 'application/json'));
  all.server.on('stream', saying(['told ', 'in ', 'pieces']));
  const page = await all.open(CHANGES);
  const results = await run(page, `
    const body = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';
    const url = (name) => '/v1/chat/completions?case=' + name;
    const whole = await quietly(() => fetch(url('plain'), { __proto__: null, method: 'POST', body, headers: { __proto__: null, authorization: 'Bearer sk-hostile-0123456789' } }));
    const first = await quietly(() => whole.json());
    const stream = await quietly(() => fetch(url('stream'), { __proto__: null, method: 'POST', body }));
    const reader = await quietly(() => stream.body.getReader());
    let size = 0;
    for (;;) {
      const read = await quietly(() => reader.read());
      if (Object.hasOwn(read, 'done') && read.done) break;
      size += read.value.length;
    }
    const third = await quietly(() => fetch(url('plain'), { __proto__: null, method: 'POST', body }));
    const text = await quietly(() => third.text());
    // What the shim does by itself: gathers, masks, posts.
    watching = true;
    await later(500);
    watching = false;
    return { said: first.choices[0].message.content, size, text: text.length > 10, noticed: [...new Set(noticed)] }`) as { said: string; size: number; text: boolean; noticed: string[] };
  expect(results).toMatchObject({ said: 'told plainly', text: true });
  expect(results.size).toBeGreaterThan(500);
  // Its own calls, and no other; `then` the engine asks of what a read that waits for nothing resolves with.
  expect(results.noticed.filter((what) => what !== 'get then').toSorted()).toEqual(['ReadableStream.prototype.getReader', 'ReadableStreamDefaultReader.prototype.read', 'Response.prototype.json', 'Response.prototype.text', 'new Promise']);

  const origin = await all.launched.originPage();
  const rows = async (): Promise<Record<string, unknown[]>> => (await readStored(origin, false)).rows;
  await eventually('all three are stored', async () => (await rows())['exchanges']?.filter((row) => (row as { end?: object }).end).length === 3);
  const stored = await rows();
  expect(outOfBounds(stored)).toEqual([]);
  expect((stored['exchanges'] as Array<{ end: { how: string }; facts: { replyPreview: string } }>).map(({ end, facts }) => [end.how, facts.replyPreview])).toEqual([['complete', 'told plainly'], ['complete', 'told in pieces'], ['complete', 'told plainly']]);
  await page.close();
});

test('the page sees no frame of ours, and no name of ours', async () => {
  const page = await all.open('globalThis.names = Object.getOwnPropertyNames(globalThis);');
  const seen = await run(page, `
    const stack = async (act) => { try { await act(); } catch (error) { return error.stack.split('\\n').slice(1); } };
    const stacks = [
      await stack(function named() { return fetch('http://[/v1/chat/completions', { method: 'POST', body: '{"messages":[]}' }); }),
      await stack(function named() { return fetch('/v1/chat/completions', { method: 'POST', body: '{"messages":[]}', mode: 'wrong' }); }),
      await stack(async function named() { const r = await call('nobody'); await r.text(); return r.text(); }),
    ];
    const frame = document.body.appendChild(document.createElement('iframe'));
    const clean = Object.getOwnPropertyNames(frame.contentWindow);
    return { stacks: stacks.map((lines) => lines.filter((line) => !line.includes('named') && !line.includes('/?case=') && !line.includes('eval') && !line.includes('pptr')).join()), names: names.filter((name) => !clean.includes(name) && !['call', 'pause', 'names'].includes(name)), fetch: [String(fetch), fetch.name, fetch.length, String(Object.getOwnPropertyNames(fetch)), Function.prototype.toString.call(Function.prototype.toString)] }`);
  expect(seen).toEqual({ stacks: ['', '', ''], names: [], fetch: ['function fetch() { [native code] }', 'fetch', 1, 'length,name', 'function toString() { [native code] }'] });
  await page.close();
});

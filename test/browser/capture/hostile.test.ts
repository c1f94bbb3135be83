/** Pages that change the platform after us, on purpose or out of habit: the call works as without us, the record is right,
 *  and nothing of the page's runs because of us. */
import { describe, expect, test } from 'vitest';
import { pieces } from './model-server.ts';
import { run, setup } from './setup.ts';
import { bytesOf, ended, told } from './watched-page.ts';

const all = setup();
/** Sent in one piece, so that the number of reads is the same each time. */
const ANSWER = '{"id":"a","n":[1,2,{"deep":"ü"}],"api_key":"sk-hostile-0123456789"}';
const MASKED = Buffer.from(ANSWER.replace('sk-hostile-0123456789', '*'.repeat(21))).toString('latin1');

/** The page's own natives, and calls read in every way. `log` holds what ran of the page's changes. */
const SCOPE = `
globalThis.log = Object.setPrototypeOf([], null);
const { apply: nativeApply } = Reflect, nativePush = Array.prototype.push, nativeThen = Promise.prototype.then, Decoder = TextDecoder, decodeNative = TextDecoder.prototype.decode, nativePause = setTimeout;
const note = (what) => { log[log.length] = what; };
const waitFor = (ms) => new Promise((done) => nativePause(done, ms));
globalThis.ways = {
  text: (r) => r.text(),
  reader: async (r) => { const reader = r.body.getReader(); let text = ''; for (;;) { const x = await reader.read(); if (x.done) return text; text += nativeApply(decodeNative, new Decoder(), [x.value]); } },
  iterator: async (r) => { let text = ''; for await (const x of r.body) text += nativeApply(decodeNative, new Decoder(), [x]); return text; },
  pipe: async (r) => { const reader = r.body.pipeThrough(new TextDecoderStream()).getReader(); let text = ''; for (;;) { const x = await reader.read(); if (x.done) return text; text += x.value; } },
  clone: async (r) => { const c = r.clone(); await c.text(); return r.text(); },
};`;

/** Changes to the platform. Accessors note that they were asked for. */
const CHANGES: Record<string, string> = {
  'accessors on Object.prototype': `for (const key of ['get', 'set', 'apply', 'value', 'writable', 'enumerable', 'configurable', 'done', 'toJSON', 'pull', 'start', 'cancel', 'type', 'autoAllocateChunkSize', 'highWaterMark', 'size', 'mode', 'signal', 'preventCancel', 'preventClose', 'preventAbort', 'kind', 'bytes', 'side', 'offset', 'exchange', 'removed', 'reserialised', 'error', 'ownKeys', 'getOwnPropertyDescriptor', 'record', 'journal', '0', '1', '2'])
    Object.defineProperty(Object.prototype, key, { __proto__: null, configurable: true, get() { note('get ' + key); return undefined }, set(v) { note('set ' + key); Object.defineProperty(this, key, { __proto__: null, value: v, writable: true, enumerable: true, configurable: true }) } });`,
  'values on Object.prototype': `for (const key of ['get', 'set', 'apply', 'value', 'toJSON', 'bytes', 'reserialised', 'side', 'ownKeys', 'has']) Object.defineProperty(Object.prototype, key, { __proto__: null, configurable: true, writable: true, value: function () { note(key); return {} } });`,
  'array methods and iterators': `for (const key of ['push', 'map', 'forEach', 'slice', 'join', 'concat', 'indexOf', 'some', 'filter', 'splice', Symbol.iterator, 'values', 'entries', 'keys']) { const was = Array.prototype[key]; Array.prototype[key] = function (...args) { note('array ' + String(key)); return nativeApply(was, this, args) } }
    const next = Object.getPrototypeOf([].values()), was = next.next; next.next = function () { note('array next'); return nativeApply(was, this, []) };`,
  'setters of array elements': `for (const i of ['0', '1', '2', '3']) Object.defineProperty(Array.prototype, i, { __proto__: null, configurable: true, get() { note('element'); }, set(v) { note('element set'); Object.defineProperty(this, i, { __proto__: null, value: v, writable: true, enumerable: true, configurable: true }) } });`,
  'functions of the language': `for (const [name, owner] of [['Reflect', Reflect], ['Object', Object], ['JSON', JSON], ['String', String.prototype], ['RegExp', RegExp.prototype], ['WeakMap', WeakMap.prototype], ['Set', Set.prototype], ['Map', Map.prototype], ['Date', Date], ['Math', Math], ['Function', Function.prototype]])
    for (const key of Object.getOwnPropertyNames(owner)) { const d = Object.getOwnPropertyDescriptor(owner, key); if (key === 'constructor' || typeof d.value !== 'function' || !d.writable) continue; const was = d.value; Object.defineProperty(owner, key, { __proto__: null, value: function (...args) { note(name + '.' + key); return nativeApply(was, this, args) }, writable: true, enumerable: d.enumerable, configurable: true }); }`,
  'functions of the platform': `for (const [name, owner] of [['TextEncoder', TextEncoder.prototype], ['TextDecoder', TextDecoder.prototype], ['Performance', Performance.prototype], ['Headers', Headers.prototype], ['Blob', Blob.prototype], ['URL', URL.prototype], ['DOMException', DOMException.prototype], ['AbortSignal', AbortSignal.prototype], ['Typed', Object.getPrototypeOf(Uint8Array.prototype)], ['ArrayBuffer', ArrayBuffer.prototype], ['Reader', ReadableStreamDefaultReader.prototype], ['Controller', ReadableStreamDefaultController.prototype], ['Writer', WritableStreamDefaultWriter.prototype], ['Request', Request.prototype], ['Node', Node.prototype]])
    for (const key of Object.getOwnPropertyNames(owner)) { const d = Object.getOwnPropertyDescriptor(owner, key); if (key === 'constructor' || !d.configurable) continue;
      if (d.get) { const was = d.get; Object.defineProperty(owner, key, { __proto__: null, get() { note(name + '.' + key); return nativeApply(was, this, []) }, set: d.set, enumerable: d.enumerable, configurable: true }); }
      else if (typeof d.value === 'function' && d.writable) { const was = d.value; Object.defineProperty(owner, key, { __proto__: null, value: function (...args) { note(name + '.' + key); return nativeApply(was, this, args) }, writable: true, enumerable: d.enumerable, configurable: true }); } }`,
  'globals replaced': `for (const name of ['Proxy', 'WeakMap', 'WeakRef', 'FinalizationRegistry', 'Uint8Array', 'Float64Array', 'Uint32Array', 'TextEncoder', 'URL', 'Error', 'ReadableStream', 'WritableStream', 'AbortSignal', 'Set', 'Symbol', 'performance', 'setTimeout', 'JSON', 'Reflect', 'encodeURIComponent', 'decodeURIComponent']) Object.defineProperty(globalThis, name, { __proto__: null, configurable: true, get() { note('global ' + name); return undefined } });`,
  'a wrapped Promise.prototype.then': `const was = Promise.prototype.then; Promise.prototype.then = function (a, b) { note('then'); return nativeApply(was, this, [a, b]) };`,
  'another Promise': `globalThis.Promise = class Zone extends Promise { then(a, b) { note('zone'); return super.then(a, b) } };`,
  'frozen prototypes': `for (const o of [Response.prototype, ReadableStream.prototype, ReadableStreamDefaultReader.prototype, Promise.prototype, Object.prototype, Array.prototype, Function.prototype]) Object.freeze(o);`,
  'Error.prepareStackTrace': `Error.prepareStackTrace = (e, frames) => 'mine';`,
  'wrapped Response methods': `for (const key of ['text', 'clone']) { const was = Response.prototype[key]; Response.prototype[key] = function (...args) { note('wrapped ' + key); return nativeApply(was, this, args) } } const was = ReadableStream.prototype.getReader; ReadableStream.prototype.getReader = function (...args) { note('wrapped getReader'); return nativeApply(was, this, args) };`,
  'fetch wrapped by the page': `const was = fetch; globalThis.fetch = function (...args) { note('wrapped fetch'); return was.apply(this, args) };`,
};

describe('the platform changed after us', () => {
  test.each(Object.entries(CHANGES))('%s', async (_name, change) => {
    all.server.on('hostile', pieces([ANSWER], 1, 'application/json'));
    const code = `const out = NoProto([]); log.length = 0; for (const way in ways) { const r = await call('hostile', { headers: { 'x-api-key': 'sk-hostile-0123456789' } }); out[out.length] = await ways[way](r); } await pause2(60); return JSON2(NoProto([out, log]))`;
    const answers: unknown[] = [];
    for (const ours of [false, true]) {
      const script = `{ const setProto = Object.setPrototypeOf; globalThis.NoProto = (o) => setProto(o, null); const JSON2 = JSON.stringify, pause2 = (ms) => new NativePromise((done) => nativeTimeout(done, ms)), NativePromise = Promise, nativeTimeout = setTimeout; globalThis.pause2 = pause2; globalThis.JSON2 = JSON2; ${SCOPE} ${change} }`;
      const page = await (ours ? all.watched(script) : all.bare(script));
      answers.push(JSON.parse(await run(page, code) as string));
      if (ours) {
        const records = await told(page, ended(5));
        for (let exchange = 1; exchange <= 5; exchange++) expect(bytesOf(records, exchange)).toBe(MASKED);
        expect(records.filter(({ kind }) => kind === 'end').map(({ how }) => how)).toEqual(Array.from({ length: 5 }, () => 'complete'));
        expect(JSON.stringify(records)).not.toContain('sk-hostile');
      }
      await page.browserContext().close();
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe('json() of pages with toJSON', () => {
  test.each(['Object', 'Array', 'String', 'Number'])('on %s.prototype: it does not run, the record is right', async (owner) => {
    all.server.on('tojson', pieces(['{"a":[1,"x",{"b":null}],"toJSON":"data"}'], 1, 'application/json'));
    const page = await all.watched();
    const ran = await run(page, `let ran = 0; ${owner}.prototype.toJSON = function () { ran++; return 'stolen' }; await (await call('tojson')).json(); await pause(60); delete ${owner}.prototype.toJSON; return ran`);
    const records = await told(page, ended());
    expect(ran).toBe(0);
    expect(bytesOf(records)).toBe('{"a":[1,"x",{"b":null}],"toJSON":"data"}');
    await page.browserContext().close();
  });

  test.each([
    ['without end', `const a = {}; a.a = a; return a`],
    ['with getters', `return { get a() { ran++; return 1 } }`],
    ['a Proxy that throws', `return new Proxy({}, { ownKeys() { throw new Error('mine') } })`],
    ['very deep', `let a = []; for (let i = 0; i < 5000; i++) a = [a]; return a`],
    ['no data', `return () => {}`],
  ])('a value of the page\'s own: %s', async (_name, make) => {
    all.server.on('own', pieces(['{"a":1}'], 1, 'application/json'));
    const page = await all.watched();
    expect(await run(page, `globalThis.ran = 0; Response.prototype.json = async function () { ${make} }; await (await call('own')).json(); return ran`)).toBe(0);
    const records = await told(page, ended());
    expect(['unobserved', 'complete']).toContain(records.find(({ kind }) => kind === 'end')?.how);
    await page.browserContext().close();
  });
});

test('a pagehide event of the page\'s own is none', async () => {
  const page = await all.watched();
  await run(page, `dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })); dispatchEvent(new Event('pagehide'));`);
  expect((await told(page)).map(({ kind }) => kind)).toEqual(['document']);
  await page.browserContext().close();
});

test('every method of the observed objects is known here: a new one would let a body pass unseen', async () => {
  const page = await all.bare();
  const keys = await run(page, `const keys = (p) => Reflect.ownKeys(p).map(String).filter((k) => typeof Object.getOwnPropertyDescriptor(p, k)?.value === 'function' && k !== 'constructor').sort();
    return { response: keys(Response.prototype), stream: [...keys(ReadableStream.prototype), ...Reflect.ownKeys(ReadableStream.prototype).filter((k) => typeof k === 'symbol').map(String)], reader: keys(ReadableStreamDefaultReader.prototype), byob: keys(ReadableStreamBYOBReader.prototype), iterator: keys(Object.getPrototypeOf(new ReadableStream().values())) }`);
  expect(keys).toEqual({
    response: ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text', 'textStream'],
    stream: ['cancel', 'getReader', 'pipeThrough', 'pipeTo', 'tee', 'values', 'Symbol(Symbol.toStringTag)', 'Symbol(Symbol.asyncIterator)'],
    reader: ['cancel', 'read', 'releaseLock'], byob: ['cancel', 'read', 'releaseLock'], iterator: ['next', 'return'],
  });
  await page.browserContext().close();
});

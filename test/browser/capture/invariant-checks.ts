/**
 * What a page can see of a model call, as code of the page. Each check returns a value; it must be the same with and
 * without us. In scope: `ask(kind, init)` a chat call, `tell(value)` anything as data, `outcome(run)` what it returned or
 * threw (with its stack), `rejections(run)` the unhandledrejection and rejectionhandled events it caused, `readAll(reader)`.
 */
const loop = (names: readonly string[], check: (name: string) => [string, string]): Record<string, string> => Object.fromEntries(names.map(check));

const CONSUMERS = ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const;
const KINDS = ['json', 'empty', 'malformed', 'bom', 'invalid', 'multipart', 'error500'] as const;

const fetchItself: Record<string, string> = {
  'fetch: descriptor': `const d = Object.getOwnPropertyDescriptor(window, 'fetch'); return [d.writable, d.enumerable, d.configurable, typeof d.value, Object.keys(d)]`,
  'fetch: keys, name, length, prototype': `return [Reflect.ownKeys(fetch), fetch.name, fetch.length, 'prototype' in fetch, Object.hasOwn(window, 'fetch'), Object.isExtensible(fetch), Object.getPrototypeOf(fetch) === Function.prototype, typeof fetch, Object.prototype.toString.call(fetch)]`,
  'fetch: its text, asked in every way': `return [fetch.toString(), fetch + '', \`\${fetch}\`, String(fetch), Function.prototype.toString.call(fetch), Reflect.apply(Function.prototype.toString, fetch, []), fetch.toLocaleString(), fetch.bind(1).toString(), Function.prototype.toString.bind(fetch)()]`,
  'toString: itself': `const f = Function.prototype.toString, d = Object.getOwnPropertyDescriptor(Function.prototype, 'toString'); return [f.toString(), f + '', f.name, f.length, Reflect.ownKeys(f), f === fetch.toString, f.call(f), d.writable, d.enumerable, d.configurable, Reflect.ownKeys(Function.prototype).map(String)]`,
  'toString: of functions of the page': `return [function a(b) { return b }, (x) => x, class A { m() {} }, async () => {}, function* g() {}, Math.max, Promise, (function () {}).bind(1), Response.prototype.text, ({ get x() { return 1 } }).__lookupGetter__('x')].map((f) => Function.prototype.toString.call(f))`,
  'toString: wrong this': `return [outcome(() => Function.prototype.toString.call({})), outcome(() => Function.prototype.toString.call(undefined)), outcome(() => new Function.prototype.toString())].map(tell)`,
  'fetch: not a constructor': `return [outcome(() => new fetch()), outcome(() => Reflect.construct(fetch, [])), outcome(() => class extends fetch {}), outcome(() => Reflect.construct(Object, [], fetch))].map(tell)`,
  'fetch: this': `return Promise.all([() => fetch.call({}, url, POST), () => fetch.call(null, url, POST), () => (0, fetch)(url, POST), () => fetch.call(window, url, POST), () => fetch.apply(undefined, [url, POST]), () => fetch.call(1, url, POST), () => new (class { fetch = fetch })().fetch(url, POST)].map((f) => outcome(f)))`,
  'fetch: returns a promise at once': `const p = ask('json'); const out = [p instanceof Promise, p.constructor === Promise, Object.prototype.toString.call(p), Reflect.ownKeys(p)]; await p; return out`,
  'fetch: nothing at all': `return [await outcome(() => fetch()), await outcome(() => fetch(null)), await outcome(() => fetch(Symbol())), await outcome(() => fetch('http://['))].map(({ error }) => [error?.name, error?.message])`,
  'fetch: errors of matching calls': `return Promise.all([['http://[/v1/chat/completions', POST], ['http://u:p@x/v1/chat/completions', POST], [url, { ...POST, mode: 'bad' }], [url, { ...POST, credentials: 1 }], [url, { ...POST, headers: { 'bad name': '1' } }], [url, { ...POST, headers: 7 }], [url, { ...POST, signal: {} }], [url, { ...POST, referrer: 'http://[' }], [new Request(url, POST), { ...POST, window: 1 }], [url, { ...POST, headers: { [Symbol()]: 1 } }]].map((args) => outcome(() => fetch(...args))))`,
  'fetch: errors thrown by the page': `const boom = new Error('boom'); return [await outcome(() => fetch(url, { ...POST, get headers() { throw boom } })), await outcome(() => fetch(url, { ...POST, headers: { get a() { throw boom } } }))].map((o) => [o.error.message, o.thrown === boom])`,
  'fetch: members read, their order and number': `const log = []; const init = { ...POST }; for (const key of ['cache', 'credentials', 'headers', 'integrity', 'keepalive', 'mode', 'redirect', 'referrer', 'referrerPolicy', 'signal', 'window', 'priority', 'duplex']) Object.defineProperty(init, key, { get() { log.push(key) }, enumerable: true }); await fetch(url, init); return log`,
  'fetch: accessors of method and body run as often': `const log = []; const init = { get method() { log.push('method'); return 'POST' }, get body() { log.push('body'); return POST.body } }; await fetch(url, init); return log`,
  'fetch: nested headers read once': `const log = []; const headers = new Proxy({ a: '1' }, { get(t, k) { log.push(String(k)); return t[k] } }); await fetch(url, { ...POST, headers: [['x-a', { toString() { log.push('value'); return '1' } }]] }); return log`,
  'fetch: a stringifier is read once': `let count = 0; await fetch({ toString() { count++; return url } }, POST); return count`,
  'fetch: the URL object is read once': `let count = 0; const u = new URL(url, location); u.toString = () => { count++; return url }; await fetch(u, POST); return count`,
  'fetch: a Request after its use': `const q = new Request(url, POST); const before = q.bodyUsed; const p = fetch(q); const out = [before, q.bodyUsed, q.body.locked]; await p; return [...out, tell(await outcome(() => fetch(q))), tell(await outcome(() => q.text())), tell(await outcome(() => q.clone()))]`,
  'fetch: a Request, its headers and body afterwards': `const q = new Request(url, { ...POST, headers: { 'x-a': '1' } }); const body = q.body; await fetch(q); return [body === q.body, [...q.headers], q.method, q.duplex]`,
  'fetch: a Request read halfway': `const q = new Request(url, POST); const reader = q.body.getReader(); await reader.read(); reader.releaseLock(); return tell(await outcome(() => fetch(q)))`,
  'fetch: a locked Request': `const q = new Request(url, POST); q.body.getReader(); return tell(await outcome(() => fetch(q)))`,
  'fetch: an upload stream is pulled, locked, and refused as ever': `const log = []; const body = new ReadableStream({ pull(c) { log.push('pull'); c.enqueue(new Uint8Array(1)); c.close() }, cancel(r) { log.push('cancel') } }, { highWaterMark: 0 }); const o = await outcome(() => fetch(url, { method: 'POST', body, duplex: 'half' })); return [log, body.locked, tell(o)]`,
  'fetch: an upload stream inside a Request': `const log = []; const body = new ReadableStream({ pull(c) { log.push('pull'); c.enqueue(new Uint8Array(1)); c.close() } }, { highWaterMark: 0 }); const q = new Request(url, { method: 'POST', body, duplex: 'half' }); const o = await outcome(() => fetch(q)); return [log, body.locked, q.bodyUsed, tell(o)]`,
};

const responses: Record<string, string> = {
  'response: what it is': `const r = await ask('json'); return [r instanceof Response, Object.prototype.toString.call(r), Response.prototype.isPrototypeOf(r), r.constructor === Response, Reflect.ownKeys(r), JSON.stringify(r), 'text' in r, 'nope' in r, Object.hasOwn(r, 'text'), Object.isExtensible(r), String(r)]`,
  'response: for-in': `const keys = []; for (const key in await ask('json')) keys.push(key); return keys`,
  'response: spread and assign': `return [Object.keys({ ...(await ask('json')) }), Object.keys(Object.assign({}, await ask('json'))), Object.entries(await ask('json'))]`,
  'response: its fields': `const r = await ask('json'); return [r.url, r.redirected, r.status, r.statusText, r.ok, r.type, [...r.headers].filter(([n]) => n !== 'date')]`,
  'response: redirected': `const r = await ask('redirect'); return [r.url, r.redirected, r.status, await r.text()]`,
  'response: opaque redirect, redirect refused': `const r = await ask('redirect', { redirect: 'manual' }); return [r.type, r.status, r.url, r.body, tell(await outcome(() => ask('redirect', { redirect: 'error' })))]`,
  'response: no content': `const r = await ask('none'); return [r.status, r.body === null, await r.text(), r.bodyUsed]`,
  'response: headers cannot be changed': `const r = await ask('json'); return tell(outcome(() => r.headers.set('a', 'b')))`,
  'response: methods': `const r = await ask('json'); return ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData', 'clone', 'textStream'].map((n) => [n, typeof r[n], r[n]?.name, r[n]?.length, String(r[n]), r[n] === r[n], r[n] && Reflect.ownKeys(r[n])])`,
  'response: methods cannot be constructed': `const r = await ask('json'); return [outcome(() => new r.text()), outcome(() => new r.clone())].map(tell)`,
  'response: methods on another this': `const r = await ask('json'); return [await outcome(() => r.text.call({})), await outcome(() => r.json.call(null)), await outcome(() => r.text.call(new Response('other'))), outcome(() => r.clone.call({})), await outcome(() => (0, r.text)())].map(tell)`,
  'response: methods of another Response': `const r = await ask('json'); const out = await Response.prototype.text.call(r); return [out, r.bodyUsed]`,
  'response: a page may put its own method on it': `const r = await ask('json'); r.text = () => 'mine'; r.extra = 1; return [r.text(), Reflect.ownKeys(r), await r.json(), delete r.text, typeof r.text]`,
  'response: what the page puts on the prototype shows': `const was = Response.prototype.text; try { Response.prototype.text = function () { return was.call(this).then((t) => 'wrapped ' + t) }; Response.prototype.more = 7; const r = await ask('json'); return [await r.text(), r.more, 'more' in r] } finally { Response.prototype.text = was; delete Response.prototype.more }`,
  'response: body is one object': `const r = await ask('json'); return [r.body === r.body, r.body instanceof ReadableStream, Reflect.ownKeys(r.body), String(r.body), r.body.constructor === ReadableStream, r.body.locked, r.bodyUsed, JSON.stringify(r.body)]`,
  'response: body for-in': `const keys = []; for (const key in (await ask('json')).body) keys.push(key); return keys`,
  'response: locked and used, before, during, after': `const r = await ask('json'); const out = [r.bodyUsed, r.body.locked]; const p = r.text(); out.push(r.bodyUsed, r.body.locked); await p; return [...out, r.bodyUsed, r.body.locked]`,
  'response: static ones are untouched': `return [Response.error().type, new Response('x').text === Response.prototype.text, await Response.json({ a: 1 }).text(), Object.getPrototypeOf(new Response('x')) === Response.prototype]`,
  'response: promises of methods': `const r = await ask('json'); const p = r.text(); const out = [p instanceof Promise, p.constructor === Promise, Reflect.ownKeys(p)]; await p; return out`,
  'response: structuredClone refuses': `return tell(await outcome(async () => structuredClone(await ask('json'))))`,
  'response: into another Response': `const r = await ask('json'); const copy = new Response(r.body, r); return [copy.status, await copy.text(), r.bodyUsed, r.body.locked]`,
  'response: into a cache': `const cache = await caches.open('c'); const r = await ask('json'); await cache.put('/cached', r.clone()); await cache.put('/cached2', r); const out = [r.bodyUsed, await (await cache.match('/cached')).text(), await (await cache.match('/cached2')).text()]; await caches.delete('c'); return out`,
  'response: body as the body of a request': `const r = await ask('json'); return tell(await outcome(() => new Request('/x', { method: 'POST', body: r.body, duplex: 'half' }).text()))`,
  'response: WebAssembly': `return [(await WebAssembly.compileStreaming(ask('wasm'))) instanceof WebAssembly.Module, tell(await outcome(() => WebAssembly.compileStreaming(ask('json')))).error?.name]`,
  'response: body transferred': `const r = await ask('json'); const { port1, port2 } = new MessageChannel(); const got = new Promise((done) => { port2.onmessage = (e) => done(e.data) }); port1.postMessage(r.body, [r.body]); return [await readAll((await got).getReader()), r.body.locked, r.bodyUsed]`,
  'response: body by structuredClone': `const r = await ask('json'); const s = structuredClone(r.body, { transfer: [r.body] }); return [await readAll(s.getReader()), Object.getPrototypeOf(s) === ReadableStream.prototype]`,
};

const consumers: Record<string, string> = {
  ...Object.assign({}, ...KINDS.map((kind) => loop(CONSUMERS, (name) => [`${name}() of ${kind}`, `const r = await ask('${kind}'); ${name === 'json' || name === 'formData' ? 'await pause(30);' : ''} const o = await outcome(() => r.${name}()); return [tell(o), r.bodyUsed, r.body.locked]`]))) as Record<string, string>,
  ...loop(CONSUMERS, (name) => [`${name}() the second time`, `const r = await ask('json'); await r.text(); return tell(await outcome(() => r.${name}()))`]),
  ...loop(CONSUMERS, (name) => [`${name}() of a locked body`, `const r = await ask('json'); r.body.getReader(); return tell(await outcome(() => r.${name}()))`]),
  ...loop(CONSUMERS, (name) => [`${name}() of a body half read`, `const r = await ask('json'); const reader = r.body.getReader(); await reader.read(); reader.releaseLock(); return tell(await outcome(() => r.${name}()))`]),
  ...loop(CONSUMERS, (name) => [`${name}() of a body that breaks off`, `const r = await ask('cut'); return tell(await outcome(() => r.${name}()))`]),
  'textStream': `const r = await ask('json'); const s = r.textStream(); return [s instanceof ReadableStream, r.bodyUsed, r.body.locked, await readText(s), tell(await outcome(() => r.textStream()))]`,
  'clone before and after': `const r = await ask('json'); const body = r.body; const c = r.clone(); const out = [c instanceof Response, c.url, c.type, c.status, r.body === body, body.locked, await c.text(), await r.text()]; return [...out, tell(outcome(() => r.clone())), tell(outcome(() => c.clone()))]`,
  'clone of a clone, one cancelled': `const r = await ask('sse'); const c = r.clone().clone(); r.body.cancel(); return [await c.text()]`,
};

const readers: Record<string, string> = {
  'reader: what it is': `const r = await ask('json'); const reader = r.body.getReader(); return [reader instanceof ReadableStreamDefaultReader, Reflect.ownKeys(reader), reader.read.name, reader.read.length, String(reader.read), reader.read === reader.read, reader.closed === reader.closed, reader.closed instanceof Promise, String(reader), r.body.locked]`,
  'reader: a result': `const reader = (await ask('json')).body.getReader(); const p = reader.read(); const x = await p; return [p instanceof Promise, Reflect.ownKeys(x), x.done, x.value.constructor === Uint8Array, x.value.length, x.value.byteOffset, tell(await reader.read()), tell(await reader.read()), await reader.closed]`,
  'reader: options': `const r = await ask('json'); return [outcome(() => r.body.getReader({ mode: 'nope' })), outcome(() => r.body.getReader(null)) , outcome(() => r.body.getReader(1)), outcome(() => r.body.getReader())].map(tell)`,
  'reader: a second one': `const r = await ask('json'); r.body.getReader(); return tell(outcome(() => r.body.getReader()))`,
  'reader: released': `const r = await ask('json'); const reader = r.body.getReader(); reader.releaseLock(); return [r.body.locked, tell(await outcome(() => reader.read())), tell(await outcome(() => reader.closed)), tell(await outcome(() => reader.cancel())), tell(outcome(() => reader.releaseLock()))]`,
  'reader: released with a read waiting': `const r = await ask('slow'); const reader = r.body.getReader(); await reader.read(); const p = outcome(() => reader.read()); reader.releaseLock(); const out = tell(await p); await r.body.cancel(); return out`,
  'reader: released after the end': `const r = await ask('json'); const reader = r.body.getReader(); await readAll(reader); const closed = reader.closed; reader.releaseLock(); return [tell(await outcome(() => closed)), tell(await outcome(() => reader.closed)), closed === reader.closed]`,
  'reader: cancel': `const r = await ask('slow'); const reader = r.body.getReader(); const p = reader.cancel('why'); return [p instanceof Promise, await p, tell(await reader.read()), await reader.closed, r.bodyUsed]`,
  'reader: methods on another this': `const reader = (await ask('json')).body.getReader(); return [await outcome(() => reader.read.call({})), await outcome(() => reader.cancel.call(1)), outcome(() => reader.releaseLock.call({}))].map(tell)`,
  'reader: reads in advance': `const reader = (await ask('sse')).body.getReader(); const reads = [reader.read(), reader.read(), reader.read(), reader.read()]; const last = await reads[3]; return [await Promise.all(reads.map(async (p) => (await p).done)).then((d) => d.length)]`,
  'BYOB: what it is': `const reader = (await ask('json')).body.getReader({ mode: 'byob' }); return [reader instanceof ReadableStreamBYOBReader, Reflect.ownKeys(reader), reader.read.name, reader.read.length, String(reader)]`,
  'BYOB: offsets': `const reader = (await ask('json')).body.getReader({ mode: 'byob' }); const buffer = new ArrayBuffer(10); const { value } = await reader.read(new Uint8Array(buffer, 3, 4)); return [buffer.byteLength, value.byteOffset, value.length, value.buffer.byteLength, [...value]]`,
  'BYOB: wider views, least number': `const reader = (await ask('json')).body.getReader({ mode: 'byob' }); const a = await reader.read(new Uint16Array(2)); const b = await reader.read(new DataView(new ArrayBuffer(3))); const c = await reader.read(new Uint8Array(4), { min: 4 }); return [a.value.constructor.name, a.value.length, b.value.constructor.name, b.value.byteLength, c.value.length]`,
  'BYOB: bad views': `const reader = (await ask('json')).body.getReader({ mode: 'byob' }); return [await outcome(() => reader.read()), await outcome(() => reader.read({})), await outcome(() => reader.read(new Uint8Array(0))), await outcome(() => reader.read(new Uint8Array(2), { min: 3 }))].map(tell)`,
  'BYOB: the end': `const reader = (await ask('empty')).body.getReader({ mode: 'byob' }); const { done, value } = await reader.read(new Uint8Array(3)); return [done, value?.length, value?.buffer.byteLength]`,
  'own reader': `const r = await ask('json'); const reader = new ReadableStreamDefaultReader(r.body); return [await readAll(reader), Object.getPrototypeOf(reader) === ReadableStreamDefaultReader.prototype]`,
  'iterator: what it is': `const r = await ask('json'); const it = r.body.values(); return [String(it), Reflect.ownKeys(it), it.next.name, it.next.length, it[Symbol.asyncIterator]() === it, typeof it.return, 'throw' in it, r.body.locked]`,
  'iterator: steps': `const it = (await ask('json')).body[Symbol.asyncIterator](); const first = await it.next(); return [Object.keys(first), first.done, first.value.length, tell(await it.next()), tell(await it.next())]`,
  'iterator: return': `const r = await ask('slow'); const it = r.body.values(); await it.next(); return [tell(await it.return('x')), tell(await it.next()), r.body.locked]`,
  'iterator: preventCancel': `const r = await ask('sse'); for await (const chunk of r.body.values({ preventCancel: true })) break; return [r.body.locked, (await readAll(r.body.getReader())).length > 0]`,
  'iterator: thrown out of': `const r = await ask('slow'); const o = await outcome(async () => { for await (const chunk of r.body) throw new Error('mine') }); return [o.error.message, r.body.locked, r.bodyUsed]`,
  'iterator: of a locked body': `const r = await ask('json'); r.body.getReader(); return tell(outcome(() => r.body.values()))`,
  'iterator: of a broken body': `const r = await ask('cut'); return tell(await outcome(async () => { for await (const chunk of r.body); }))`,
  'body: cancel': `const r = await ask('slow'); const p = r.body.cancel(); return [p instanceof Promise, await p, r.bodyUsed, tell(await outcome(() => r.body.cancel()))]`,
  'body: cancel while locked': `const r = await ask('json'); r.body.getReader(); return tell(await outcome(() => r.body.cancel()))`,
  'body: methods': `const { body } = await ask('json'); return ['cancel', 'getReader', 'pipeTo', 'pipeThrough', 'tee', 'values', Symbol.asyncIterator].map((n) => [String(n), body[n].name, body[n].length, String(body[n]), body[n] === body[n]])`,
  'body: methods on another this': `const { body } = await ask('json'); return [await outcome(() => body.cancel.call({})), outcome(() => body.getReader.call({})), outcome(() => body.tee.call(1)), outcome(() => body.values.call({})), await outcome(() => body.pipeTo.call({})), outcome(() => body.pipeThrough.call({}))].map(tell)`,
  'body: methods on a stream of the page': `const { body } = await ask('json'); const own = new ReadableStream({ start(c) { c.enqueue('x'); c.close() } }); const reader = body.getReader.call(own); return [(await reader.read()).value, Object.getPrototypeOf(reader) === ReadableStreamDefaultReader.prototype]`,
  'tee': `const r = await ask('json'); const two = r.body.tee(); return [Array.isArray(two), two.length, two.map((s) => s instanceof ReadableStream), r.body.locked, r.bodyUsed, await readAll(two[0].getReader()), await readAll(two[1].getReader())]`,
  'tee: one cancelled': `const [a, b] = (await ask('json')).body.tee(); a.cancel(); return readAll(b.getReader())`,
  'tee: of a locked body': `const r = await ask('json'); r.body.getReader(); return tell(outcome(() => r.body.tee()))`,
};

const MIXES = ['', 'preventClose: true', 'preventAbort: true', 'preventCancel: true', 'preventClose: true, preventAbort: true, preventCancel: true'];
const pipes: Record<string, string> = {
  ...loop(MIXES, (mix) => [`pipeTo {${mix}}`, `const r = await ask('json'); const log = []; const p = r.body.pipeTo(sink(log), { ${mix} }); const during = [r.body.locked, r.bodyUsed, p instanceof Promise]; return [during, tell(await outcome(() => p)), log, r.body.locked]`]),
  ...loop(MIXES, (mix) => [`pipeTo a failing sink {${mix}}`, `const r = await ask('sse'); const log = []; const w = sink(log, { write() { throw new Error('full') } }); const o = await outcome(() => r.body.pipeTo(w, { ${mix} })); return [tell(o), log, r.body.locked, w.locked]`]),
  ...loop(MIXES, (mix) => [`pipeTo from a broken body {${mix}}`, `const r = await ask('cut'); const log = []; const w = sink(log); const o = await outcome(() => r.body.pipeTo(w, { ${mix} })); return [tell(o), log.filter((l) => l[0] !== 'write'), r.body.locked, w.locked]`]),
  ...loop(MIXES, (mix) => [`pipeTo with a signal, aborted before {${mix}}`, `const r = await ask('json'); const log = []; const o = await outcome(() => r.body.pipeTo(sink(log), { signal: AbortSignal.abort('why'), ${mix} })); return [tell(o), log, r.body.locked]`]),
  ...loop(MIXES, (mix) => [`pipeTo with a signal, aborted during {${mix}}`, `const r = await ask('slow'); const log = []; const stop = new AbortController(); const p = outcome(() => r.body.pipeTo(sink(log), { signal: stop.signal, ${mix} })); await pause(40); stop.abort('why'); return [tell(await p), log.filter((l) => l[0] !== 'write'), r.body.locked]`]),
  'pipeTo: wrong sinks and options': `const r = await ask('json'); return [await outcome(() => r.body.pipeTo()), await outcome(() => r.body.pipeTo({})), await outcome(() => r.body.pipeTo(new WritableStream(), 1)), await outcome(() => r.body.pipeTo(new WritableStream(), { signal: {} })), await outcome(() => r.body.pipeTo(new WritableStream(), null))].map(tell)`,
  'pipeTo: a locked sink, a locked body': `const r = await ask('json'); const w = new WritableStream(); w.getWriter(); const first = await outcome(() => r.body.pipeTo(w)); r.body.getReader(); return [first, await outcome(() => r.body.pipeTo(new WritableStream()))].map(tell)`,
  'pipeTo: options are read once, in order': `const r = await ask('json'); const log = []; const options = new Proxy({}, { get(t, k) { log.push(String(k)) } }); await r.body.pipeTo(new WritableStream(), options); return log`,
  'pipeTo: an option that throws': `const r = await ask('json'); const boom = new Error('boom'); const o = await outcome(() => r.body.pipeTo(new WritableStream(), { get preventCancel() { throw boom } })); return [o.error.message, o.thrown === boom, r.body.locked]`,
  'pipeTo: a slow sink': `const r = await ask('sse'); const log = []; await r.body.pipeTo(sink(log, { async write() { await pause(3) } })); return [log, r.bodyUsed]`,
  'pipeTo: a closed sink, a sink in error': `const closed = new WritableStream(); await closed.close(); const failed = new WritableStream({ start(c) { c.error(new Error('early')) } }); const r = await ask('sse'), q = await ask('sse'); return [await outcome(() => r.body.pipeTo(closed)), await outcome(() => q.body.pipeTo(failed))].map(tell)`,
  'pipeTo: the sink decides how much is taken': `const r = await ask('sse'); const log = []; r.body.pipeTo(new WritableStream({ write(c) { log.push('write'); return new Promise(() => {}) } }, { highWaterMark: 3 })).catch(() => {}); await pause(80); return [log, r.body.locked, r.bodyUsed]`,
  'pipeThrough: text': `const r = await ask('json'); const s = r.body.pipeThrough(new TextDecoderStream()); return [s instanceof ReadableStream, r.body.locked, r.bodyUsed, await readText(s)]`,
  'pipeThrough: own pair': `const r = await ask('json'); const { readable, writable } = new TransformStream(); const out = r.body.pipeThrough({ readable, writable }); return [out === readable, writable.locked, await readAll(out.getReader())]`,
  'pipeThrough: members read once, in order': `const r = await ask('json'); const log = []; const t = new TransformStream(); const out = r.body.pipeThrough({ get readable() { log.push('readable'); return t.readable }, get writable() { log.push('writable'); return t.writable } }, new Proxy({}, { get(x, k) { log.push(String(k)) } })); await readAll(out.getReader()); return log`,
  'pipeThrough: wrong pairs': `const r = await ask('json'); return [outcome(() => r.body.pipeThrough()), outcome(() => r.body.pipeThrough({})), outcome(() => r.body.pipeThrough({ readable: new ReadableStream() })), outcome(() => r.body.pipeThrough({ readable: 1, writable: new WritableStream() })), outcome(() => r.body.pipeThrough(new TransformStream(), { signal: 1 })), outcome(() => r.body.pipeThrough(new TransformStream(), 1))].map(tell)`,
  'pipeThrough: locked': `const r = await ask('json'); const t = new TransformStream(); t.writable.getWriter(); const first = outcome(() => r.body.pipeThrough(t)); r.body.getReader(); return [first, outcome(() => r.body.pipeThrough(new TransformStream()))].map(tell)`,
  'pipeThrough: its reader cancels': `const r = await ask('slow'); const reader = r.body.pipeThrough(new TransformStream()).getReader(); await reader.read(); return [await outcome(() => reader.cancel('why')), r.body.locked].map(tell)`,
  'pipeThrough: a broken body': `const r = await ask('cut'); return tell(await outcome(() => readAll(r.body.pipeThrough(new TransformStream()).getReader())))`,
  'pipeThrough: a failing transform': `const r = await ask('sse'); return tell(await outcome(() => readAll(r.body.pipeThrough(new TransformStream({ transform() { throw new Error('mine') } })).getReader())))`,
  'pipeThrough: compression': `const r = await ask('json'); return readAll(r.body.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')).getReader())`,
};

const ABORTED = `const stop = new AbortController(); const reason = new RangeError('enough');`;
const ends: Record<string, string> = {
  'abort: before the call': `return tell(await outcome(() => ask('json', { signal: AbortSignal.abort() })))`,
  'abort: before, the reason is the page\'s own': `${ABORTED} stop.abort(reason); const o = await outcome(() => ask('json', { signal: stop.signal })); return [o.thrown === reason]`,
  'abort: before the head': `${ABORTED} const p = outcome(() => ask('never', { signal: stop.signal })); await pause(20); stop.abort(reason); const o = await p; return [o.thrown === reason, tell(o)]`,
  'abort: without a reason, before the head': `${ABORTED} const p = outcome(() => ask('never', { signal: stop.signal })); await pause(20); stop.abort(); const o = await p; return [o.thrown === stop.signal.reason, tell(o)]`,
  'abort: a reason that is no error': `${ABORTED} const p = outcome(() => ask('never', { signal: stop.signal })); await pause(20); stop.abort('word'); return tell(await p)`,
  'abort: a reason that is a Proxy': `${ABORTED} const log = []; const proxy = new Proxy({}, { get(t, k) { log.push(String(k)) }, getPrototypeOf() { log.push('proto'); return null }, getOwnPropertyDescriptor() { log.push('own') } }); const p = ask('never', { signal: stop.signal }).then(() => 0, (e) => e === proxy); await pause(20); stop.abort(proxy); return [await p, log.filter((k) => k !== 'own' && k !== 'proto')]`,
  'abort: in mid-body, read and closed': `${ABORTED} const r = await ask('slow', { signal: stop.signal }); const reader = r.body.getReader(); await reader.read(); const closed = outcome(() => reader.closed); const p = outcome(() => reader.read()); stop.abort(reason); const o = await p, c = await closed; return [o.thrown === reason, c.thrown === reason, tell(o)]`,
  'abort: in mid-body, text()': `${ABORTED} const r = await ask('slow', { signal: stop.signal }); const p = outcome(() => r.text()); await pause(20); stop.abort(reason); const o = await p; return [o.thrown === reason, tell(o)]`,
  'abort: in mid-body, for await': `${ABORTED} const r = await ask('slow', { signal: stop.signal }); const p = outcome(async () => { for await (const chunk of r.body); }); await pause(20); stop.abort(reason); return [(await p).thrown === reason]`,
  'abort: in mid-body, piped': `${ABORTED} const r = await ask('slow', { signal: stop.signal }); const log = []; const p = outcome(() => r.body.pipeTo(sink(log))); await pause(40); stop.abort(reason); return [(await p).thrown === reason, log.filter((l) => l[0] !== 'write')]`,
  'abort: after the end': `${ABORTED} const r = await ask('json', { signal: stop.signal }); const text = await r.text(); stop.abort(); await pause(10); return text`,
  'abort: by time': `return tell(await outcome(() => ask('never', { signal: AbortSignal.timeout(30) })))`,
  'network error': `return tell(await outcome(() => ask('refuse')))`,
  'cut: read and closed': `const r = await ask('cut'); const reader = r.body.getReader(); const closed = outcome(() => reader.closed); const o = await outcome(() => readAll(reader)); return [tell(o), tell(await closed)]`,
};

const unhandled: Record<string, string> = {
  'rejections: fire and forget': `return rejections(async () => { ask('refuse'); })`,
  'rejections: handled': `return rejections(async () => { ask('refuse').catch(() => {}); })`,
  'rejections: handled late': `return rejections(async () => { const p = ask('refuse'); await pause(60); p.catch(() => {}); })`,
  'rejections: then without catch': `return rejections(async () => { ask('refuse').then(() => {}); })`,
  'rejections: finally only': `return rejections(async () => { ask('refuse').finally(() => {}); })`,
  'rejections: text() of a broken body': `return rejections(async () => { (await ask('cut')).text(); })`,
  'rejections: text() twice': `return rejections(async () => { const r = await ask('json'); r.text(); r.text(); })`,
  'rejections: a read of a broken body': `return rejections(async () => { const reader = (await ask('cut')).body.getReader(); for (let i = 0; i < 9; i++) reader.read(); })`,
  'rejections: closed only': `return rejections(async () => { const reader = (await ask('cut')).body.getReader(); reader.closed.then(() => {}); })`,
  'rejections: a broken body nobody reads': `return rejections(async () => { (await ask('cut')).body.getReader(); })`,
  'rejections: pipeTo': `return rejections(async () => { (await ask('cut')).body.pipeTo(new WritableStream()); })`,
  'rejections: pipeTo a failing sink': `return rejections(async () => { (await ask('sse')).body.pipeTo(new WritableStream({ write() { throw new Error('full') } })); })`,
  'rejections: pipeThrough': `return rejections(async () => { (await ask('cut')).body.pipeThrough(new TransformStream()); })`,
  'rejections: pipeThrough, its reader cancels': `return rejections(async () => { const reader = (await ask('sse')).body.pipeThrough(new TransformStream()).getReader(); await reader.read(); reader.cancel(); })`,
  'rejections: cancel while locked': `return rejections(async () => { const r = await ask('json'); r.body.getReader(); r.body.cancel(); })`,
  'rejections: released with a read waiting': `return rejections(async () => { const reader = (await ask('slow')).body.getReader(); await reader.read(); reader.read(); reader.releaseLock(); })`,
  'rejections: tee of a broken body': `return rejections(async () => { const [a, b] = (await ask('cut')).body.tee(); for (const s of [a, b]) { const reader = s.getReader(); for (let i = 0; i < 9; i++) reader.read(); } })`,
  'rejections: aborted, nobody listens': `return rejections(async () => { const stop = new AbortController(); const r = await ask('slow', { signal: stop.signal }); r.text(); await pause(20); stop.abort(); })`,
};

export const invariantChecks: Record<string, string> = { ...fetchItself, ...responses, ...consumers, ...readers, ...pipes, ...ends, ...unhandled };

/** The scope of the checks. */
export const INVARIANT_SCOPE = `
const POST = { method: 'POST', body: '{"model":"m","messages":[]}' };
const url = '/v1/chat/completions?case=invariants&kind=json';
const ask = (kind, init) => fetch('/v1/chat/completions?case=invariants&kind=' + kind, { ...POST, ...init });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const decode = (bytes) => new TextDecoder().decode(bytes);
const readAll = async (reader) => { const parts = []; for (;;) { const { done, value } = await reader.read(); if (done) return decode(new Uint8Array(parts)); parts.push(...value); } };
const readText = async (stream) => { let text = ''; for await (const part of stream) text += part; return text; };
const sink = (log, more) => new WritableStream({ write(c) { log.push(['write', c.length]) }, close() { log.push(['close']) }, abort(e) { log.push(['abort', e?.name ?? String(e), e?.message]) }, ...more });
const tell = (value, depth = 0) => {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (typeof value !== 'object') return '<' + String(value) + '>';
  if (value instanceof ArrayBuffer) return ['ArrayBuffer', [...new Uint8Array(value)]];
  if (ArrayBuffer.isView(value)) return [value.constructor.name, value.byteOffset, [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]];
  if (value instanceof Blob) return ['Blob', value.size, value.type];
  if (value instanceof FormData) return ['FormData', [...value].map(([k, v]) => [k, typeof v === 'string' ? v : [v.name, v.size, v.type]])];
  if (Array.isArray(value)) return value.map((v) => tell(v, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype || depth > 4) return '<' + Object.prototype.toString.call(value) + '>';
  return Object.fromEntries(Object.entries(value).filter(([k]) => k !== 'thrown').map(([k, v]) => [k, tell(v, depth + 1)]));
};
const thrownAs = (e) => ({ thrown: e, error: e !== null && typeof e === 'object' ? { name: e.name, message: e.message, stack: e.stack, kind: Object.prototype.toString.call(e), keys: Reflect.ownKeys(e).map(String) } : String(e) });
const outcome = (run) => {
  let value;
  try { value = run(); } catch (e) { return thrownAs(e); }
  return value instanceof Promise ? value.then((v) => ({ value: v }), thrownAs) : { value };
};
const rejections = async (run) => {
  const log = [];
  const note = (event) => { log.push([event.type, event.reason?.name, event.reason?.message]); event.preventDefault(); };
  addEventListener('unhandledrejection', note); addEventListener('rejectionhandled', note);
  await run(); await pause(150);
  removeEventListener('unhandledrejection', note); removeEventListener('rejectionhandled', note);
  return log;
};
`;

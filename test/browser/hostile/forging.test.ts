/** A page that forges: it looks for the channel of others, and where it made the frame it gets hold of its own. Nothing of
 *  another document or tab changes; what it tells of its own is checked and bounded. */
import type { Page } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { openPanel } from '../devtools-panel.ts';
import { openTrace, tracesSettled, treeRows } from '../panel-dom.ts';
import { outOfBounds } from './bounds.ts';
import { eventually, run, saying, setup } from './setup.ts';
import { readStored } from './stored.ts';

const all = setup();

interface Rows { [store: string]: Array<Record<string, unknown>> }
const rowsIn = async (origin: Page): Promise<Rows> => (await readStored(origin, false)).rows as Rows;
const ask = (what: string): string => JSON.stringify({ model: 'm', messages: [{ role: 'user', content: what }] });

/** Speaks as a shim would to whoever may listen: events of every name at every place, with forged records. */
const KNOCK = `
  const document_ = { kind: 'document', at: 1, url: 'http://bank.example/', top: true };
  const start = { kind: 'start', exchange: 99, at: Date.now(), clock: 1, transport: 'fetch', method: 'POST', url: 'http://bank.example/v1/chat/completions', headers: [], body: 'none', bodySize: 0, removed: 0 };
  const detail = { post: 1, records: [document_, start, { kind: 'end', exchange: 1, clock: 1e6, how: 'error', bytes: 0, error: { name: 'forged', message: 'forged' } }] };
  globalThis.knock = (places) => {
    const names = ['spanlight', 'port', 'post', 'leave', 'got', 'stop', 'message', 'pagehide', 'pageshow'];
    const element = document.createElement('i');
    let answers = 0;
    element.addEventListener('got', () => { answers++; });
    for (const place of places) for (const name of typeof place?.dispatchEvent === 'function' ? names : []) {
      place.dispatchEvent(new MouseEvent(name, { relatedTarget: element }));
      place.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
      place.dispatchEvent(new MessageEvent(name, { data: detail, ports: [new MessageChannel().port1] }));
      place.dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
      for (const [key, data] of Object.entries({ detail: { detail }, data: { data: detail } })) place.dispatchEvent(Object.assign(new Event(name), { [key]: data }));
    }
    return answers;
  };
  globalThis.knockEverywhere = () => {
    const answers = knock([window, document, document.fonts, document.documentElement, document.body, ...document.querySelectorAll('*'), screen, navigator, performance, visualViewport, navigation]);
    for (const target of [window, parent, top, opener, ...Array.from(frames)]) target?.postMessage(detail, '*');
    for (const target of [window, parent, top]) target?.postMessage({ type: 'batch', version: 1, relay: '0123456789abcdef', first: 0, records: detail.records }, '*', [new MessageChannel().port1]);
    return [answers, typeof globalThis.chrome?.runtime?.sendMessage, typeof globalThis.chrome?.storage];
  };`;

test('nobody hears a page that speaks as the shim does, wherever it stands', async () => {
  all.server.on('mine', saying(['My own ', 'answer.']));
  const victim = await all.open('');
  await run(victim, `await (await call('mine', { body: ${JSON.stringify(ask('mine'))} })).text()`);
  const origin = await all.launched.originPage();
  await eventually('the call is stored', async () => (await rowsIn(origin))['exchanges']?.[0]?.['end'] !== undefined);
  const before = await rowsIn(origin);

  // In its own page, in a frame of the same and of another site, in a window it opened; and into the victim's, as its opener.
  const child = all.url(`<body><script>${KNOCK}; globalThis.told = knockEverywhere(); setInterval(knockEverywhere, 200)</script>`);
  const attacker = await all.open(`${KNOCK}
    for (const url of [${JSON.stringify(child)}, ${JSON.stringify(child.replace(all.server.origin, all.otherOrigin))}]) document.body.appendChild(document.createElement('iframe')).src = url;
    globalThis.victim = open(${JSON.stringify(all.url('<title>opened</title>'))});`);
  await attacker.waitForFunction('frames.length === 2 && frames[0].told');
  const told = await run(attacker, `
    const told = [knockEverywhere(), frames[0].told];
    await pause(300);
    knockEverywhere();
    // The document it opened is of its own site: it reaches all of its objects.
    told.push(knock([victim, victim.document, victim.document.fonts, ...victim.document.querySelectorAll('*')]));
    await pause(500);
    return told`);
  expect(told).toEqual([[0, 'undefined', 'undefined'], [0, 'undefined', 'undefined'], 0]);

  const after = await rowsIn(origin);
  for (const store of ['exchanges', 'spans', 'segments', 'bodies', 'chains', 'pieces', 'evidence']) expect(after[store], store).toEqual(before[store]);
  const ids = before['sessions']?.map(({ id }) => id);
  expect(after['sessions']?.filter(({ id }) => ids?.includes(id))).toEqual(before['sessions']);
  expect(JSON.stringify(after)).not.toContain('bank.example');
  for (const page of await all.launched.browser.pages()) if (page !== victim && page !== origin) await page.close();
  await victim.close();
  await origin.close();
});

/** A page keeps the Window of a frame's first, empty document: whoever replaced its functions hears the shim's greeting.
 *  \`speak(records)\` then tells records as the frame's shim would. */
const SEIZE = `
  globalThis.seize = async (url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.appendChild(frame);
    const { EventTarget } = frame.contentWindow;
    const { dispatchEvent } = EventTarget.prototype;
    let element;
    EventTarget.prototype.dispatchEvent = function (event) { element ??= event.relatedTarget; return dispatchEvent.call(this, event); };
    await new Promise((done) => { frame.addEventListener('load', done, { once: true }); });
    const { CustomEvent } = frame.contentWindow;
    let post = 0;
    element?.addEventListener('got', (event) => { if (typeof event.detail === 'number') post = event.detail; });
    const tell = (name, detail) => dispatchEvent.call(element, new CustomEvent(name, { detail }));
    return element && { tell, speak: (records) => { tell('post', { post: post + 1, records }); return post; } };
  };`;

test('records of any form from a frame that the page has seized', async () => {
  all.server.on('mine', saying(['My own ', 'answer.']));
  const victim = await all.open('');
  const attacker = await all.open(SEIZE);
  const frame = all.url('<title>a frame</title>');
  const seized = await run(attacker, `globalThis.shim = await seize(${JSON.stringify(frame)}); return shim !== undefined`);
  expect(seized).toBe(true);
  const origin = await all.launched.originPage();
  const { documents = [], exchanges: before = [] } = await rowsIn(origin);
  const known = documents.map(({ documentId, relay }) => [documentId, relay]);

  await run(attacker, `
    const now = Date.now();
    const start = (exchange, more = {}) => ({ kind: 'start', exchange, at: now, clock: 1, transport: 'fetch', method: 'POST', url: 'http://localhost/v1/chat/completions', headers: [], body: 'exact', bodySize: 5, removed: 0, ...more });
    const chunk = (exchange, bytes, more = {}) => ({ kind: 'chunk', exchange, side: 'response', offset: 0, size: bytes.length, bytes, times: Float64Array.of(2), ends: Uint32Array.of(bytes.length), ...more });
    const cyclic = start(1); cyclic.headers = [[cyclic, cyclic]]; cyclic.self = cyclic;
    let deep = []; for (let i = 0; i < 5000; i++) deep = [deep];
    const others = ${JSON.stringify(known)}.map(([documentId, relay]) => ({ ...start(1), documentId, relay, tabId: 1, frameId: 0, session: 'x', id: documentId + '/1' }));
    const polluting = JSON.parse('{"kind":"start","exchange":7,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const records = [
      undefined, null, 0, 'start', [], new Map([[1, 2]]), new Date(), /x/, new Blob(['x']), cyclic, deep, polluting, ...others,
      { kind: 'document', at: now, url: 'http://bank.example/', top: true }, { kind: 'document', at: 4e12, url: 'u'.repeat(1e6), top: true }, { kind: 'leave', at: 1e300, clock: 1 },
      start(2, { url: 'u'.repeat(1e6), method: 'm'.repeat(1e6), headers: Array.from({ length: 1000 }, () => ['h'.repeat(1e4), 'v'.repeat(1e4)]) }),
      start(3, { at: Number.MAX_VALUE }), start(4, { at: -1 }), start(5, { exchange: 2 ** 60 }), start(6, { headers: { length: 2 ** 31 } }),
      start(8), chunk(8, new Uint8Array(300_000)), chunk(8, new Uint8Array(1000), { offset: 2 ** 53 - 1 }), chunk(8, new Uint8Array(new SharedArrayBufferOr(8))), chunk(8, new Uint8Array(4), { ends: Uint32Array.of(3, 1) }),
      { kind: 'end', exchange: 8, clock: 1e12, how: '__proto__', bytes: 0 }, { kind: 'end', exchange: 8, clock: 4e12, how: 'complete', bytes: 2 ** 53 - 1, error: { name: 'n'.repeat(1e6), message: 'm'.repeat(1e6) } },
    ];
    for (const record of records) { try { shim.speak([record]); } catch {} }
    // All that one document may have, and more of it; calls that never end; leaving, over and over.
    for (let from = 100; from < 30_000; from += 1000) shim.speak(Array.from({ length: 1000 }, (_, i) => start(from + i, { headers: [['x', 'v'.repeat(100)]] })));
    for (let i = 0; i < 300; i++) shim.tell('leave');
    for (let i = 0; i < 100; i++) shim.tell('port', new MessageChannel().port1);
    shim.speak([start(40_000), { kind: 'end', exchange: 40_000, clock: 5, how: 'complete', bytes: 0 }]);`.replaceAll('new SharedArrayBufferOr(8)', '8'));

  // Another tab goes on, in the database and on its panel.
  const panel = await openPanel(victim);
  await run(victim, `await (await call('mine', { body: ${JSON.stringify(ask('Tell me mine'))} })).text()`);
  await tracesSettled(panel.frame, 1);
  await openTrace(panel.frame, 'Tell me mine');
  expect(await treeRows(panel.frame)).toMatchObject([{ kind: 'LLM', status: 'unset', running: false }]);

  let rows = await rowsIn(origin);
  await eventually('all of it has arrived', async () => {
    const { rev } = rows['sessions']?.find(({ tabId }) => tabId !== undefined) ?? {};
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    const next = await rowsIn(origin);
    const same = JSON.stringify(next['documents']) === JSON.stringify(rows['documents']) && rev !== undefined;
    rows = next;
    return same;
  }, 60_000);
  expect(outOfBounds(rows).map((text) => text.slice(0, 300)).slice(0, 20)).toEqual([]);
  // Each row of the seized frame is of its own document; the attacker's tab still has the page's own URL.
  const own = rows['documents']?.find(({ url }) => url === 'http://bank.example/' || String(url).startsWith('uuu'));
  expect(own).toMatchObject({ top: false });
  const others = rows['exchanges']?.filter(({ id, documentId }) => documentId !== own?.['documentId'] && !before.some((exchange) => exchange['id'] === id));
  expect(others).toMatchObject([{ end: { how: 'complete' } }]);
  expect(rows['exchanges']?.length).toBeGreaterThan(100);
  expect(rows['sessions']?.filter(({ url }) => String(url).includes('bank'))).toEqual([]);
  expect(rows['exchanges']).toEqual(expect.arrayContaining(before));
  await attacker.close();
  await victim.close();
});

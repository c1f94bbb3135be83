import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rescue } from '../../../lib/wire/rescue.ts';
import { EXTENSION } from '../launch.ts';
import { openChannelLab, type ChannelLab } from './channel-lab.ts';
import type { Arrived } from './extension/background.ts';
import type { TestShim } from './extension/shim.ts';

declare global {
  interface Window { shim: TestShim; heard: string[]; atAppend: string; forge(): void }
}

let lab: ChannelLab;
beforeAll(async () => { lab = await openChannelLab(); });
afterAll(() => lab.close());

/** A chunk of three bytes whose sum tells it from others. */
const postChunk = (page: Page, sum: number): Promise<void> => page.evaluate((sum) => window.shim.toRelay?.post([
  { kind: 'chunk', exchange: 1, side: 'response', offset: 0, size: 3, bytes: Uint8Array.of(0, 0, sum), times: Float64Array.of(1.5), ends: Uint32Array.of(3) },
]), sum);
const kinds = (all: Arrived[]): string[] => all.map(({ record }) => record.kind);
const has = (kind: string) => (all: Arrived[]): boolean => kinds(all).includes(kind);

/** Listens wherever a page can, for every name that is used, from its first script on. */
const LISTEN = `
  window.heard = [];
  window.listen = (win) => {
    for (const name of ['spanlight', 'port', 'post', 'got', 'leave', 'stop', 'message', 'messageerror', 'error', 'unhandledrejection'])
      for (const target of [win, win.document, win.document.fonts, win.document.documentElement]) target.addEventListener(name, (event) => heard.push(name + ' ' + event.constructor.name), true);
  };
  listen(window);`;

/** Plays the shim, wherever a page can. */
function forge(): void {
  window.forge = forge;
  window.heard ??= [];
  const element = document.createElement('i');
  for (const name of ['got', 'stop']) element.addEventListener(name, () => window.heard.push(name));
  const { port1, port2 } = new MessageChannel();
  const forged = { post: 2, records: [{ kind: 'leave', at: 666, clock: 666 }] };
  for (const target of [document.fonts, document, window]) target.dispatchEvent(new MouseEvent('spanlight', { relatedTarget: element }));
  element.dispatchEvent(new MessageEvent('port', { ports: [port2] }));
  for (const target of [element, document.fonts, document, window]) {
    target.dispatchEvent(new CustomEvent('post', { detail: forged }));
    target.dispatchEvent(new CustomEvent('post', { detail: { ...forged, post: 1 } }));
    target.dispatchEvent(new CustomEvent('leave'));
  }
  port1.postMessage(forged);
  if (window.shim.open(document)) window.heard.push('a second channel');
}

describe('channel', () => {
  test('the relay is listed before the shim in the built manifest', () => {
    const manifest = JSON.parse(readFileSync(join(EXTENSION, 'manifest.json'), 'utf8')) as { content_scripts: Array<{ js: string[]; world?: string }> };
    expect(manifest.content_scripts.map(({ js, world }) => [js, world])).toEqual([[['content-scripts/relay.js'], undefined], [['content-scripts/shim.js'], 'MAIN']]);
  });

  test('records of the page arrive, numbered, with their bytes', async () => {
    const { page, url } = await lab.open('<!doctype html>');
    await postChunk(page, 7);
    const all = await lab.arrived(url, has('chunk'));
    expect(all.map(({ seq, record }) => [seq, record.kind])).toEqual([[0, 'document'], [1, 'chunk']]);
    expect(all[1]?.record).toMatchObject({ sum: 7, times: [1.5], ends: [3] });
    await page.close();
  });

  test.each([
    ['blank, as soon as it is appended', '', 'about:blank'],
    ['srcdoc', 'frame.srcdoc = "<p>inner";', 'about:srcdoc'],
    ['sandboxed srcdoc', 'frame.sandbox = "allow-scripts"; frame.srcdoc = "<p>inner";', 'about:srcdoc'],
    ['blob', 'frame.src = URL.createObjectURL(new Blob(["<p>inner"], { type: "text/html" }));', 'blob:'],
    ['data', 'frame.src = "data:text/html,<p>inner";', 'data:'],
  ])('a frame has its own channel: %s', async (_, setup, start) => {
    const { page } = await lab.open(`<!doctype html><body><script>const frame = document.createElement('iframe'); ${setup} document.body.append(frame); window.atAppend = typeof frame.contentWindow?.shim?.toRelay?.post;</script>`);
    if (!setup) expect(await page.evaluate(() => window.atAppend)).toBe('function');
    const frame = await page.waitForFrame((frame) => frame.parentFrame() !== null && frame.url().startsWith(start));
    await frame.waitForFunction(() => window.shim.toRelay?.wanted());
    await page.close();
  });

  test('a page hears nothing of it, whatever it listens to', async () => {
    const { page, url } = await lab.open(`<!doctype html><script>${LISTEN}</script>`);
    const logged: string[] = [];
    page.on('console', (message) => logged.push(message.text())).on('pageerror', (error) => logged.push(String(error)));
    await postChunk(page, 7);
    await page.evaluate(() => window.shim.toRelay?.leaving([{ kind: 'leave', at: 1, clock: 1 }]));
    await lab.arrived(url, has('leave'));
    expect(await page.evaluate(() => window.heard)).toEqual([]);
    expect(logged).toEqual([]);
    await page.close();
  });

  test('a parent hears nothing of a frame whose first Window it held', async () => {
    const { page } = await lab.open(`<!doctype html><body><script>${LISTEN}
      const frame = document.createElement('iframe');
      document.body.append(frame);
      listen(frame.contentWindow);
      window.first = frame.contentWindow;
      frame.src = '/inner';
    </script>`);
    const frame = await page.waitForFrame((frame) => frame.url().endsWith('/inner'));
    await frame.waitForFunction(() => window.shim.toRelay?.wanted());
    expect(await page.evaluate(() => window.heard)).toEqual([]);
    await page.close();
  });

  test('a second hello is not answered, and a forged one brings nothing in, from the first script on', async () => {
    const { page, url } = await lab.open(`<!doctype html><script>(${String(forge)})()</script>`);
    await page.evaluate(() => window.forge());
    await postChunk(page, 7);
    expect(kinds(await lab.arrived(url, has('chunk')))).toEqual(['document', 'chunk']);
    expect(await page.evaluate(() => window.heard)).toEqual([]);
    await page.close();
  });

  test('a page that poisons every prototype afterwards neither breaks nor sees it', async () => {
    const { page, url } = await lab.open('<!doctype html>');
    const touched = await page.evaluate(() => {
      // A text: the poisoned array methods and index setters would catch the test itself.
      let touched = '';
      const records = [{ kind: 'chunk' as const, exchange: 1, side: 'response' as const, offset: 0, size: 3, bytes: Uint8Array.of(1, 2, 3), times: Float64Array.of(1), ends: Uint32Array.of(3) }];
      const leaving = [{ kind: 'leave' as const, at: 1, clock: 1 }];
      const { post, leaving: leave } = window.shim.toRelay ?? {};
      const { defineProperty, getOwnPropertyNames } = Object;
      const ownNames = [Object, EventTarget, Event, CustomEvent, MessagePort, Function, Array].flatMap(({ prototype }) => getOwnPropertyNames(prototype).map((name) => [prototype, name] as const));
      const newNames = ['0', '1', 'get', 'set', 'value', 'detail', 'bubbles', 'cancelable', 'composed', 'transfer', 'ports', 'toJSON', 'then', 'post', 'records', 'bytes', 'later', 'handleEvent', 'signal', 'once']
        .flatMap((name) => [Object, Array].map(({ prototype }) => [prototype, name] as const));
      const globals = ['CustomEvent', 'MessageChannel', 'MessageEvent', 'MouseEvent', 'Reflect'].map((name) => [window, name] as const);
      for (let i = 0, all = [...ownNames, ...globals, ...newNames]; i < all.length; i++) {
        const [owner, name] = all[i] ?? [window, ''];
        if (name === 'constructor' || name === 'length' || name === '__proto__') continue;
        try {
          defineProperty(owner, name, { __proto__: null, configurable: true, get() { touched += `get ${name};`; }, set() { touched += `set ${name};`; } } as PropertyDescriptor);
        } catch { /* not the page's to change */ }
      }
      post?.(records);
      leave?.(leaving);
      // The driver needs these to bring the answer back.
      for (let i = 0; i < newNames.length; i++) {
        const [prototype, name] = newNames[i] ?? [{}, ''];
        delete (prototype as Record<string, unknown>)[name];
      }
      return touched;
    });
    expect(touched).toBe('');
    const all = await lab.arrived(url, has('leave'));
    expect(all.map(({ record }) => record)).toMatchObject([{ kind: 'document' }, { kind: 'chunk', sum: 6 }, { kind: 'leave' }]);
    await page.close();
  });

  test('a page that plays coming back does not make the relay send', async () => {
    const { page, url } = await lab.open('<!doctype html>');
    await lab.arrived(url, has('document'));
    await lab.answer(false);
    const before = await lab.messages();
    await page.evaluate(() => {
      window.shim.toRelay?.leaving([{ kind: 'chunk', exchange: 1, side: 'response', offset: 0, size: 100_000, bytes: new Uint8Array(100_000), times: Float64Array.of(1), ends: Uint32Array.of(100_000) }]);
      for (let i = 0; i < 100; i++) window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await lab.answer(true);
    await lab.arrived(url, has('chunk'));
    expect(await lab.messages() - before).toBeLessThan(10);
    await page.close();
  });

  test('the relay answers a ping', async () => {
    const { page } = await lab.open('<!doctype html>');
    await page.bringToFront();
    const pong = await (await lab.worker()).evaluate(async () => {
      const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
      return await chrome.tabs.sendMessage(tab?.id ?? -1, { type: 'ping' }, { frameId: 0 }) as unknown;
    });
    expect(pong).toEqual({ type: 'pong', version: 1 });
    await page.close();
  });
});

/** Posted in pagehide, just before the page leaves. */
const last = (page: Page, sum: number): Promise<void> => page.evaluate((sum) => {
  window.shim.last = [{ kind: 'chunk', exchange: 1, side: 'response', offset: 0, size: 3, bytes: Uint8Array.of(0, 0, sum), times: Float64Array.of(1), ends: Uint32Array.of(3) }];
}, sum);

describe('a page that is left', () => {
  test.each(['navigated', 'reloaded', 'closed'])('gets its last records over, with bytes that were still on the port: %s', async (way) => {
    const { page, url } = await lab.open('<!doctype html>');
    await lab.arrived(url, has('document'));
    await last(page, 9);
    if (way === 'navigated') await page.goto('about:blank');
    if (way === 'reloaded') await page.reload();
    if (way === 'closed') await page.close({ runBeforeUnload: true });
    const all = (await lab.arrived(url, has('leave'))).slice(0, 3);
    expect(all.map(({ record }) => record)).toMatchObject([{ kind: 'document' }, { kind: 'chunk', sum: 9 }, { kind: 'leave' }]);
    if (way !== 'closed') await page.close();
  });

  test('a frame that is taken out gets its last records over as well', async () => {
    const { page, url } = await lab.open('<!doctype html><body><iframe src="/inner-of-a-removed-frame"></iframe>');
    const inner = `${new URL(url).origin}/inner-of-a-removed-frame`;
    await lab.arrived(inner, has('document'));
    await page.evaluate(() => document.querySelector('iframe')?.remove());
    expect(kinds(await lab.arrived(inner, has('leave')))).toEqual(['document', 'leave']);
    await page.close();
  });

  test('leaves a rescue where nobody answers; when it comes back all is sent and the rescue goes', async () => {
    const { page, url } = await lab.open('<!doctype html>');
    await lab.arrived(url, has('document'));
    await last(page, 11);
    await lab.answer(false);
    await page.goto('about:blank');
    const ours = async (): Promise<Rescue | undefined> => (await lab.rescues()).find(({ records }) => records.some((record) => record?.kind === 'chunk' && record.bytes?.[2] === 11));
    await expect.poll(ours, { timeout: 60_000 }).toBeDefined();
    const rescue = await ours(); // the full one: keys are in order
    expect(rescue).toMatchObject({ first: 1, records: [{ kind: 'chunk', size: 3 }, { kind: 'leave' }] });
    await lab.answer(true);
    await page.goBack();
    expect(await page.evaluate(() => window.shim.last.length), 'the same document came back').toBe(1);
    // Its port still holds what came over the element: that must not count twice.
    await postChunk(page, 12);
    const all = await lab.arrived(url, (all) => all.some(({ record }) => 'sum' in record && record.sum === 12));
    expect(all.map(({ seq, record }) => [seq, record.kind])).toEqual([[0, 'document'], [1, 'chunk'], [2, 'leave'], [3, 'chunk']]);
    await expect.poll(ours, { timeout: 60_000 }).toBeUndefined();
    await page.close();
  });

  test('leaves what happened without what was said where the store is nearly full', async () => {
    const { page, url } = await lab.open('<!doctype html>');
    await lab.arrived(url, has('document'));
    await page.evaluate(() => {
      window.shim.last = [0, 1, 2].map((i) => ({ kind: 'chunk', exchange: 13, side: 'response', offset: i * 200_000, size: 200_000, bytes: new Uint8Array(200_000), times: Float64Array.of(1), ends: Uint32Array.of(200_000) }));
    });
    await lab.answer(false);
    await (await lab.worker()).evaluate(() => chrome.storage.session.set({ filler: 'x'.repeat(chrome.storage.session.QUOTA_BYTES - 300_000) }));
    await page.goto('about:blank');
    const ours = async (): Promise<Rescue | undefined> => (await lab.rescues()).find(({ records }) => records.some((record) => record?.kind === 'chunk' && record.exchange === 13));
    await expect.poll(ours, { timeout: 60_000 }).toBeDefined();
    expect((await ours())?.records.map((record) => record?.kind === 'chunk' ? [record.size, record.bytes] : record?.kind)).toEqual([undefined, undefined, [600_000, undefined], 'leave']);
    await (await lab.worker()).evaluate(() => chrome.storage.session.remove('filler'));
    await lab.answer(true);
    await page.close();
  });
});

describe('an extension that is reloaded', () => {
  test('leaves the page in peace: its shim is told to stop, nothing is thrown', async () => {
    const { page } = await lab.open('<!doctype html>');
    const logged: string[] = [];
    page.on('console', (message) => logged.push(message.text())).on('pageerror', (error) => logged.push(String(error)));
    await lab.reloadExtension();
    await page.waitForFunction(() => {
      window.shim.toRelay?.post([{ kind: 'leave', at: 1, clock: 1 }]);
      return window.shim.toRelay?.wanted() === false;
    }, { polling: 50 });
    expect(logged).toEqual([]);
  });
});

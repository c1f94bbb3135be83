/**
 * A browser with a throwaway extension: the built manifest and relay, a shim that only hands the channel to the test, and
 * a background that keeps what arrives. So the channel is tested alone, in the real worlds of a real page.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, WebWorker } from 'puppeteer-core';
import { build } from 'vite';
import { decodeRescue, rescueKey, type Rescue } from '../../../lib/wire/rescue.ts';
import { EXTENSION, launch } from '../launch.ts';
import type { Arrived, State } from './extension/background.ts';

declare const state: State;

const ROOT = join(import.meta.dirname, '../../..');

export interface ChannelLab {
  /** Opens a page whose HTML is given; its URL is `url`. */
  open(html: string): Promise<{ page: Page; url: string }>;
  worker(): Promise<WebWorker>;
  reloadExtension(): Promise<void>;
  /** What arrived from the page with this URL, once `enough` says so; chunks without their bytes, with the sum of them. */
  arrived(url: string, enough: (its: Arrived[]) => boolean): Promise<Arrived[]>;
  /** Whether messages are answered; while not they are lost. */
  answer(on: boolean): Promise<void>;
  /** Messages that came so far, answered or not. */
  messages(): Promise<number>;
  /** Rescues in chrome.storage.session of pages that began at this URL. */
  rescues(): Promise<Rescue[]>;
  close(): Promise<void>;
}

async function bundle(name: string, into: string): Promise<void> {
  await build({
    configFile: false, logLevel: 'silent', root: ROOT,
    build: { outDir: into, emptyOutDir: false, minify: true, lib: { entry: join(import.meta.dirname, `extension/${name}.ts`), name, formats: ['iife'], fileName: () => `${name}.js` } },
  });
}

/** Folder of the throwaway extension. */
async function makeExtension(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'spanlight-channel-'));
  cpSync(join(EXTENSION, 'content-scripts'), join(folder, 'content-scripts'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(EXTENSION, 'manifest.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, devtools_page: undefined, background: { service_worker: 'background.js' } }));
  await bundle('background', folder);
  await bundle('shim', join(folder, 'content-scripts'));
  return folder;
}

export async function openChannelLab(): Promise<ChannelLab> {
  const folder = await makeExtension();
  const pages = new Map<string, string>();
  const server: Server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(pages.get(request.url ?? '') ?? '<!doctype html><title>empty</title>');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { browser, worker, reloadExtension, close } = await launch({ extension: folder, backForwardCache: true });

  return {
    worker,
    reloadExtension,
    async open(html) {
      const path = `/page-${pages.size}`;
      pages.set(path, html);
      const page = await browser.newPage();
      await page.goto(origin + path);
      return { page, url: origin + path };
    },
    async arrived(url, enough) {
      for (let tries = 0; ; tries++) {
        const all = await (await worker()).evaluate(() => state.arrived.map((one) => one.record.kind !== 'chunk' ? one
          : { ...one, record: { ...one.record, bytes: undefined, times: [...one.record.times], ends: [...one.record.ends], sum: one.record.bytes?.reduce((a, b) => a + b, 0) } }));
        const its = (all as unknown as Arrived[]).filter((one) => one.url === url);
        if (enough(its)) return its;
        if (tries === 400) throw new Error(`only this arrived: ${JSON.stringify(its)}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async answer(on) {
      await (await worker()).evaluate((on) => { state.answering = on; }, on);
    },
    async messages() {
      return await (await worker()).evaluate(() => state.messages);
    },
    async rescues() {
      const stored = await (await worker()).evaluate(async (prefix) => {
        const keys = await chrome.storage.session.getKeys();
        return await chrome.storage.session.get(keys.filter((key) => key.startsWith(prefix)));
      }, rescueKey(''));
      return Object.values(stored).flatMap((value) => decodeRescue(value) ?? []);
    },
    async close() {
      await close();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The panel's own behaviour on made-up data (test/lab/panel-story), under the extension's content security policy: what
 * real traffic reaches only by chance or not at all. Keys, widths, contrast, thousands of rows, growing text, hostile text.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { type Browser, type KeyInput, type Page, launch } from 'puppeteer-core';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findChromium } from '../lab/chromium.ts';
import { EXTENSION } from './launch.ts';

const BUILT = join(import.meta.dirname, '../output/panel-story');
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

let browser: Browser;
let server: Server;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  await build({ configFile: false, root: join(import.meta.dirname, '../lab/panel-story'), plugins: [react()], logLevel: 'warn', build: { outDir: BUILT, emptyOutDir: true, target: 'esnext', modulePreload: false, chunkSizeWarningLimit: 2000 } });
  const manifest = JSON.parse(await readFile(join(EXTENSION, 'manifest.json'), 'utf8')) as { content_security_policy: { extension_pages: string } };
  server = createServer((request, answer) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    readFile(join(BUILT, path === '/' ? 'index.html' : path)).then(
      (bytes) => answer.writeHead(200, { 'content-type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream', 'content-security-policy': manifest.content_security_policy.extension_pages }).end(bytes),
      () => answer.writeHead(204).end(),
    );
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  browser = await launch({ executablePath: findChromium(), headless: true, pipe: true, args: ['--disable-gpu', '--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(async () => {
  complaints = [];
  await page?.close();
  page = await browser.newPage();
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
});

async function show(query: string, width = 1400, height = 600): Promise<void> {
  await page.setViewport({ width, height });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?${query}`);
  await page.waitForSelector('[role=treeitem], [data-testid=state]');
}
const chosenLabel = (): Promise<string | undefined> => page.$eval('[role=treeitem][aria-selected=true]', (row) => row.querySelector('.tree-label')?.textContent ?? undefined);
const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute('role') ?? document.activeElement?.getAttribute('data-testid') ?? '');
/** Presses and waits until React has drawn. */
async function press(...keys: KeyInput[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }));
  }
}

/** Runs in the page. Text that is too faint on what lies behind it (WCAG AA, 4.5 : 1), and panes that stick out sideways. */
function flaws(): string[] {
  const found: string[] = [];
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  const light = (color: string, over: string): number => {
    for (const fill of [over, color]) {
      canvas.fillStyle = fill;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [r = 0, g = 0, b = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => { const part = byte / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of document.querySelectorAll<HTMLElement>('#root *')) {
    const box = element.getBoundingClientRect();
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!hasText || box.width === 0 || element.closest('.visually-hidden, :disabled, .live-dot, svg')) continue;
    let ground: HTMLElement | null = element;
    while (ground && getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
    const behind = ground ? getComputedStyle(ground).backgroundColor : 'white';
    const [low = 0, high = 0] = [light(getComputedStyle(element).color, behind), light(behind, behind)].toSorted((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(1)}: "${element.textContent?.slice(0, 30)}" (${element.className})`);
  }
  for (const pane of document.querySelectorAll<HTMLElement>('html, .pane, .tab-panel, .tree-scroll, .trace-list')) if (pane.scrollWidth > pane.clientWidth) found.push(`${pane.className || 'page'} sticks out by ${pane.scrollWidth - pane.clientWidth} px`);
  return found;
}

describe.each(['light', 'dark'])('%s', (theme) => {
  test.each([1400, 700, 400])('at %d px all text can be read, nothing sticks out, in every tab', async (width) => {
    await show(`theme=${theme}`, width, 800);
    for (const tab of ['messages', 'timing', 'raw', 'attributes', 'why']) {
      await page.click(`[data-tab=${tab}]`);
      await page.waitForSelector(`[role=tabpanel][data-tab-panel=${tab}] > *`);
      expect(await page.evaluate(flaws), tab).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });

  test.each(['recording', 'site_not_allowed', 'needs_reload', 'page_orphaned', 'paused', 'unrecordable', 'panel_orphaned'])('state %s says what to do, with one button', async (state) => {
    await show(`scene=empty&state=${state}&theme=${theme}`, 400, 500);
    const buttons = await page.$$('[data-testid=state-action]');
    expect(buttons).toHaveLength(1);
    expect(await page.evaluate(flaws)).toEqual([]);
    if (state === 'recording') return;
    await show(`scene=day&state=${state}&theme=${theme}`, 700);
    expect(await page.$$eval('[data-testid=state-strip]', (strips) => strips.map((strip) => strip.getAttribute('data-state')))).toEqual([state]);
    expect(await page.evaluate(flaws)).toEqual([]);
  });
});

test('the menu of sites, docked narrow: each site has its way out, by keys as well', async () => {
  await show('scene=day', 400, 500);
  await page.click('[data-testid=sites]');
  expect(await page.$$eval('[data-testid=remove-site] .cut', (names) => names.map((name) => name.textContent))).toEqual(['https://a-very-long-name-of-a-preview-deployment-git-feature-branch-team.example-hosting.app', 'https://chat.example.org']);
  expect(await page.evaluate(flaws)).toEqual([]);
  expect(await page.$$eval('.menu, .menu *', (parts) => parts.filter((part) => { const { left, right } = part.getBoundingClientRect(); return left < 0 || right > innerWidth; }).length)).toBe(0);
  await press('ArrowDown');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-site'))).toBe('https://chat.example.org/*');
  await press('Escape');
  expect(await focused()).toBe('sites');
  expect(await page.$('.menu')).toBeNull();

  // From the button up is the last one; where the focus goes, the menu does not stay; Escape closes it wherever the focus is.
  await press('Enter');
  await page.focus('[data-testid=sites]');
  await press('ArrowUp');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-site'))).toBe('https://chat.example.org/*');
  await press('Tab');
  expect(await focused()).toBe('import');
  expect(await page.$('.menu')).toBeNull();
  await page.click('[data-testid=sites]');
  await page.click('[data-testid=sites-local]');
  await press('Escape');
  expect(await focused()).toBe('sites');
  expect(await page.$('.menu')).toBeNull();
});

test('the keyboard reaches everything: filter, list, tree, detail, and back', async () => {
  await show('scene=day');
  await press('/');
  expect(await focused()).toBe('filter');
  await page.keyboard.type('weather');
  expect(await page.$$eval('[role=treeitem]', (rows) => rows.map((row) => row.querySelector('.tree-label')?.textContent?.split('(')[0]))).toEqual(['Trip Planner', 'get_weather', 'get_weather']);
  await press('Escape', 'Escape');
  expect(await focused()).toBe('tree');
  await press('Home', 'ArrowRight', 'ArrowDown');
  expect(await chosenLabel()).toContain('search_flights');
  await press('ArrowLeft', 'ArrowLeft');
  expect(await page.$$eval('[role=treeitem]', (rows) => rows.map((row) => row.getAttribute('aria-expanded')))).toEqual(['false']);
  await press('ArrowRight', 'End', 'Enter');
  expect(await focused()).toBe('tabpanel');
  await press('Escape', 'Escape');
  expect(await focused()).toBe('listbox');
  await press('ArrowDown', 'Enter');
  expect(await focused()).toBe('tree');
  expect(await page.$eval('[data-testid=crumb] b', (title) => title.textContent)).toMatch(/^List every station/);
});

test('a pane is resized by keys and by dragging, within bounds', async () => {
  await show('scene=day');
  const widthOf = (): Promise<number> => page.$eval('.pane-list', (pane) => pane.clientWidth);
  const before = await widthOf();
  await page.focus('.splitter-list');
  await press('ArrowRight', 'ArrowRight');
  expect(await widthOf()).toBe(before + 32);
  const line = await (await page.$('.splitter-list'))?.boundingBox();
  await page.mouse.move(line?.x ?? 0, 300);
  await page.mouse.down();
  await page.mouse.move(0, 300);
  await page.mouse.up();
  expect(await widthOf()).toBeGreaterThan(100);
});

test('docked narrow, list, tree and detail follow each other', async () => {
  await show('scene=day', 400, 760);
  expect(await page.$('[role=listbox]')).toBeNull();
  await page.click('[data-testid=back]');
  await page.waitForSelector('[role=listbox]');
  expect(await page.$('[role=tree]')).toBeNull();
  await page.click('[data-trace]:has(.bad)');
  await page.waitForSelector('[role=tree]');
  await page.waitForSelector('[data-testid=detail] [data-role=assistant]');
});

test('what went wrong is named before anything is clicked, and a click goes there', async () => {
  await show('scene=day');
  expect(await page.$eval('[data-testid=findings]', (strip) => strip.textContent)).toContain('gpt-5-mini: 429, retried after 297 ms');
  await page.click('.finding');
  expect(await chosenLabel()).toContain('429');
  expect(await page.$eval('[data-testid=trouble]', (box) => box.textContent)).toContain('429, retried');
});

test('5,000 rows: only what is seen is on the page, and the last is two keys away', async () => {
  await show('scene=many');
  const drawn = (): Promise<number> => page.$$eval('[role=treeitem]', (rows) => rows.length);
  expect(await drawn()).toBeLessThan(80);
  await page.focus('[role=tree]');
  await press('Home', 'End');
  expect(await page.$eval('[role=treeitem][aria-selected=true]', (row) => row.getAttribute('data-span'))).toBe((4999).toString(16).padStart(16, '0'));
  await page.type('[data-testid=filter]', 'status:error');
  await page.waitForFunction(() => [...document.querySelectorAll('[role=treeitem]')].every((row) => row.getAttribute('data-status') === 'error' || row.getAttribute('data-context') === 'true'));
  expect(await drawn()).toBeLessThan(80);
});

test('a running answer grows at the end of the pane; who scrolls up is left alone', async () => {
  await show('scene=running', 700, 420);
  const text = (): Promise<string> => page.$eval('[data-live=true] .text', (live) => live.textContent ?? '');
  await page.waitForSelector('[data-live=true]');
  const fromEnd = (): Promise<number> => page.$eval('[role=tabpanel]', (pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight);
  await page.waitForFunction(() => { const pane = document.querySelector('[role=tabpanel]'); return pane !== null && pane.scrollHeight > pane.clientHeight + 120; });
  expect(await fromEnd()).toBeLessThan(30);
  await page.$eval('[role=tabpanel]', (pane) => { pane.scrollTop = 0; });
  const before = await text();
  await page.waitForFunction((length) => (document.querySelector('[data-live=true] .text')?.textContent?.length ?? 0) > length + 50, {}, before.length);
  expect((await text()).startsWith(before)).toBe(true);
  expect(await page.$eval('[role=tabpanel]', (pane) => pane.scrollTop)).toBe(0);
});

test('whatever a page or a model wrote is text: nothing of it runs, styles or is loaded', async () => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await show('scene=hostile', 700);
  for (const tab of ['messages', 'timing', 'raw', 'attributes', 'why']) {
    await page.click(`[data-tab=${tab}]`);
    for (const fold of await page.$$('.message-fold[aria-expanded=false]')) await fold.click();
  }
  await page.click('[data-tab=messages]');
  expect(await page.$eval('[data-role=assistant]', (message) => message.textContent)).toContain('<script>globalThis.owned = true</script>');
  expect(await page.evaluate(() => 'owned' in globalThis)).toBe(false);
  expect(await page.$$eval('#root img', (images) => images.map((image) => image.src.slice(0, 5)))).toEqual(['data:']);
  expect(asked.filter((url) => url.includes('elsewhere'))).toEqual([]);
  expect(await page.$$eval('style, #root script, #root iframe', (elements) => elements.length)).toBe(0);
  expect(complaints).toEqual([]);
});

/** A call that gets no answer: the panel says why and what to do. Each reason is brought about for real, in the built extension
 *  and in DevTools. */
import type { Frame, HTTPRequest, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPanel, type DevtoolsPanel } from './devtools-panel.ts';
import { startFaultServer, type FaultServer } from './fault-server.ts';
import { launch, type Launched } from './launch.ts';
import { openTrace } from './panel-dom.ts';

let launched: Launched;
let home: FaultServer;
let api: FaultServer;
let page: Page;
let panel: DevtoolsPanel;

beforeAll(async () => {
  [launched, home, api] = await Promise.all([launch(), startFaultServer(), startFaultServer()]);
  page = await launched.browser.newPage();
  await page.goto(`http://localhost:${home.port}/`);
  panel = await openPanel(page);
});
afterAll(async () => {
  await launched?.close();
  await Promise.all([home?.close(), api?.close()]);
});

interface Call { url: string; headers?: Record<string, string> }

/** Makes the call as the page and answers what the page is told. */
function fail(title: string, { url, headers = {} }: Call): Promise<string> {
  return page.evaluate(async (url, headers, content) => {
    const body = JSON.stringify({ model: 'm-1', max_tokens: 9, messages: [{ role: 'user', content }] });
    return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }).then(({ status }) => `answered ${status}`, String);
  }, url, headers, title);
}

interface Told { certainty: string; cause: string; fix: string }

async function toldOf(frame: Frame, title: string): Promise<Told> {
  await openTrace(frame, title);
  const why = await frame.waitForSelector('[data-testid="why-failed"]');
  const told = await why?.evaluate((element) => ({ certainty: element.getAttribute('data-certainty') ?? '', cause: element.querySelectorAll('dd')[0]?.textContent ?? '', fix: element.querySelectorAll('dd')[1]?.textContent ?? '' })) as Told;
  // The same stands above the tree, before anything is clicked.
  await frame.waitForFunction((cause: string) => document.querySelector('[data-testid="findings"]')?.textContent?.includes(cause), {}, told.cause);
  return told;
}

const at = (name: string, path = '/v1/chat/completions'): string => `http://127.0.0.1:${api.port}${path}?case=${encodeURIComponent(name)}`;
const origin = (): string => `http://localhost:${home.port}`;

test.each<[title: string, call: () => Call, cause: RegExp, fix: RegExp]>([
  ['no CORS header', () => ({ url: at('no header') }), /sends no Access-Control-Allow-Origin header \(CORS\)\. It did answer, with status 200/, /Access-Control-Allow-Origin: http:\/\/localhost:\d+ from the server/],
  ['an error without a CORS header', () => ({ url: at('error without header') }), /sends no Access-Control-Allow-Origin.*with status 503/, /with error answers too/],
  ['another origin', () => ({ url: at('other origin') }), /lets only pages of https:\/\/app\.example in, not of http:\/\/localhost:\d+ \(CORS\), in answer to the preflight/, /Access-Control-Allow-Origin: http:\/\/localhost/],
  ['preflight refused', () => ({ url: at('preflight refused') }), /preflight, OPTIONS\) with 403/, /answer OPTIONS with 204/],
  ['preflight not known', () => ({ url: at('preflight not known') }), /preflight, OPTIONS\) with 405/, /answer OPTIONS with 204/],
  ['preflight without headers', () => ({ url: at('preflight without headers') }), /no Access-Control-Allow-Origin header \(CORS\), in answer to the preflight/, /Access-Control-Allow-Origin: http:\/\/localhost/],
  ['a header that is not allowed', () => ({ url: at('header not allowed'), headers: { 'x-stainless-lang': 'js', authorization: 'Bearer sk-0123456789' } }), /does not allow the request header x-stainless-lang \(CORS\)/, /Add x-stainless-lang to Access-Control-Allow-Headers/],
  ['Ollama', () => ({ url: at('preflight refused', '/api/chat') }), /^Ollama does not let pages of http:\/\/localhost:\d+ in\..*403/, /OLLAMA_ORIGINS=http:\/\/localhost:\d+/],
  ['Ollama not there', () => ({ url: 'http://127.0.0.1:59871/api/chat' }), /Nothing listens at 127\.0\.0\.1:59871/, /ollama serve/],
  ['a port nobody has', () => ({ url: 'http://127.0.0.1:59871/v1/chat/completions' }), /Nothing listens at 127\.0\.0\.1:59871/, /^Start the server/],
  ['a name nobody has', () => ({ url: 'http://nowhere.invalid/v1/chat/completions' }), /nowhere\.invalid is not known \(DNS\)/, /spelling of the base URL/],
  ['https where there is none', () => ({ url: `https://127.0.0.1:${api.port}/v1/chat/completions` }), /may not speak https/, /^Try http:/],
  ['closed without an answer', () => ({ url: at('closes') }), /closed the connection without an answer/, /server’s log/],
])('%s', async (title, call, cause, fix) => {
  expect(await fail(title, call())).toBe('TypeError: Failed to fetch');
  const told = await toldOf(panel.frame, title);
  expect(told).toEqual({ certainty: 'known', cause: expect.stringMatching(cause) as string, fix: expect.stringMatching(fix) as string });
});

test('Anthropic without the header for browsers', async () => {
  expect(await fail('Claude', { url: at('no header', '/v1/messages'), headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'sk-ant-0123456789' } })).toBe('TypeError: Failed to fetch');
  expect(await toldOf(panel.frame, 'Claude')).toEqual({ certainty: 'likely', cause: expect.stringContaining('anthropic-dangerous-direct-browser-access is missing') as string, fix: expect.stringContaining('dangerouslyAllowBrowser: true') as string });
  expect(await fail('Claude with it', { url: at('no header', '/v1/messages'), headers: { 'anthropic-version': '2023-06-01', 'anthropic-dangerous-direct-browser-access': 'true' } })).toBe('TypeError: Failed to fetch');
  expect((await toldOf(panel.frame, 'Claude with it')).cause).toContain('sends no Access-Control-Allow-Origin');
});

test('offline', async () => {
  await page.setOfflineMode(true);
  expect(await fail('offline', { url: at('open') })).toBe('TypeError: Failed to fetch');
  await page.setOfflineMode(false);
  expect(await toldOf(panel.frame, 'offline')).toMatchObject({ certainty: 'known', cause: 'The browser was offline.' });
});

test('a Content-Security-Policy, in a header or in a meta tag', async () => {
  for (const [path, certainty] of [['/policy', 'known'], ['/?meta', 'likely']] as const) {
    await page.goto(`${origin()}${path}`);
    await panel.frame.waitForSelector('[data-testid="record"][aria-pressed="true"]');
    expect(await fail(`policy ${path}`, { url: at('open') })).toBe('TypeError: Failed to fetch');
    expect(await toldOf(panel.frame, `policy ${path}`)).toEqual({ certainty, cause: expect.stringContaining(`Content-Security-Policy does not allow calls to http://127.0.0.1:${api.port} (connect-src)`) as string, fix: expect.stringContaining(`Add http://127.0.0.1:${api.port} to connect-src`) as string });
  }
});

/** A page that is https without any certificate. */
const make = (request: HTTPRequest): void => void (request.url() === 'https://secure.localhost/' ? request.respond({ contentType: 'text/html', body: '<!doctype html><title>secure</title>' }) : request.continue());

// A page that a driver made up: https without a certificate, and of no address that the browser would call near.
test('mixed content, and the way to the own machine blocked', async () => {
  await page.setRequestInterception(true);
  page.on('request', make);
  await page.goto('https://secure.localhost/');
  page.off('request', make);
  await page.setRequestInterception(false);
  await panel.frame.waitForSelector('[data-testid="record"][aria-pressed="true"]');
  expect(await fail('mixed', { url: `http://plain.test:${api.port}/v1/chat/completions` })).toBe('TypeError: Failed to fetch');
  expect(await toldOf(panel.frame, 'mixed')).toMatchObject({ certainty: 'known', cause: expect.stringMatching(/^Mixed content:.*http:\/\/plain\.test/) as string });
  expect(await fail('near', { url: at('open') })).toBe('TypeError: Failed to fetch');
  expect(await toldOf(panel.frame, 'near')).toEqual({ certainty: 'known', cause: expect.stringContaining('local network access') as string, fix: expect.stringContaining('Local network access') as string });
});

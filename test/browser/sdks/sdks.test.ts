/** Each dialect through its real SDK in a page: the app gets the same with and without us, and the spans say what the app got. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpanRow } from '../../../lib/model/span.ts';
import { startModelServer, type ModelServer } from '../../lab/model-server.ts';
import { launch, type Launched } from '../launch.ts';
import { storedWhen } from '../stored.ts';
import { answerSdks, answerToolLoop } from './answers.ts';
import type { Got, uses } from './page.ts';

type Name = keyof typeof uses;

let server: Server;
let launched: Launched;
let models: ModelServer;
let origin: Page;
/** the same page where nothing is recorded, and where all is */ let pages: { plain: Page; watched: Page };

beforeAll(async () => {
  const built = await build({ configFile: false, logLevel: 'error', build: { write: false, target: 'esnext', lib: { entry: join(import.meta.dirname, 'page.ts'), formats: ['iife'], name: 'sdks' } } });
  const script = (Array.isArray(built) ? built : [built]).flatMap((bundle) => 'output' in bundle ? bundle.output : []).find(({ type }) => type === 'chunk');
  const code = script?.type === 'chunk' ? script.code : '';
  server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(isScript ? code : '<!doctype html><script>window.process = { env: {} }</script><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => { server.listen(0, '0.0.0.0', resolve); });
  models = await startModelServer();
  launched = await launch();
  origin = await launched.originPage();
  const { port } = server.address() as AddressInfo;
  const open = async (host: string): Promise<Page> => {
    const page = await launched.browser.newPage();
    await page.goto(`http://${host}:${port}/`);
    await page.waitForFunction(() => window.uses !== undefined);
    return page;
  };
  pages = { plain: await open('127.0.0.2'), watched: await open('localhost') };
}, 60_000);
afterAll(async () => {
  await launched?.close();
  await models?.close();
  server?.close();
});

const use = (page: Page, name: Name): Promise<Got> => page.evaluate((name, base) => window.uses[name](base), name, models.url);

/** What each use is recorded as, in order. */
const EXPECTED: Array<[name: Name, kinds: string[], model: string]> = [
  ['openaiChatStream', ['LLM'], 'gpt-5-mini'],
  ['openaiResponses', ['LLM'], 'gpt-5-mini-2025-08-07'],
  ['openaiResponsesStream', ['LLM'], 'gpt-5-mini-2025-08-07'],
  ['openaiError', ['LLM'], 'gpt-5-mini'],
  ['openaiEmbeddings', ['EMBEDDING'], 'text-embedding-3-small'],
  ['anthropicStream', ['LLM'], 'claude-sonnet-4-6'],
  ['genai', ['LLM'], 'gemini-2.5-flash'],
  ['genaiStream', ['LLM'], 'gemini-2.5-flash'],
  ['ollamaStream', ['LLM'], 'qwen3:4b'],
  ['ollamaEmbed', ['EMBEDDING'], 'nomic-embed-text'],
  ['aiSdkToolLoop', ['AGENT', 'LLM', 'TOOL', 'LLM'], 'gpt-5-mini-2025-08-07'],
  ['aiSdkStream', ['LLM'], 'gpt-5-mini'],
];

test('the same for the app, and a span that says it', async () => {
  const got = new Map<Name, Got>();
  for (const [place, page] of [['plain', pages.plain], ['watched', pages.watched]] as const) {
    answerSdks(models);
    for (const [name] of EXPECTED) {
      if (name === 'aiSdkToolLoop') answerToolLoop(models);
      const result = await use(page, name);
      if (place === 'plain') got.set(name, result);
      else expect(result, name).toEqual(got.get(name));
    }
  }
  const wanted = EXPECTED.flatMap(([, kinds]) => kinds).length;
  const { spans, exchanges } = await storedWhen(origin, ({ spans }) => spans.length === wanted && spans.every(({ endMs }) => endMs !== undefined), `${wanted} spans`);
  const rows = spans.toSorted((a, b) => a.startMs - b.startMs || Number(b.kind === 'AGENT') - Number(a.kind === 'AGENT'));
  const replies = new Map(exchanges.map(({ id, facts }) => [id, facts?.replyPreview ?? '']));
  for (const [name, kinds, model] of EXPECTED) {
    const own: SpanRow[] = rows.splice(0, kinds.length);
    const app = got.get(name) as Got;
    expect(own.map(({ kind }) => kind), name).toEqual(kinds);
    const calls = own.filter(({ kind }) => kind === 'LLM' || kind === 'EMBEDDING');
    expect(calls.map((call) => call.model), name).toEqual(calls.map(() => model));
    const last = calls.at(-1) as SpanRow;
    const said = replies.get(last.exchange) ?? '';
    if (app.text !== '') expect(app.text.replace(/\s+/g, ' ').startsWith(said.replace(/…$/, '').replace(/\s+/g, ' ').trim()), `${name}: ${said}`).toBe(true);
    expect(said === '', name).toBe(app.text === '');
    if (app.input !== undefined && app.output !== undefined) expect([calls.reduce((sum, { usage }) => sum + (usage?.input ?? 0), 0), calls.reduce((sum, { usage }) => sum + (usage?.output ?? 0), 0)], name).toEqual([app.input, app.output]);
    if (app.vectors !== undefined) expect(last.vectors, name).toEqual({ count: app.vectors, size: app.size });
    expect(last.status, name).toBe(app.error === undefined ? 'unset' : 'error');
    expect(own.filter(({ kind }) => kind === 'TOOL').map(({ label }) => label), name).toEqual(kinds.includes('TOOL') ? ['get_weather(city: "Lisbon")'] : []);
  }
}, 90_000);

/**
 * Each demo scenario by the page's own buttons; the panel inside real DevTools must show the tree that the model
 * server's journal tells of: names, nesting, tokens, text, ends. The journal is read by `expected-calls.ts`, not by lib/.
 */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoServer, type DemoServer } from '../lab/demo-server.ts';
import { openDemo, press, runScenario } from '../lab/drive-demo.ts';
import { startModelServer, type ModelServer } from '../lab/model-server.ts';
import { openPanel, type DevtoolsPanel } from './devtools-panel.ts';
import { expectedCalls, type ExpectedCall } from './expected-calls.ts';
import { launch, type Launched } from './launch.ts';
import { exportFrom, openTrace, treeRows } from './panel-dom.ts';
import { traceTrees, type Otlp } from '../lab/trace-text.ts';

let launched: Launched;
let models: ModelServer;
let demo: DemoServer;
let page: Page;
let panel: DevtoolsPanel;

beforeAll(async () => {
  models = await startModelServer();
  demo = await startDemoServer({ models: models.url });
  launched = await launch();
  page = (await launched.browser.pages())[0] ?? await launched.browser.newPage();
  await openDemo(page, demo.url, 4);
  panel = await openPanel(page);
  await panel.resize(1400, 900);
});
afterAll(async () => {
  await launched?.close();
  await demo?.close();
  await models?.close();
});

interface Shown { row: { kind: string; level: number; label: string; tokens: string; status: string }; user: string[]; answer: string; reasoning: string; tools: string[]; foot: string; result: string; trouble: string; parts: { query: string[]; vectors: string[]; documents: string[] } }

/** Runs something and returns the calls the server got meanwhile. */
async function callsOf(act: () => Promise<unknown>): Promise<ExpectedCall[]> {
  const before = models.journal.length;
  await act();
  await models.settled();
  return expectedCalls(models.journal.slice(before));
}

/** Opens the trace and every row of it, as a person clicks through. */
async function shown(words: string, rows: number): Promise<Shown[]> {
  await openTrace(panel.frame, words);
  await panel.frame.waitForFunction((count: number) => {
    const all = [...document.querySelectorAll('[role="treeitem"]')];
    return all.length === count && all.every((row) => row.getAttribute('data-running') === 'false');
  }, { timeout: 60_000, polling: 50 }, rows);
  const list = await treeRows(panel.frame);
  const all: Shown[] = [];
  for (const [index, row] of list.entries()) {
    const item = (await panel.frame.$$('[role="treeitem"]'))[index];
    const span = await item?.evaluate((element) => element.getAttribute('data-span'));
    await item?.click();
    await panel.frame.waitForSelector(`[data-testid="detail"][data-span="${span}"] ${row.kind === 'TOOL' ? '[data-role="tool_result"] .message-body:not(:has(.empty))' : '.message'}`);
    all.push({ row, ...await panel.frame.$eval('[data-testid="detail"]', (detail) => {
      const texts = (selector: string): string[] => [...detail.querySelectorAll(selector)].map(({ textContent }) => textContent ?? '');
      return {
        user: texts('[data-role="user"] .text'), answer: texts('[data-role="assistant"]:last-of-type .text:not(.reasoning)').join(''), reasoning: texts('[data-role="assistant"]:last-of-type .reasoning').join(''),
        tools: texts('.call'), foot: texts('[data-testid="call-foot"]').join(' '), result: texts('[data-role="tool_result"] .message-body').join(' '), trouble: texts('[data-testid="trouble"]').join(' '),
        parts: { query: texts('[data-role="query"] .text'), vectors: texts('[data-role="vectors"] .text'), documents: texts('[data-role="document"] .text') },
      };
    }) });
  }
  return all;
}

const number = (tokens: string): number => Number(tokens.replace(/\D/g, ''));
const shape = (spans: readonly Shown[]): string[] => spans.map(({ row }) => `${'  '.repeat(row.level - 1)}${row.kind}`);
const only = (spans: readonly Shown[], kind: string): Shown[] => spans.filter(({ row }) => row.kind === kind);
/** JSON without white space, as a person compares it. */
const bare = (text: string): string => text.replace(/\s+/g, '');

/** The LLM rows say what the journal says, one by one. */
function agree(spans: readonly Shown[], calls: readonly ExpectedCall[]): void {
  const rows = only(spans, 'LLM');
  expect(rows).toHaveLength(calls.length);
  for (const [index, call] of calls.entries()) {
    const { row, user, answer, reasoning, tools, foot } = rows[index] as Shown;
    expect(row.label.startsWith(call.model)).toBe(true);
    if (call.status >= 400) {
      expect(row.status).toBe('error');
      continue;
    }
    expect(user.at(-1) ?? '').toBe(user.length > 0 ? call.user : '');
    expect(answer).toBe(call.text);
    expect(reasoning).toBe(call.reasoning);
    expect(tools.slice(-call.tools.length || undefined).length >= call.tools.length).toBe(true);
    for (const tool of call.tools) expect(tools.some((text) => text.startsWith(tool.name) && bare(text).includes(bare(tool.arguments)))).toBe(true);
    if (call.ended !== 'complete') continue;
    expect(number(row.tokens)).toBe(call.input + call.output);
    expect(foot).toContain(call.finish);
  }
}

test.each([
  ['chat-openai', 'Plan a long weekend'],
  ['chat-anthropic', 'Is November a good time'],
  ['chat-whole', 'Give me a name'],
])('%s is one model call', async (id, words) => {
  const calls = await callsOf(() => runScenario(page, id));
  const spans = await shown(words, 1);
  expect(shape(spans)).toEqual(['LLM']);
  agree(spans, calls);
  expect(spans[0]?.user).toEqual([calls[0]?.user]);
});

test('a follow-up question is a trace of its own', async () => {
  await runScenario(page, 'chat-openai');
  const calls = await callsOf(() => press(page, 'follow-rain'));
  const spans = await shown('what if it rains', 1);
  agree(spans, calls);
});

test('the agent: one AGENT around three model calls and three tools, two of them side by side', async () => {
  const calls = await callsOf(() => runScenario(page, 'agent-openai'));
  const spans = await shown('Find me a sunny weekend', 7);
  expect(shape(spans)).toEqual(['AGENT', '  LLM', '  TOOL', '  TOOL', '  LLM', '  TOOL', '  LLM']);
  agree(spans, calls);
  const asked = calls.flatMap(({ tools }) => tools);
  const rows = only(spans, 'TOOL');
  expect(rows.map(({ row }) => row.label.replace(/\(.*/, '')).toSorted()).toEqual(asked.map(({ name }) => name).toSorted());
  const results = calls.flatMap(({ entry }) => (JSON.parse(entry.request) as { messages: { role: string; content: string }[] }).messages).filter(({ role }) => role === 'tool').map(({ content }) => bare(content));
  for (const { result } of rows) expect(results.some((text) => bare(result).includes(text))).toBe(true);
});

test('the Anthropic agent: a tool between two calls, thinking shown', async () => {
  const calls = await callsOf(() => runScenario(page, 'agent-anthropic'));
  const spans = await shown('The ryokan costs', 4);
  expect(shape(spans)).toEqual(['AGENT', '  LLM', '  TOOL', '  LLM']);
  expect(calls.some(({ reasoning }) => reasoning !== '')).toBe(true);
  agree(spans, calls);
});

test('the RAG question: embedding, search and answer under one chain, each as the journal has it', async () => {
  const before = models.journal.length;
  const calls = await callsOf(() => runScenario(page, 'rag'));
  const [embedded, searched] = models.journal.slice(before).map(({ request, response }) => ({ asked: JSON.parse(request), answered: response }));
  const vectors = JSON.parse(embedded?.answered ?? '{}').data as Array<{ embedding: number[] }>;
  const hits = JSON.parse(searched?.answered ?? '{}').result as Array<{ id: string; score: number; payload: { text: string } }>;
  const spans = await shown('stroller', 4);
  expect(shape(spans)).toEqual(['CHAIN', '  EMBEDDING', '  RETRIEVER', '  LLM']);
  agree(spans, calls);
  const [, embedding, retriever] = spans;
  expect(embedding).toMatchObject({ row: { label: embedded?.asked.model }, parts: { query: [embedded?.asked.input], vectors: [`${vectors.length} vector of ${vectors[0]?.embedding.length} numbers`] } });
  expect(retriever?.row.label).toBe(`qdrant city-guides · ${hits.length} documents`);
  expect(retriever?.parts.query).toEqual([embedded?.asked.input]);
  expect(retriever?.parts.documents.map(bare)).toEqual(hits.map(({ payload }) => bare(payload.text)));
  expect(JSON.stringify(spans)).not.toContain(String(vectors[0]?.embedding[0]));
});

test('a retried call: each attempt its own span, the later one marked', async () => {
  const calls = await callsOf(() => runScenario(page, 'error-retry'));
  const spans = await shown('Recommend a small hotel', 3);
  expect(calls.map(({ status }) => status)).toEqual([429, 200]);
  expect(shape(spans)).toEqual(['CHAIN', '  LLM', '  LLM']);
  expect(spans[1]?.row.label).toContain('429');
  expect(spans[2]?.row.label).toContain('attempt 2');
  expect(spans[0]?.row.status).toBe('unset');
  agree(spans, calls);
});

test('errors that stay are told in words', async () => {
  const refused = await callsOf(() => runScenario(page, 'error-refused'));
  const [call] = await shown('Summarise my whole travel diary', 1);
  expect(call?.row.status).toBe('error');
  expect(call?.trouble).toContain((JSON.parse(refused[0]?.entry.response ?? '{}') as { error: { message: string } }).error.message);
  const outage = await callsOf(() => runScenario(page, 'error-outage'));
  const spans = await shown('When does the ferry', 4);
  expect(outage.map(({ status }) => status)).toEqual([529, 529, 529]);
  expect(shape(spans)).toEqual(['CHAIN', '  LLM', '  LLM', '  LLM']);
  expect(spans.every(({ row }) => row.status === 'error')).toBe(true);
});

test('an app that looks at response.ok only: its error is there, and nothing runs on', async () => {
  // Held, so that no garbage collector ends it.
  const response = await page.evaluateHandle((url) => fetch(url, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Is my whole travel diary too long?' }] }),
  }), `${models.url}/v1/chat/completions`);
  const [call] = await shown('Is my whole travel diary', 1);
  expect(call?.row.status).toBe('error');
  expect(call?.trouble).toContain('400');
  await response.dispose();
});

test('the stop button: the text so far, and who stopped it', async () => {
  const calls = await callsOf(() => runScenario(page, 'chat-long'));
  expect(calls[0]?.ended).toBe('closed by the client');
  const [call] = await shown('Write the full guide', 1);
  expect(call?.trouble).toMatch(/stopped by the app/);
  expect(call?.answer.length).toBeGreaterThan(0);
  expect(calls[0]?.text.startsWith(call?.answer ?? '-')).toBe(true);
});

test('text grows in the panel while the answer streams', async () => {
  const before = await panel.frame.$$eval('[data-trace]', (rows) => rows.length);
  await (await page.waitForSelector('#chat-long:enabled'))?.click();
  await panel.frame.waitForFunction((count: number) => document.querySelectorAll('[data-trace]').length > count, { polling: 20 }, before);
  await openTrace(panel.frame, 'Write the full guide');
  await panel.frame.waitForSelector('[role="treeitem"][data-running="true"]');
  await (await panel.frame.$('[role="treeitem"]'))?.click();
  const lengths = new Set<number>();
  for (let look = 0; look < 100 && lengths.size < 5; look++) {
    lengths.add(await panel.frame.$eval('[data-testid="detail"]', (detail) => detail.querySelector('[data-live="true"] .text')?.textContent?.length ?? 0));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect([...lengths]).toEqual([...lengths].toSorted((a, b) => a - b));
  expect(lengths.size).toBeGreaterThanOrEqual(5);
  await page.click('#stop');
  await panel.frame.waitForSelector('[role="treeitem"][data-running="false"]');
});

test('all of it is there after a reload of the page, and as OTLP/JSON', async () => {
  const calls = expectedCalls(models.journal);
  await page.reload();
  await panel.frame.waitForFunction(() => /reload/.test(document.querySelector('[data-testid="mark"]')?.textContent ?? ''));
  const { text, name } = await exportFrom(launched, panel.frame, 'everything');
  expect(name).toMatch(/\.json$/);
  const spans = (JSON.parse(text) as Otlp).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const value = (span: (typeof spans)[number], key: string): string => String(Object.values(span.attributes.find((one) => one.key === key)?.value ?? {})[0] ?? '');
  const llm = spans.filter((span) => value(span, 'openinference.span.kind') === 'LLM');
  expect(llm).toHaveLength(calls.length);
  const wanted = calls.filter(({ status, ended }) => status < 400 && ended === 'complete').map(({ input, output }) => `${input}+${output}`).toSorted();
  const exported = llm.filter((span) => value(span, 'llm.token_count.total') !== '').map((span) => `${value(span, 'llm.token_count.prompt')}+${value(span, 'llm.token_count.completion')}`).toSorted();
  expect(exported).toEqual(wanted);
  expect(spans.every(({ traceId, spanId, startTimeUnixNano }) => /^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId) && /^\d{19}$/.test(startTimeUnixNano))).toBe(true);
  expect(traceTrees(JSON.parse(text) as Otlp)).toContain('TOOL');
});

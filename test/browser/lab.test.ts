/** The demo and the model server agree about what went over the wire. Everything later stands on this. */
import type { Page, Protocol } from 'puppeteer-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDemoServer } from '../lab/demo-server.ts';
import type { DemoServer } from '../lab/demo-server.ts';
import { demoScenarios, openDemo, press, runScenario } from '../lab/drive-demo.ts';
import { startModelServer } from '../lab/model-server.ts';
import type { ModelServer } from '../lab/model-server.ts';
import { launch } from './launch.ts';
import type { Launched } from './launch.ts';

let launched: Launched;
let models: ModelServer;
let demo: DemoServer;
let page: Page;
/** Body bytes of each POST that the browser's network stack handed to the page, in order of the requests. */
let received: number[];

beforeAll(async () => {
  launched = await launch();
});
beforeEach(async () => {
  await page?.close();
  await demo?.close();
  await models?.close();
  models = await startModelServer();
  demo = await startDemoServer({ models: models.url });
  page = await launched.browser.newPage();
  received = [];
  await watchNetwork(page, received);
  await openDemo(page, demo.url, 20);
});
afterAll(async () => {
  await launched?.close();
  await demo?.close();
  await models?.close();
});

async function watchNetwork(page: Page, into: number[]): Promise<void> {
  const session = await page.createCDPSession();
  const posts = new Map<Protocol.Network.RequestId, number>();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.method === 'POST') posts.set(requestId, into.push(0) - 1);
  });
  session.on('Network.dataReceived', ({ requestId, dataLength }) => {
    const index = posts.get(requestId);
    if (index !== undefined) into[index] = (into[index] ?? 0) + dataLength;
  });
  await session.send('Network.enable');
}

const spoken = (): Promise<string> => page.$$eval('.answer', (answers) => answers.map((answer) => answer.textContent).join('\n'));
const summary = () => models.journal.map(({ path, status, ended }) => `${path} ${status} ${ended}`);
const requests = () => models.journal.map(({ request }) => JSON.parse(request) as { messages: { role: string; content: unknown; tool_calls?: unknown[] }[]; stream?: boolean });

test('every scenario runs to its end, and what it read is what was sent', async () => {
  for (const [id, ends] of demoScenarios) expect([id, await runScenario(page, id)]).toEqual([id, ends]);
  await models.settled();
  expect(models.journal.filter(({ ended }) => ended !== 'complete').map(({ path, ended }) => `${path} ${ended}`)).toEqual(['/v1/chat/completions closed by the client']);
  const sent = models.journal.map(({ responseBytes }) => responseBytes);
  // The SDKs throw the body of an attempt away unread when they try again.
  const readToTheEnd = models.journal.map(({ ended, request }, index) => ended === 'complete' && request !== models.journal[index + 1]?.request);
  expect(received.filter((_, index) => readToTheEnd[index])).toEqual(sent.filter((_, index) => readToTheEnd[index]));
  expect(readToTheEnd.filter((read) => !read)).toHaveLength(4);
  for (const [index, bytes] of received.entries()) expect(bytes).toBeLessThanOrEqual(sent[index] ?? 0);
  for (const { response, responseBytes } of models.journal) expect(Buffer.byteLength(response)).toBe(responseBytes);
});

test('a follow-up carries the conversation so far', async () => {
  await press(page, 'chat-openai');
  await press(page, 'follow-rain');
  expect(await spoken()).toContain('Gulbenkian');
  await page.type('#message', 'And where do we eat on Sunday?');
  await press(page, 'send');
  expect(requests().map(({ messages }) => messages.map(({ role }) => role).join(' '))).toEqual([
    'system user', 'system user assistant user', 'system user assistant user assistant user',
  ]);
});

test('the OpenAI agent makes three calls and runs two tools at once', async () => {
  await press(page, 'agent-openai');
  expect(summary()).toEqual(Array.from({ length: 3 }, () => '/v1/chat/completions 200 complete'));
  expect(requests().map(({ messages }) => messages.map(({ role, tool_calls: calls }) => calls ? `${role}:${calls.length}` : role).join(' '))).toEqual([
    'system user',
    'system user assistant:2 tool tool',
    'system user assistant:2 tool tool assistant:1 tool',
  ]);
  expect(await spoken()).toContain('€218');
});

test('the Anthropic agent thinks, asks for one tool and hands thinking and result back', async () => {
  await press(page, 'agent-anthropic');
  expect(summary()).toEqual(['/v1/messages 200 complete', '/v1/messages 200 complete']);
  const blocks = requests()[1]?.messages.map(({ content }) => Array.isArray(content) ? content.map(({ type }: { type: string }) => type).join('+') : 'words');
  expect(blocks).toEqual(['words', 'thinking+text+tool_use', 'tool_result']);
  expect(await page.$$eval('.thinking', (thoughts) => thoughts.length)).toBe(2);
});

test('the question goes through embedding, search and chat', async () => {
  await press(page, 'rag');
  expect(summary()).toEqual(['/v1/embeddings 200 complete', '/qdrant/collections/city-guides/points/search 200 complete', '/v1/chat/completions 200 complete']);
  expect(JSON.stringify(requests()[2])).toContain('low-floor articulated cars');
  expect(await spoken()).toContain('15E');
});

test('a rate limit tells when to come back and passes at the second attempt, every time', async () => {
  for (const _ of [1, 2]) await press(page, 'error-retry');
  expect(models.journal.map(({ status, responseHeaders }) => `${status} ${responseHeaders['retry-after'] ?? ''}`.trim())).toEqual(['429 1', '200', '429 1', '200']);
  expect(models.journal[0]?.request).toBe(models.journal[1]?.request);
});

test('errors that stay are shown', async () => {
  await press(page, 'error-refused');
  expect(await page.$eval('.notice', (notice) => notice.textContent)).toContain('maximum context length');
  await press(page, 'error-outage');
  expect(summary()).toEqual(['/v1/chat/completions 400 complete', ...Array.from({ length: 3 }, () => '/v1/messages 529 complete')]);
});

/** The panel's own menu saves what it says and no more: one trace, one tab session, each a file that a receiver takes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsOf } from '../export/otlp-check.ts';
import { startDemoServer, type DemoServer } from '../lab/demo-server.ts';
import { openDemo, press, runScenario } from '../lab/drive-demo.ts';
import { startModelServer, type ModelServer } from '../lab/model-server.ts';
import type { Otlp } from '../lab/trace-text.ts';
import { openPanel, type DevtoolsPanel } from './devtools-panel.ts';
import { expectedCalls, type ExpectedCall } from './expected-calls.ts';
import { launch, type Launched } from './launch.ts';
import { exportFrom, openTrace, tracesSettled } from './panel-dom.ts';
import { storedWhen } from './stored.ts';

let launched: Launched;
let models: ModelServer;
let demo: DemoServer;
let panel: DevtoolsPanel;
/** What the server got, by the tab and scenario that sent it. */
const sent: Record<'earlier' | 'chat' | 'agent', ExpectedCall[]> = { earlier: [], chat: [], agent: [] };

beforeAll(async () => {
  models = await startModelServer();
  demo = await startDemoServer({ models: models.url });
  launched = await launch();
  const callsOf = async (act: () => Promise<unknown>): Promise<ExpectedCall[]> => {
    const before = models.journal.length;
    await act();
    await models.settled();
    return expectedCalls(models.journal.slice(before));
  };
  const earlier = await launched.browser.newPage();
  await openDemo(earlier, demo.url, 20);
  sent.earlier = await callsOf(async () => {
    await press(earlier, 'chat-openai');
    await press(earlier, 'follow-rain');
  });
  await storedWhen(await launched.originPage(), ({ spans }) => spans.length === 2 && spans.every(({ endMs }) => endMs !== undefined), 'the first tab is recorded');
  await earlier.close();
  const page = await launched.browser.newPage();
  await openDemo(page, demo.url, 20);
  panel = await openPanel(page);
  await panel.resize(1400, 900);
  sent.chat = await callsOf(() => runScenario(page, 'chat-whole'));
  sent.agent = await callsOf(() => runScenario(page, 'agent-openai'));
  await tracesSettled(panel.frame, 2);
});
afterAll(async () => {
  await launched?.close();
  await demo?.close();
  await models?.close();
});

interface Saved { name: string; text: string; ids: string[]; traces: number; kinds: string[]; calls: string[] }

/** Saves, holds the file against the protocol and tells what is in it. */
async function saved(what: 'trace' | 'session' | 'everything'): Promise<Saved> {
  const { name, text } = await exportFrom(launched, panel.frame, what);
  const file = JSON.parse(text) as Otlp;
  expect(faultsOf(file)).toEqual([]);
  const spans = file.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const told = (span: (typeof spans)[number], key: string): string => String(Object.values(span.attributes.find((one) => one.key === key)?.value ?? {})[0] ?? '');
  return {
    name, text, ids: spans.map(({ spanId }) => spanId).toSorted(), traces: new Set(spans.map(({ traceId }) => traceId)).size,
    kinds: spans.map((span) => told(span, 'openinference.span.kind')).toSorted(),
    calls: spans.filter((span) => told(span, 'openinference.span.kind') === 'LLM').map((span) => `${told(span, 'llm.token_count.prompt')}+${told(span, 'llm.token_count.completion')}`).toSorted(),
  };
}

const tokens = (calls: readonly ExpectedCall[]): string[] => calls.map(({ input, output }) => `${input}+${output}`).toSorted();
/** Words that the user of one trace said and nobody else. */
const wordsOf = ([call]: readonly ExpectedCall[]): string => JSON.stringify(call?.user).slice(1, -1);
/** Span ids as they are stored, of the rows that `are`. */
async function stored(are: (row: { source: string; url: string; kind: string; traceId: string }) => boolean): Promise<string[]> {
  const { spans, exchanges, sessions } = await storedWhen(await launched.originPage(), () => true, '');
  expect(sessions).toHaveLength(2);
  return spans.filter((row) => are({ ...row, url: exchanges.find(({ id }) => id === row.exchange)?.url ?? '' })).map(({ spanId }) => spanId).toSorted();
}

test('one trace: its spans and no other', async () => {
  await openTrace(panel.frame, 'Find me a sunny weekend');
  const trace = await panel.frame.$eval('[data-trace][aria-selected="true"]', (row) => row.getAttribute('data-trace'));
  const file = await saved('trace');
  expect(file.name).toMatch(/\.json$/);
  expect(file.traces).toBe(1);
  expect(file.kinds).toEqual(['AGENT', 'LLM', 'LLM', 'LLM', 'TOOL', 'TOOL', 'TOOL']);
  expect(file.calls).toEqual(tokens(sent.agent));
  expect(file.ids).toEqual(await stored(({ traceId }) => traceId === trace));
  expect(file.text).toContain(wordsOf(sent.agent));
  for (const other of [sent.earlier, sent.chat]) expect(file.text).not.toContain(wordsOf(other));
});

test("one tab session: this tab's, and an earlier tab's once one of its traces is shown", async () => {
  const here = await saved('session');
  expect(here.traces).toBe(2);
  expect(here.calls).toEqual(tokens([...sent.chat, ...sent.agent]));
  expect(here.text).not.toContain(wordsOf(sent.earlier));

  await panel.frame.click('[data-testid="earlier"]');
  const fold = await panel.frame.waitForSelector('[data-testid="session"]');
  const session = await fold?.evaluate((element) => element.getAttribute('data-session'));
  await fold?.click();
  await openTrace(panel.frame, 'Plan a long weekend');
  const earlier = await saved('session');
  expect(earlier.calls).toEqual(tokens(sent.earlier));
  expect(earlier.text).toContain(wordsOf(sent.earlier));
  for (const other of [sent.chat, sent.agent]) expect(earlier.text).not.toContain(wordsOf(other));
  expect(earlier.ids).toEqual(await stored(({ source }) => source === session));
  expect(here.ids).toEqual(await stored(({ source }) => source !== session));

  const both = await saved('everything');
  expect(both.ids).toEqual([...here.ids, ...earlier.ids].toSorted());
});

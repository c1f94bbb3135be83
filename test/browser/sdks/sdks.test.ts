/**
 * Each dialect through its real SDK in a page. The app gets the same with and without us, the server sees the same, and the
 * file that the panel saves says what the app got: every word, tool call, number and error, in the tree that the app's
 * loop was. What is expected is told by the page's SDK and by the server, not by us.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SpanRow } from '../../../lib/model/span.ts';
import { startModelServer, type JournalEntry, type ModelServer } from '../../lab/model-server.ts';
import { openPanel } from '../devtools-panel.ts';
import { launch, type Launched } from '../launch.ts';
import { exportFrom, tracesSettled } from '../panel-dom.ts';
import { storedWhen } from '../stored.ts';
import { answers } from './answers/all.ts';
import type { Call } from './got.ts';
import type { UseName } from './page.ts';
import { openPages, pathOf, use, type Pages, type Used } from './setup.ts';
import { callIn, ranIn, reasonIn, spansIn, textOf, type Span } from './spoken.ts';

const names = Object.keys(answers) as UseName[];

let launched: Launched;
let models: ModelServer;
let pages: Pages;
const used: Record<'plain' | 'watched', Map<UseName, Used>> = { plain: new Map(), watched: new Map() };
let spans: Span[];
/** the same as the panel's tree has them, by their ids */ let rows: Map<string, SpanRow>;

beforeAll(async () => {
  models = await startModelServer();
  launched = await launch();
  pages = await openPages(launched);
  for (const place of ['plain', 'watched'] as const) {
    for (const name of names) used[place].set(name, await use(pages[place], name, models));
  }
  const calls = names.flatMap((name) => answers[name]).length;
  const stored = await storedWhen(await launched.originPage(), ({ exchanges, spans }) => exchanges.length >= calls && spans.every(({ endMs }) => endMs !== undefined), `${calls} calls, all ended`);
  rows = new Map(stored.spans.map((row) => [row.spanId, row]));
  const { frame } = await openPanel(pages.watched);
  await tracesSettled(frame, 1);
  spans = spansIn((await exportFrom(launched, frame, 'session')).text);
}, 240_000);
afterAll(async () => {
  await launched?.close();
  await models?.close();
  pages?.close();
});

/** What of a request's headers says from which page it came. */
const OF_THE_PAGE = ['origin', 'referer', 'sec-fetch-site'];
const seen = (sent: readonly JournalEntry[]) => sent.map(({ requestHeaders, ...entry }) => ({ ...entry, headers: Object.entries(requestHeaders).filter(([name]) => !OF_THE_PAGE.includes(name)) }));

const isCall = ({ kind }: Span): boolean => kind === 'LLM' || kind === 'EMBEDDING';
const callsOf = (name: UseName): Span[] => spans.filter(({ attributes }) => new URL(textOf(attributes, 'url.full') || 'none:').pathname.startsWith(`${pathOf(name)}/`));

/** What the page knows of the model where no answer told it. */
const modelAsked = ({ request, path }: JournalEntry): string => (JSON.parse(request) as { model?: string }).model ?? /models\/([^:]+):/.exec(path)?.[1] ?? '';

/** In common words, what an app makes of the finish reason. */
const reasonOf = ({ finish, tools, reason }: Call): string | undefined => reason ?? (finish === undefined ? undefined : /max|length/i.test(finish) ? 'length' : tools.length > 0 ? 'tool_calls' : 'stop');

/** What the span must say, of what the app knows: an SDK may keep the finish reason's wire form or the model to itself. */
function wanted(call: Call, span: Call, entry: JournalEntry): Call {
  const { reason, thrown, ...rest } = call;
  return {
    ...rest, model: call.model ?? modelAsked(entry), finish: call.finish ?? (reason === undefined ? undefined : span.finish),
    // The class of a refusal is the SDK's own. Within a stream it is a matter of moments whether the SDK's abort comes before the end.
    thrown: call.ended === 'cut' ? thrown : undefined, ended: call.refusal?.status === 200 ? span.ended : call.ended,
  };
}

test('every call is a span, and no span is there twice', () => {
  expect(spans.filter(isCall).length).toBe(names.flatMap((name) => answers[name]).length);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

describe.each(names)('%s', (name) => {
  const [plain, watched] = [() => used.plain.get(name) as Used, () => used.watched.get(name) as Used];

  test('the app gets and sends the same', () => {
    expect(watched().got).toEqual(plain().got);
    expect(seen(watched().sent)).toEqual(seen(plain().sent));
    expect(watched().sent.length).toBe(answers[name].length);
  });

  test('each call says what the app got', () => {
    const { got, sent } = watched();
    const calls = callsOf(name);
    expect(calls.map(({ kind }) => kind)).toEqual(got.calls.map(({ vectors }) => vectors === undefined ? 'LLM' : 'EMBEDDING'));
    for (const [index, span] of calls.entries()) {
      const [call, entry] = [got.calls[index] as Call, sent[index] as JournalEntry];
      const said = callIn(span);
      expect(said).toEqual(wanted(call, said, entry));
      expect(reasonIn(span)).toBe(reasonOf(call));
      // The tree's numbers are of the row, which is written while the call runs.
      const { model, usage, vectors } = rows.get(span.spanId) as SpanRow;
      expect([model, usage && [usage.input, usage.output, usage.total], vectors]).toEqual([said.model, said.tokens && [said.tokens.input, said.tokens.output, said.tokens.total], said.vectors]);
      expect(span.attributes.get('http.response.status_code')).toBe(entry.status);
      if (span.kind === 'LLM') expect(textOf(span.attributes, 'input.value')).toBe(entry.request);
      expect(span.attributes.get('spanlight.request.id')).toBe(entry.responseHeaders['x-request-id'] ?? entry.responseHeaders['request-id']);
      expect(new URL(textOf(span.attributes, 'url.full')).pathname).toBe(entry.path);
      expect(span.isError).toBe(call.refusal !== undefined || call.ended === 'cut');
    }
  });

  test('the tree is the app’s loop', () => {
    const { got } = watched();
    const calls = callsOf(name);
    const traces = new Set(calls.map(({ traceId }) => traceId));
    const tree = spans.filter(({ traceId }) => traces.has(traceId));
    const roots = tree.filter(({ parentSpanId }) => parentSpanId === undefined);
    const ran = tree.filter(({ kind }) => kind === 'TOOL');
    expect(ran.map(ranIn)).toEqual(got.ran);
    // A loop of calls and tools stands under one agent, the call of a later turn is a trace of its own.
    const inLoop = got.ran.length === 0 ? 0 : name === 'responsesKept' ? 2 : got.calls.length;
    const [agent] = roots.filter(({ kind }) => kind === 'AGENT');
    expect(roots.map(({ kind }) => kind)).toEqual([...inLoop > 0 ? ['AGENT'] : [], ...got.calls.slice(inLoop).map(({ vectors }) => vectors === undefined ? 'LLM' : 'EMBEDDING')]);
    expect(traces.size).toBe(roots.length);
    expect(tree.length).toBe(roots.length + inLoop + ran.length);
    for (const child of [...calls.slice(0, inLoop), ...ran]) expect([child.parentSpanId, child.traceId]).toEqual([agent?.spanId, agent?.traceId]);
    expect(calls.map(({ attributes }) => attributes.get('spanlight.link.relation'))).toEqual(calls.map((_, index) => index === 0 ? 'root' : index < inLoop ? 'continues' : 'turn'));
    // The app sends back what it got, word by word: it is known again only where the worker read the same, piece by piece.
    expect(calls.map(({ attributes }) => attributes.get('spanlight.link.evidence'))).toEqual(calls.map((_, index) => index === 0 ? 'none' : name === 'responsesKept' ? 'response_id' : 'history'));
    expect(ran.map(({ spanId }) => rows.get(spanId)?.label)).toEqual(got.ran.map((tool) => expect.stringMatching(`^${tool.name}\\(city: "${(tool.arguments as { city: string }).city}"[,)]`)));
    if (agent) expect([textOf(agent.attributes, 'input.value'), textOf(agent.attributes, 'output.value')]).toEqual([got.calls[0]?.asked, got.calls[inLoop - 1]?.text]);
    // One conversation: of its own where there is a later turn, else the tab's.
    const sessions = new Set(tree.map(({ attributes }) => attributes.get('session.id')));
    expect(sessions.size).toBe(1);
    expect(sessions.has(calls[0]?.attributes.get('spanlight.tab_session.id'))).toBe(traces.size === 1);
  });
});

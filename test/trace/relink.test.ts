/** The tree does not depend on the order in which the recorder came to know of the calls. */
import { expect, test } from 'vitest';
import type { Exchange } from '../../lib/model/exchange.ts';
import { limits } from '../../lib/model/limits.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { relink } from '../../lib/trace/relink.ts';
import { createChat, createPage, type Page } from './app.ts';
import { atStart, exchangeOf } from './exchanges.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, gemini, ollama, openai, responses, type Wire } from './wire.ts';

async function treesAfter(states: readonly Exchange[]): Promise<{ trees: string; rows: SpanRow[] }> {
  const memory = createMemory();
  for (const state of states) await memory.write(state);
  // Everything that is shown: rows without the order they were written in.
  return { trees: treesOf(memory.rows()), rows: memory.rows().toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1)) };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** Shuffles the same way every time (mulberry32). */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const chance = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return items.map((item) => [chance(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item);
}

/** Question, a tool twice with one failed attempt between, another question. */
function conversation(page: Page, wire: Wire, at: number): void {
  const chat = createChat(page, wire, 'You are Guide.');
  chat.user('Weather?');
  chat.call(at, { tools: [{ id: 'same', name: 'get_weather', args: {} }] });
  chat.results([{ id: 'same', text: '21 C' }]);
  chat.call(at + 100, undefined, { status: 503 });
  chat.call(at + 200, { text: 'It is sunny and warm.' });
  chat.user('And tomorrow?');
  chat.call(at + 300, { text: 'It rains the whole day.' });
}

test.each([['openai', openai], ['anthropic', anthropic], ['ollama', ollama], ['openai-responses', responses], ['gemini', gemini]])('every order of four calls gives the same rows (%s)', async (_, wire) => {
  const page = createPage();
  conversation(page, wire, 1000);
  const states = page.sent.map((call) => exchangeOf(call));
  const expected = await treesAfter(states);
  expect(expected).toMatchObject({ trees: expect.stringMatching(/^AGENT Guide\n {2}LLM .*\n {2}TOOL .*\n {2}LLM .* · 503, retried !\n {2}LLM .* · attempt 2\nLLM/) });
  for (const order of permutations(states)) expect(await treesAfter(order)).toEqual(expected);
});

test.each([['one document', ['doc', 'doc', 'doc']], ['three documents', ['a', 'b', 'c']]])('starts and ends of identical runs in %s, in any order', async (_, documents) => {
  const runs = documents.map((document, index) => {
    const run = createPage(document);
    conversation(run, openai, 1000 + index * 7);
    return run.sent;
  });
  const pages = new Map(documents.map((document) => [document, createPage(document)]));
  for (const call of runs.flat().toSorted((a, b) => a.start - b.start)) pages.get(call.document ?? '')?.send(call);
  const calls = [...pages.values()].flatMap(({ sent }) => sent);
  const expected = await treesAfter(calls.flatMap((call) => [atStart(call), exchangeOf(call)]));
  for (let seed = 1; seed <= 40; seed += 1) {
    // Each call comes up twice in the shuffle: first it begins, then it ends.
    const begun = new Set();
    const order = shuffled([...calls, ...calls], seed).map((call) => {
      const state = begun.has(call) ? exchangeOf(call) : atStart(call);
      begun.add(call);
      return state;
    });
    expect(await treesAfter(order)).toEqual(expected);
  }
});

test.each([['the whole history', Infinity], ['the last step only', 2]])('a long loop that sends %s, told backwards, is one run', async (_, window) => {
  const page = createPage();
  const chat = createChat(page, anthropic);
  chat.user('Count the files.');
  for (let step = 0; step < 15; step += 1) {
    chat.call(step * 100, { tools: [{ id: `t${step}`, name: 'list_files', args: { page: step } }] }, { sent: [...chat.messages.slice(0, 1), ...chat.messages.slice(1).slice(-window)] });
    chat.results([{ id: `t${step}`, text: `page ${step}` }]);
  }
  const states = page.sent.map((call) => exchangeOf(call));
  const expected = await treesAfter(states);
  expect(expected.trees.match(/^AGENT|^ {2}LLM/gm)).toHaveLength(16);
  expect(await treesAfter(states.toReversed())).toEqual(expected);
});

test('a run that joins an earlier one leaves no span behind', async () => {
  const page = createPage();
  const chat = createChat(page, openai);
  chat.user('Weather?');
  for (const id of ['t1', 't2']) {
    chat.call(id === 't1' ? 0 : 100, { tools: [{ id, name: 'get_weather', args: {} }] });
    chat.results([{ id, text: '21 C' }]);
  }
  chat.call(200, { text: 'Sunny.' });
  const [first, second, third] = page.sent.map((call) => exchangeOf(call));
  const memory = createMemory();
  for (const exchange of [second, third]) if (exchange) await memory.write(exchange);
  expect(treesOf(memory.rows())).toMatch(/^AGENT agent\n {2}LLM .*\n {2}TOOL .*\n {2}LLM/);
  const [agentBefore] = memory.rows().filter(({ kind }) => kind === 'AGENT');
  if (first) await memory.write(first);
  const agents = memory.rows().filter(({ kind }) => kind === 'AGENT');
  expect(agents).toHaveLength(1);
  expect(agents[0]?.spanId).not.toBe(agentBefore?.spanId);
  expect(new Set(memory.rows().map(({ traceId }) => traceId)).size).toBe(1);
});

test('a call that all others turn out to hang on has a bounded number of them decided again', async () => {
  // What a page can make: each call seeks what the one before gives, and the first of all is told last.
  const count = limits.relinked * 3;
  const [model] = (() => { const page = createPage(); const chat = createChat(page, openai); chat.user('x'); chat.call(0, { text: 'y' }); return page.sent.map((call) => exchangeOf(call)); })();
  const chain = Array.from({ length: count }, (_, n): Exchange => ({ ...model as Exchange, id: `doc/${n}`, ordinal: n, startMs: n, facts: { ...model?.facts as NonNullable<Exchange['facts']>, continuesLoop: true, gives: [`history:${n}`], seeks: [`history:${n - 1}`] } }));
  const holding = (kind: 'gives' | 'seeks', keys: readonly string[]): Exchange[] => keys.flatMap((key) => chain[Number(key.slice('history:'.length)) + (kind === 'gives' ? 0 : 1)] ?? []);
  let lookups = 0;
  const relinked = await relink(chain.slice(0, 1), {
    giving: async (keys) => { lookups += 1; return holding('gives', keys); }, seeking: async (keys) => { lookups += 1; return holding('seeks', keys); }, ofRun: async () => [],
  });
  expect(relinked.exchanges.length).toBeGreaterThan(limits.relinked / 2);
  expect(relinked.exchanges.length).toBeLessThanOrEqual(limits.relinked + 1);
  expect(lookups).toBeLessThan(10 * limits.relinked);
});

/** The rows of a run: what they say, how they grow, what they never say. */
import { expect, test } from 'vitest';
import type { Exchange } from '../../lib/model/exchange.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { spansOf } from '../../lib/trace/synthesise.ts';
import { createChat, createPage } from './app.ts';
import { atStart, exchangeOf } from './exchanges.ts';
import { createMemory } from './memory.ts';
import { anthropic } from './wire.ts';

/** A question, two tools at once, of which one fails, an answer. */
function weatherRun() {
  const page = createPage();
  const chat = createChat(page, anthropic, 'You are Guide.');
  chat.user('Where is it warmer,\nLisbon or Oslo?');
  chat.call(1000, { tools: [{ id: 't1', name: 'get_weather', args: { city: 'Lisbon' } }, { id: 't2', name: 'get_weather', args: { city: 'x'.repeat(500) } }] }, { takes: 40 });
  chat.results([{ id: 't1', text: '21 C' }, { id: 't2', text: 'no such city', isError: true }]);
  chat.call(1300, { text: 'Lisbon.' }, { takes: 60 });
  return page.sent;
}

async function rowsAfter(states: readonly Exchange[]): Promise<{ rows: SpanRow[]; run: Exchange[] }> {
  const memory = createMemory();
  for (const state of states) await memory.write(state);
  return { rows: memory.rows(), run: memory.exchanges() };
}

test('every row of a finished loop', async () => {
  const { rows } = await rowsAfter(weatherRun().map((sent) => exchangeOf(sent)));
  const [agent, first, lisbon, unknown, second] = rows;
  expect(rows).toHaveLength(5);
  expect(agent).toMatchObject({
    kind: 'AGENT', name: 'invoke_agent Guide', label: 'Guide', title: 'Where is it warmer, Lisbon or Oslo?', startMs: 1000, endMs: 1360, status: 'unset', exchange: 'doc/1',
  });
  expect(agent?.parentSpanId).toBeUndefined();
  expect(agent?.usage).toBeUndefined();
  expect(first).toMatchObject({
    kind: 'LLM', name: 'chat claude-sonnet-4-5', label: 'claude-sonnet-4-5', parentSpanId: agent?.spanId, startMs: 1000, endMs: 1040, model: 'claude-sonnet-4-5-20250929',
    usage: { input: 10, output: 5, total: 15 }, finish: 'tool_calls', httpStatus: 200, endCause: 'complete', headMs: 1,
  });
  expect(first?.title).toBeUndefined();
  expect(lisbon).toMatchObject({
    kind: 'TOOL', name: 'execute_tool get_weather', label: 'get_weather(city: "Lisbon")', parentSpanId: agent?.spanId, startMs: 1040, endMs: 1300, status: 'unset',
    exchange: 'doc/1', toolIndex: 0, resultExchange: 'doc/2', link: { relation: 'continues', to: 'doc/1', evidence: 'tool_call_id' },
  });
  expect(unknown).toMatchObject({ kind: 'TOOL', startMs: 1040, endMs: 1300, status: 'error', toolIndex: 1 });
  expect(unknown?.label.length).toBeLessThanOrEqual(120);
  expect(second).toMatchObject({ kind: 'LLM', startMs: 1300, endMs: 1360, link: { relation: 'continues', to: 'doc/1', evidence: 'history' } });
});

test('rows do not depend on the order of the exchanges', async () => {
  const { rows, run } = await rowsAfter(weatherRun().map((sent) => exchangeOf(sent)));
  expect(spansOf(run.toReversed())).toEqual(rows);
});

test('a run is open while a call of it runs, and keeps its ids as it grows', async () => {
  const [first, second] = weatherRun();
  if (first === undefined || second === undefined) throw new Error('two calls');
  const alone = (await rowsAfter([atStart(first)])).rows;
  expect(alone).toMatchObject([{ kind: 'LLM', title: 'Where is it warmer, Lisbon or Oslo?', endMs: undefined }]);
  const waiting = (await rowsAfter([exchangeOf(first)])).rows;
  expect(waiting).toMatchObject([{ kind: 'LLM', endMs: 1040 }]);
  const growing = (await rowsAfter([exchangeOf(first), atStart(second)])).rows;
  expect(growing.map(({ kind, endMs }) => [kind, endMs])).toEqual([['AGENT', undefined], ['LLM', 1040], ['TOOL', 1300], ['TOOL', 1300], ['LLM', undefined]]);
  const whole = (await rowsAfter([exchangeOf(first), exchangeOf(second)])).rows;
  expect(whole.map(({ spanId, traceId }) => [spanId, traceId])).toEqual(growing.map(({ spanId, traceId }) => [spanId, traceId]));
  expect(whole.map(({ spanId }) => spanId)).toContain(alone[0]?.spanId);
  expect(whole[0]?.traceId).toBe(alone[0]?.traceId);
});

test('a call whose request was not read yet has a row', () => {
  const [sent] = weatherRun();
  if (sent === undefined) throw new Error('a call');
  expect(spansOf([{ ...atStart(sent), facts: undefined }])).toMatchObject([{ kind: 'LLM', name: 'chat', label: 'model call', status: 'unset' }]);
});

const half = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}\n\n';

test.each([
  ['complete', 'unset'], ['aborted', 'unset'], ['cancelled', 'unset'], ['page_left', 'unset'], ['cut', 'error'], ['error', 'error'],
] as const)('a call that ended %s in the middle has status %s', async (how, status) => {
  const page = createPage();
  const chat = createChat(page, anthropic);
  chat.user('Hello');
  chat.call(0, undefined, { how, response: half });
  const { rows: [row] } = await rowsAfter(page.sent.map((sent) => exchangeOf(sent)));
  expect(row).toMatchObject({ status, endCause: how, endMs: 50 });
  expect(row?.statusMessage === undefined).toBe(status === 'unset');
});

test('a stream that was closed after the last word is complete', async () => {
  const page = createPage();
  const chat = createChat(page, anthropic);
  chat.user('Hello');
  chat.call(0, { text: 'Hello!' }, { how: 'cancelled' });
  const { rows: [row] } = await rowsAfter(page.sent.map((sent) => exchangeOf(sent)));
  expect(row).toMatchObject({ status: 'unset', endCause: 'complete' });
});

test('the provider’s own error is named, with its status', async () => {
  const page = createPage();
  const chat = createChat(page, anthropic);
  chat.user('Hello');
  chat.call(0, undefined, { status: 529, response: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } });
  const { rows: [row] } = await rowsAfter(page.sent.map((sent) => exchangeOf(sent)));
  expect(row).toMatchObject({ status: 'error', errorType: 'overloaded_error', statusMessage: 'Overloaded', httpStatus: 529 });
});

test('a proxy’s page as an error: rows keep its beginning', async () => {
  const page = createPage();
  const chat = createChat(page, anthropic);
  chat.user('Hello');
  chat.call(0, undefined, { status: 502, response: `<html>Bad gateway. ${'Look at this. '.repeat(500)}</html>` });
  const [exchange] = page.sent.map((sent) => exchangeOf(sent));
  const { rows: [row] } = await rowsAfter(exchange === undefined ? [] : [exchange]);
  for (const told of [row?.statusMessage, exchange?.facts?.error?.message]) expect(told).toMatch(/^Bad gateway\. .{479,486}…$/);
});

test('an error response left unread ended with its head', async () => {
  const page = createPage();
  const chat = createChat(page, anthropic);
  chat.user('Hello');
  chat.call(0, undefined, { status: 529, how: 'unread', response: '', takes: 90_000 });
  chat.call(500, { text: 'Hello!' });
  const { rows } = await rowsAfter(page.sent.map((sent) => exchangeOf(sent)));
  expect(rows.map(({ kind, label, endMs, status }) => [kind, label, endMs, status])).toEqual([
    ['CHAIN', 'claude-sonnet-4-5, 2 attempts', 550, 'unset'], ['LLM', 'claude-sonnet-4-5 · 529, retried', 1, 'error'], ['LLM', 'claude-sonnet-4-5 · attempt 2', 550, 'unset'],
  ]);
});

test('missing bytes are told', () => {
  const [sent] = weatherRun();
  if (sent === undefined) throw new Error('a call');
  expect(spansOf([exchangeOf(sent, { response: { read: 10, stored: 4, missing: 6 } })])).toMatchObject([{ missingBytes: 6 }]);
});

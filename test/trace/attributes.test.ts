import * as conventions from '@arizeai/openinference-semantic-conventions';
import { describe, expect, test } from 'vitest';
import type { ExchangeId } from '../../lib/model/exchange.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { attributesOf, type Attributes } from '../../lib/trace/attributes.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { neededExchanges, type ReadExchange } from '../../lib/trace/reading.ts';
import { spansOf } from '../../lib/trace/synthesise.ts';
import { fixture, fixtures } from '../fixtures/fixture.ts';
import { recordLoop, type RecordedLoop } from './recorded-loop.ts';
import { anthropic, gemini, ollama, openai, responses } from './wire.ts';

/** The LLM span of one fixture. */
function attributesOfFixture(name: string): Attributes {
  const { exchange, request, response, expected: call } = fixture(name);
  const [row] = spansOf([{ ...exchange, facts: factsOf(exchange, call) }]);
  return attributesOf(row!, new Map<ExchangeId, ReadExchange>([[exchange.id, { exchange, call, request, response }]]));
}

const startingWith = (attributes: Attributes, prefix: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]));

describe('an LLM span', () => {
  test('says what was asked and answered, with cache inside the input', () => {
    expect(attributesOfFixture('anthropic/stream-text-cached')).toMatchObject({
      'openinference.span.kind': 'LLM', 'llm.system': 'anthropic', 'llm.provider': 'anthropic',
      'llm.model_name': 'claude-sonnet-4-5-20250929', 'llm.request.model_name': 'claude-sonnet-4-5', 'llm.response.model_name': 'claude-sonnet-4-5-20250929',
      'llm.invocation_parameters': '{"max_tokens":1024,"stream":true}', 'llm.finish_reason': 'end_turn',
      'llm.input_messages.0.message.role': 'system', 'llm.input_messages.0.message.content': 'Be brief.', 'llm.input_messages.1.message.role': 'user',
      'llm.output_messages.0.message.role': 'assistant', 'llm.output_messages.0.message.content': 'Bonjour 🥐',
      'llm.token_count.prompt': 330, 'llm.token_count.completion': 12, 'llm.token_count.total': 342,
      'llm.token_count.prompt_details.cache_read': 300, 'llm.token_count.prompt_details.cache_write': 20,
      'output.value': 'Bonjour 🥐', 'output.mime_type': 'text/plain', 'input.mime_type': 'application/json',
      'http.request.method': 'POST', 'server.address': 'api.anthropic.com', 'server.port': 443, 'http.response.status_code': 200,
      'spanlight.dialect': 'anthropic', 'spanlight.source': 'wire', 'spanlight.request.id': 'req_a1', 'spanlight.response.id': 'msg_1', 'spanlight.end.cause': 'complete',
    });
  });

  test('names the model once where asked and answered are the same', () => {
    const attributes = attributesOfFixture('openai-chat/plain-reasoning-content');
    expect(attributes['llm.model_name']).toBe('deepseek-reasoner');
    expect(startingWith(attributes, 'llm.re')).toEqual({});
  });

  test('gives the plain body as it came', () => {
    const attributes = attributesOfFixture('openai-chat/plain-object-content');
    expect(attributes['output.mime_type']).toBe('application/json');
    expect(JSON.parse(String(attributes['output.value']))).toMatchObject({ id: 'c' });
  });

  test('keeps order of thinking, hidden thinking, text and calls', () => {
    expect(startingWith(attributesOfFixture('anthropic/stream-thinking-tools'), 'llm.output_messages.0.message.')).toEqual({
      'role': 'assistant',
      'contents.0.message_content.type': 'reasoning', 'contents.0.message_content.text': 'I need the weather.', 'contents.0.message_content.signature': 'EqQB',
      'contents.1.message_content.type': 'reasoning', 'contents.1.message_content.data': 'EmwK',
      'contents.2.message_content.type': 'text', 'contents.2.message_content.text': 'One moment.',
      'tool_calls.0.tool_call.id': 'toolu_1', 'tool_calls.0.tool_call.function.name': 'get_weather', 'tool_calls.0.tool_call.function.arguments': '{"city": "Paris"}',
      'tool_calls.1.tool_call.id': 'toolu_2', 'tool_calls.1.tool_call.function.name': 'get_time', 'tool_calls.1.tool_call.function.arguments': '{}',
    });
  });

  test('gives each tool result a message of its own, before what the user says with it', () => {
    const messages = startingWith(attributesOfFixture('anthropic/request-of-all-blocks'), 'llm.input_messages.');
    expect(startingWith(messages as Attributes, '3.message.')).toEqual({ role: 'tool', content: '20', tool_call_id: 'toolu_1' });
    expect(startingWith(messages as Attributes, '4.message.')).toEqual({ role: 'tool', content: 'no\nsuch city', tool_call_id: 'toolu_2' });
    expect(startingWith(messages as Attributes, '5.message.')).toEqual({
      'role': 'user', 'contents.0.message_content.type': 'image', 'contents.0.message_content.image.image.url': 'data:image/png;base64,iVBO',
      'contents.1.message_content.type': 'text', 'contents.1.message_content.text': 'Go on',
    });
  });

  test('tells images, audio and video by their URLs', () => {
    expect(startingWith(attributesOfFixture('openai-chat/request-of-all-parts'), 'llm.input_messages.1.message.contents.')).toEqual({
      '0.message_content.type': 'text', '0.message_content.text': 'Look',
      '1.message_content.type': 'image', '1.message_content.image.image.url': 'data:image/png;base64,iVBO',
      '2.message_content.type': 'audio', '2.message_content.audio.audio.url': 'data:audio/wav;base64,UklG', '2.message_content.audio.audio.mime_type': 'audio/wav',
      '3.message_content.type': 'video', '3.message_content.video.video.url': 'https://v.example/v.mp4',
    });
  });

  test('defines tools in one form whatever the dialect', () => {
    const tools = ['openai-chat/stream-parallel-tools', 'anthropic/stream-thinking-tools', 'openai-responses/stream-reasoning-parallel-tools', 'gemini/stream-thoughts-and-calls']
      .map((name) => JSON.parse(String(attributesOfFixture(name)['llm.tools.0.tool.json_schema'])));
    expect(tools.slice(1, 3)).toEqual([tools[0], tools[0]]);
    expect(tools[3]).toMatchObject({ type: 'function', function: { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'OBJECT' } } });
    expect(tools[0]).toMatchObject({ type: 'function', function: { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object' } } });
  });

  test('shows a refusal as content, and an error body as output', () => {
    expect(attributesOfFixture('openai-chat/stream-refusal')['llm.output_messages.0.message.content']).toBe("I can't do that.");
    expect(attributesOfFixture('openai-chat/error-429')).toMatchObject({ 'error.type': 'requests', 'http.response.status_code': 429, 'output.mime_type': 'application/json' });
    expect(attributesOfFixture('openai-chat/error-html')['output.value']).toBe('401 Authorization Required nginx');
  });
});

/** Each span with what can be derived from the exchanges it says it needs. */
const attributesIn = ({ rows, read }: RecordedLoop): Array<{ row: SpanRow; attributes: Attributes }> =>
  rows.map((row) => ({ row, attributes: attributesOf(row, new Map(neededExchanges(row).map((id) => [id, read.get(id)!]))) }));

describe.each([['openai', openai], ['anthropic', anthropic], ['ollama', ollama], ['openai-responses', responses], ['gemini', gemini]] as const)('a tool loop of %s', (_, wire) => {
  test('has the user and the final answer on the agent, and no tokens but on the calls', async () => {
    const spans = attributesIn(await recordLoop(wire));
    expect(spans.map(({ row }) => row.kind).toSorted()).toEqual(['AGENT', 'LLM', 'LLM', 'LLM', 'TOOL', 'TOOL']);
    const agent = spans.find(({ row }) => row.kind === 'AGENT')!.attributes;
    expect(agent).toMatchObject({ 'agent.name': 'Trip Planner', 'input.value': 'Where is it warm?', 'output.value': 'In Lisbon.', 'spanlight.source': 'synthesized' });
    for (const { row, attributes } of spans) {
      expect('llm.token_count.total' in attributes).toBe(row.kind === 'LLM' && row.status !== 'error');
      expect('input.value' in attributes).toBe('output.value' in attributes);
      expect(attributes['session.id']).toBeTruthy();
      expect(attributes['spanlight.tab_session.id']).toBe('tab');
    }
  });

  test('has arguments and result on each tool', async () => {
    const tools = attributesIn(await recordLoop(wire)).filter(({ row }) => row.kind === 'TOOL').map(({ attributes }) => attributes);
    expect(tools[0]).toMatchObject({
      'tool.name': 'get_weather', 'tool.parameters': '{"city":"Lisbon"}', 'input.value': '{"city":"Lisbon"}', 'input.mime_type': 'application/json',
      'output.value': '{"celsius":24}', 'output.mime_type': 'application/json',
    });
    expect(tools.map((tool) => tool['tool.id'])).toEqual(wire === ollama || wire === gemini ? [undefined, undefined] : ['t1', 't2']);
    expect(tools[1]).toMatchObject({ 'output.value': 'no such city', 'output.mime_type': 'text/plain' });
  });

  test('marks the second attempt', async () => {
    const { rows, read } = await recordLoop(wire);
    const retry = rows.find(({ attempt }) => attempt === 2)!;
    expect(attributesOf(retry, read)).toMatchObject({ 'spanlight.retry.attempt': 2, 'spanlight.retry.of': retry.retryOf, 'spanlight.link.evidence': 'same_request' });
  });
});

test('a span whose bodies are gone still tells what its row knows', async () => {
  const { rows } = await recordLoop(openai);
  for (const row of rows) expect(attributesOf(row, new Map())).toMatchObject({ 'openinference.span.kind': row.kind, 'spanlight.exchange.id': row.exchange });
  const call = rows.find(({ kind }) => kind === 'LLM')!;
  expect(attributesOf(call, new Map())).toMatchObject({ 'llm.model_name': 'gpt-5-mini-2025-08-07', 'llm.token_count.total': 15 });
});

test('every key is one of the conventions, and lists have no holes', async () => {
  const known = new Set<string>(Object.values(conventions).filter((value) => typeof value === 'string'));
  const ours = /^(?:spanlight\.|db\.|http\.|url\.full$|server\.|error\.type$|browser\.document\.url\.full$|openinference\.span\.kind$)/;
  const loop = await recordLoop(anthropic);
  const all = [...fixtures().map(({ name }) => attributesOfFixture(name)), ...loop.rows.map((row) => attributesOf(row, loop.read))];
  for (const attributes of all) {
    const indices = new Map<string, Set<number>>();
    for (const key of Object.keys(attributes).filter((each) => !ours.test(each))) {
      for (const match of key.matchAll(/\.(\d+)\./g)) indices.set(key.slice(0, match.index), (indices.get(key.slice(0, match.index)) ?? new Set()).add(Number(match[1])));
      // `llm.input_messages.0.message.contents.1.message_content.image.image.url`: each piece between numbers is a constant, or two in a row.
      const pieces = key.split(/\.\d+\./);
      expect(pieces.filter((piece) => !known.has(piece) && ![...known].some((first) => piece.startsWith(`${first}.`) && known.has(piece.slice(first.length + 1))))).toEqual([]);
    }
    for (const seen of indices.values()) expect([...seen].toSorted((a, b) => a - b)).toEqual([...seen.keys()].map((_, index) => index));
  }
});

test('a search that found more documents than a call takes arguments tells them all', () => {
  const { exchange, request, response, expected } = fixture('qdrant/search-payload');
  const documents = Array.from({ length: 130_000 }, (_, index) => ({ id: String(index), text: '' }));
  const [row] = spansOf([{ ...exchange, facts: factsOf(exchange, expected) }]);
  const attributes = attributesOf(row!, new Map<ExchangeId, ReadExchange>([[exchange.id, { exchange, call: { ...expected, documents }, request, response }]]));
  expect(attributes['retrieval.documents.129999.document.id']).toBe('129999');
}, 60_000);

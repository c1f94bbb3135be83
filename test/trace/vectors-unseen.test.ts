/** The numbers of vectors are in the raw body alone: not in what is kept of a call, its row, its attributes or its live text. */
import { expect, test } from 'vitest';
import type { Exchange } from '../../lib/model/exchange.ts';
import { attributesOf } from '../../lib/trace/attributes.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { callOf, endFold, feedFold, startFold } from '../../lib/trace/fold.ts';
import { spansOf } from '../../lib/trace/synthesise.ts';
import { fixture } from '../fixtures/fixture.ts';

const numbers = Array.from({ length: 64 }, (_, index) => Math.fround(Math.sin(index + 1) / 7));
const base64 = btoa(String.fromCharCode(...new Uint8Array(Float32Array.from(numbers).buffer)));
const many = <T>(vector: T): T[] => Array.from({ length: 20 }, () => vector);

/** Any six digits of one of them, as they would stand in a text; or the base64. */
const traces = [...numbers.map((number) => Math.abs(number).toFixed(8).slice(2, 8)).filter((digits) => !digits.startsWith('0')), base64.slice(0, 16)];

test.each([
  ['openai-embeddings/one-text', { object: 'list', model: 'm', data: many(numbers).map((embedding, index) => ({ object: 'embedding', index, embedding })), usage: { prompt_tokens: 5, total_tokens: 5 } }],
  ['openai-embeddings/list-base64', { object: 'list', model: 'm', data: many(base64).map((embedding, index) => ({ object: 'embedding', index, embedding })), usage: { prompt_tokens: 5, total_tokens: 5 } }],
  ['ollama-embed/list', { model: 'm', embeddings: many(numbers), prompt_eval_count: 5 }],
  ['ollama-embed/older-prompt', { embedding: numbers }],
])('%s', (name, answer) => {
  const { exchange: told, request } = fixture(name);
  const response = new TextEncoder().encode(JSON.stringify(answer));
  const fold = startFold(told, request);
  const live = [...feedFold(fold, response), ...endFold(fold)];
  const call = callOf(fold);
  const count = 'embedding' in answer ? 1 : 20;
  expect(call).toMatchObject({ operation: 'embed', vectors: { count, size: 64 }, problems: [] });

  const exchange: Exchange = { ...told, facts: factsOf(told, call) };
  const [row, ...others] = spansOf([exchange]);
  expect(others).toEqual([]);
  const attributes = attributesOf(row!, new Map([[exchange.id, { exchange, call, request, response }]]));
  const { vectorMarks, ...rest } = call;
  expect(vectorMarks).toHaveLength(Math.min(16, count));
  const seen = JSON.stringify([live, exchange.facts, row, attributes, rest]);
  expect(traces.filter((digits) => seen.includes(digits))).toEqual([]);
  expect(traces.length).toBeGreaterThan(30);
});

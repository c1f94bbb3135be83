/** Embedding, search and answer hang together by the vector and by the words that come back. */
import { expect, test } from 'vitest';
import { createChat, createPage, record, type Page } from './app.ts';
import { createMemory, treesOf } from './memory.ts';
import { openai, type Wire } from './wire.ts';

const at = (url: string): Wire => ({ ...openai, url });
const EMBED = at('https://api.openai.com/v1/embeddings');
const QDRANT = at('https://vectors.example/collections/guides/points/search');

const vectorOf = (seed: number): number[] => Array.from({ length: 12 }, (_, index) => Math.sin(seed + index));
const embed = (page: Page, start: number, input: string | string[], seed: number) => page.send({
  wire: EMBED, start, end: start + 20, request: { model: 'text-embedding-3-small', input },
  response: { object: 'list', model: 'text-embedding-3-small', data: [input].flat().map((_, index) => ({ object: 'embedding', index, embedding: vectorOf(seed + index) })), usage: { prompt_tokens: 8, total_tokens: 8 } },
});
const search = (page: Page, start: number, seed: number, texts: string[]) => page.send({
  wire: QDRANT, start, end: start + 20, request: { vector: vectorOf(seed).map(Math.fround), limit: texts.length, with_payload: true },
  response: { result: texts.map((text, index) => ({ id: index, version: 1, score: 0.9 - index / 10, payload: { title: 'Guide', text } })), status: 'ok', time: 0.001 },
});

const TRAMS = 'Line 28 takes strollers outside of the rush hours. Fold them on the historic cars.';
const FERRIES = 'Ferries leave from Cais do Sodré every twenty minutes.';
const QUESTION = 'Can I take the trams in Lisbon with a stroller?';
const prompt = (...texts: string[]): string => `Answer from these documents only.\n\n${texts.map((text, index) => `[${index + 1}] Guide: ${text}`).join('\n')}`;

test('a question answered from documents is one trace', async () => {
  const [page, memory] = [createPage(), createMemory()];
  embed(page, 0, QUESTION, 1);
  search(page, 100, 1, [TRAMS, FERRIES]);
  const chat = createChat(page, openai, prompt(TRAMS, FERRIES));
  chat.user(QUESTION);
  chat.call(200, { text: 'Yes, outside of the rush hours.' });
  await record(memory, [page]);
  expect(treesOf(memory.rows())).toBe([
    'CHAIN retrieval, then gpt-5-mini', '  EMBEDDING text-embedding-3-small', '  RETRIEVER qdrant guides · 2 documents', '  LLM gpt-5-mini',
  ].join('\n'));
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'uses', to: 'doc/1', evidence: 'vector' });
  expect(memory.exchange('doc/3')?.link).toMatchObject({ relation: 'uses', to: 'doc/2', evidence: 'passage', detail: expect.stringContaining('what an earlier search found') });
  expect(memory.rows().find(({ kind }) => kind === 'CHAIN')).toMatchObject({ title: QUESTION, startMs: memory.exchange('doc/1')?.startMs });
});

test('each turn of a conversation has its own retrieval, and the conversation goes on', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, openai);
  embed(page, 0, QUESTION, 1);
  search(page, 100, 1, [TRAMS]);
  chat.user(`${prompt(TRAMS)}\n\n${QUESTION}`);
  chat.call(200, { text: 'Yes, outside of the rush hours.' });
  embed(page, 1000, 'And which ferries take bicycles along?', 5);
  search(page, 1100, 5, [FERRIES]);
  chat.user(`${prompt(FERRIES)}\n\nAnd which ferries take bicycles along?`);
  chat.call(1200, { text: 'That is not in the documents.' });
  await record(memory, [page]);
  expect(memory.exchange('doc/6')?.link).toMatchObject({ relation: 'uses', to: 'doc/5', turnOf: 'doc/3' });
  expect(new Set(memory.exchanges().map(({ run }) => run))).toEqual(new Set(['doc/1', 'doc/4']));
  expect(new Set(memory.exchanges().map(({ conversation }) => conversation))).toEqual(new Set(['doc/1']));
});

test('a turn without retrieval does not go back to the documents of the turn before', async () => {
  const [page, memory] = [createPage(), createMemory()];
  const chat = createChat(page, openai, prompt(TRAMS));
  search(page, 0, 1, [TRAMS]);
  chat.user(QUESTION);
  chat.call(200, { text: 'Yes, outside of the rush hours.' });
  chat.user('Thanks, and on Sundays?');
  chat.call(1000, { text: 'All day on Sundays.' });
  await record(memory, [page]);
  expect(memory.exchange('doc/3')).toMatchObject({ run: 'doc/3', link: { relation: 'turn', to: 'doc/2' } });
});

test('vectors compared in the page: the question that was embedded is the one that is asked', async () => {
  const [page, memory] = [createPage(), createMemory()];
  embed(page, 0, QUESTION, 1);
  const chat = createChat(page, openai, 'Answer briefly.');
  chat.user(QUESTION);
  chat.call(200, { text: 'Yes.' });
  await record(memory, [page]);
  expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'uses', to: 'doc/1', evidence: 'passage' });
});

test('an index being built, another page, a failed search and words from long ago are no sources', async () => {
  const [page, other, memory] = [createPage(), createPage('other'), createMemory()];
  embed(page, 0, Array.from({ length: 20 }, (_, index) => `${TRAMS} Part ${index}.`), 30);
  search(other, 50, 9, [TRAMS]);
  page.send({ wire: QDRANT, start: 100, end: 120, status: 404, request: { vector: vectorOf(3), limit: 1 }, response: { status: { error: 'Not found: Collection `guides` doesn\'t exist!' }, time: 0 } });
  search(page, 150, 12, [FERRIES]);
  const chat = createChat(page, openai, prompt(TRAMS));
  chat.user(QUESTION);
  chat.call(200, { text: 'Yes, outside of the rush hours.' });
  const late = createChat(page, openai, prompt(FERRIES));
  late.user('When does the next one leave?');
  late.call(600_000, { text: 'In twenty minutes.' });
  await record(memory, [page, other]);
  expect(memory.exchanges().filter(({ link }) => link?.relation !== 'root')).toEqual([]);
});

/** What stays in memory of calls that are over: next to nothing, however large they were. */
import { expect, test } from 'vitest';
import { write } from '../../lib/store/database.ts';
import { forgetRecent } from '../../lib/store/recent-lists.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { checkRecord } from '../../lib/wire/record-check.ts';
import { asked, frame, opened, pageOf, user } from '../record/page.ts';
import { startRecording, type Recording } from '../record/recording.ts';
import { callOf, tell } from './large-calls.ts';
import { memoryInUse, MB } from './memory.ts';

/** As a message brings it: one stretch of memory. */
const longText = (bytes: number): string => structuredClone('text_of_a_hostile_page_'.repeat(bytes / 23));

const long = (): string => longText(10 * MB);

test('what the gate cuts off of texts is held no longer', async () => {
  const before = await memoryInUse();
  const records = [
    { kind: 'document', at: 1_000, url: long(), top: true },
    { kind: 'start', exchange: 1, at: 1_000, clock: 1, transport: 'fetch', method: long(), url: long(), headers: [[long(), long()]], body: 'none', bodySize: 0, removed: 0 },
    { kind: 'head', exchange: 1, clock: 1, status: 200, type: long(), url: long(), headers: [['x', long()]] },
    { kind: 'end', exchange: 1, clock: 1, how: 'error', bytes: 0, error: { name: long(), message: long() } },
  ].map(checkRecord);
  expect(await memoryInUse() - before).toBeLessThan(MB);
  expect(records.filter(Boolean)).toHaveLength(4);
});

/** Without the requests that are kept on purpose, so many of the last ones (limits.recentBytes), and what was read of them. */
async function memoryOf({ database }: Recording): Promise<number> {
  await write(database, async (tx) => forgetRecent(tx));
  return memoryInUse();
}

const CALLS = 8;
const SIZE = MB / 2;
const LONG = longText(SIZE);

/** Long texts wherever a row keeps some words of one. */
test.each<[what: string, request: (n: number) => string, response: string, status?: number]>([
  ['prompts and answers', (n) => asked({ role: 'system', content: `guide_of_the_city_${n}\n${LONG}` }, user(`${n}_${LONG}`)), frame({ choices: [{ index: 0, delta: { content: LONG }, finish_reason: 'stop' }] })],
  ['names and ids', (n) => JSON.stringify({ model: `${n}_${LONG}`, messages: [{ role: 'tool', tool_call_id: LONG, content: 'x' }] }), JSON.stringify({ id: LONG, model: LONG, choices: [{ index: 0, message: { role: 'assistant', tool_calls: [{ id: LONG, function: { name: LONG, arguments: LONG } }] }, finish_reason: LONG }] })],
  ['errors', (n) => asked(user(`${n}`)), JSON.stringify({ error: { type: LONG, code: LONG, message: LONG }, request_id: LONG }), 500],
])('rows of calls that are over hold no long %s', async (_, request, response, status) => {
  const recording = startRecording();
  let next = await tell(recording, pageOf(1), [opened()]);
  let before = 0;
  for (let n = 1; n <= CALLS; n++) {
    next = await tell(recording, pageOf(1), callOf(n, request(n), response, {}, status), next);
    if (n === 2) before = await memoryOf(recording); // what is made once is made
  }
  expect(await memoryOf(recording) - before).toBeLessThan((CALLS - 2) * SIZE / 3);
  expect(await recording.reader.exchange(`document-1/${CALLS}`)).toMatchObject({ end: { how: 'complete' } });
});

test('hits of the search hold no more of a text than they show', async () => {
  const recording = startRecording();
  const blob = 'abcdef0123456789'.repeat(SIZE / 16);
  let next = await tell(recording, pageOf(1), [opened()]);
  for (let n = 1; n <= CALLS; n++) next = await tell(recording, pageOf(1), callOf(n, JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }, `${n}${blob}`] }), '{}'), next);
  const before = await memoryInUse();
  const search = createSearch(recording.database);
  const hits = (await Array.fromAsync(search.hits('abcdef01'))).flat();
  await search.settled();
  expect(await memoryInUse() - before).toBeLessThan(CALLS * SIZE / 4);
  expect(hits).toHaveLength(CALLS);
});

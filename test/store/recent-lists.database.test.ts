/** What is known of the requests before one is only a cache: all is stored and read as if it were not there. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { CutRequest } from '../../lib/model/request-list.ts';
import { parseRequest } from '../../lib/providers/parse-request.ts';
import { read, write, type Database } from '../../lib/store/database.ts';
import { forgetAll } from '../../lib/store/known.ts';
import { recentLists } from '../../lib/store/recent-lists.ts';
import { putRequestBytes, requestBytesOf } from '../../lib/store/request-bodies.ts';
import { conversations, recordsOf, type Sent } from './conversations.ts';
import { opened } from './opened-database.ts';

/** So many times as many runs as in CI: `VITE_RECENT=20 npx vitest run --project database test/store/recent-lists`. */
const TIMES = Number(import.meta.env['VITE_RECENT'] ?? 1);

const STORES = ['bodies', 'chains', 'pieces'] as const;

const rowsOf = (database: Database): Promise<unknown> => read(database, STORES, async (tx) => Promise.all(STORES.map((store) => tx.objectStore(store).getAll())));

async function send(database: Database, id: string, sent: Sent, isCold = false): Promise<{ disk: number; request?: CutRequest | undefined }> {
  let offset = 0;
  let taken = 0;
  let whole: CutRequest | undefined;
  for (const parts of recordsOf(sent)) {
    const { disk, request } = await write(database, (tx) => {
      if (isCold) forgetAll(tx);
      return putRequestBytes(tx, { id, session: 's' }, sent.bytes.byteLength, offset, parts);
    });
    offset += parts.reduce((sum, part) => sum + part.byteLength, 0);
    taken += disk;
    whole = request;
  }
  return { disk: taken, request: whole };
}

test('requests of conversations, in any records: the same rows, and the same when read, as where nothing is known of those before', async () => {
  let shared = 0;
  let readTogether = 0;
  await fc.assert(fc.asyncProperty(conversations('messages'), async (sents) => {
    const [warm, cold] = [opened(), opened()];
    for (const [n, sent] of sents.entries()) {
      const told = await send(warm, `${n}`, sent);
      const { disk } = await send(cold, `${n}`, sent, true);
      expect(told.disk).toBe(disk);
      if (!told.request) throw new Error('All of it was seen');
      expect(told.request.bytes(0, told.request.size)).toEqual(sent.bytes);
      const plain = parseRequest(sent.bytes);
      // As text, which tells the order of names and shows those that are special in JavaScript.
      expect(JSON.stringify(parseRequest(told.request))).toBe(JSON.stringify(plain));
      const like = told.request.lists.flatMap((list) => list.like ?? []);
      shared += like.length;
      if (typeof plain === 'object') readTogether += like.length;
      expect(await read(warm, STORES, (tx) => requestBytesOf(tx as never, { id: `${n}`, session: 's' }))).toEqual(sent.bytes);
    }
    expect(await rowsOf(warm)).toEqual(await rowsOf(cold));
  }), { numRuns: 60 * TIMES, endOnFailure: true });
  expect(shared).toBeGreaterThan(50);
  expect(readTogether).toBeGreaterThan(50);
}, 60_000 + 10_000 * TIMES);

const said = (n: number, turns: number): Sent => ({ bytes: new TextEncoder().encode(JSON.stringify({ messages: Array.from({ length: turns }, (_, i) => ({ role: 'user', content: `conversation ${n}, turn ${i} ${'and so on '.repeat(8)}` })) })), cuts: [] });

test('of a conversation its latest list is known, of several each, and no more than a bounded number', async () => {
  const database = opened();
  const kept = (): Promise<number[]> => read(database, STORES, async (tx) => recentLists(tx, 's').map(({ ends }) => ends.length));
  for (let turns = 2; turns < 9; turns++) for (const n of [1, 2]) await send(database, `${n} ${turns}`, said(n, turns));
  expect(await kept()).toEqual([8, 8]);
  await send(database, 'once more', said(1, 8));
  expect(await kept()).toEqual([8, 8]);
  for (const n of [1, 2, 3]) await send(database, `alone ${n}`, said(0, 1));
  expect(await kept()).toEqual([1, 8, 8]);
  for (let n = 3; n < limits.recentLists + 9; n++) await send(database, `${n}`, said(n, 2));
  expect((await kept()).length).toBe(limits.recentLists);
  await send(database, 'large', { ...said(1, 1), bytes: new TextEncoder().encode(JSON.stringify({ messages: ['x'.repeat(limits.recentBytes), 'y'] })) });
  expect(await kept()).toEqual([]);
});

test('what a transaction would have stored that failed is not known', async () => {
  const database = opened();
  const { bytes } = said(1, 3);
  await expect(write(database, async (tx) => {
    await putRequestBytes(tx, { id: 'lost', session: 's' }, bytes.byteLength, 0, [bytes]);
    throw new Error('fails');
  })).rejects.toThrow('fails');
  const grown = said(1, 4);
  await send(database, 'next', grown);
  expect(await read(database, STORES, (tx) => requestBytesOf(tx as never, { id: 'next', session: 's' }))).toEqual(grown.bytes);
});

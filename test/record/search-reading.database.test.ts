/** What a search reads again: rows in which texts lie together, owners it knows from before. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { write } from '../../lib/store/database.ts';
import { createSearch, type Search, type SearchHit } from '../../lib/store/search/search.ts';
import { asked, assistant, batchOf, call, opened, pageOf, streamed, user } from './page.ts';
import { startRecording, type Recording } from './recording.ts';

const hitsOf = async (search: Search, query: string): Promise<SearchHit[]> => (await Array.fromAsync(search.hits(query))).flat();

async function recorded(...records: PageRecord[]): Promise<Recording> {
  const recording = startRecording();
  const page = pageOf(1);
  await recording.recorder.take(batchOf(page, 0, [opened(), ...records]), page.sender);
  return recording;
}

/** One request that brings more than lies in one row. */
const history = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? user : assistant)(`Message ${i} of the keeper's log`));

test('a search that is left while it tells its hits stops there', async () => {
  const { database } = await recorded(...call(1, { request: asked(...history), pieces: streamed(['Noted.']) }));
  const leave = new AbortController();
  const hits = createSearch(database).hits('keeper', {}, leave.signal);
  expect((await hits.next()).value).not.toEqual([]);
  leave.abort();
  await expect(hits.next()).rejects.toThrow('abort');
});

test('of a request that brought many messages each is found, in whichever row it lies, also where the first of them are gone', async () => {
  const [first, ...others] = history;
  const recording = await recorded(...call(1, { request: asked(...history), pieces: streamed(['Noted.']) }), ...call(2, { request: asked(...others), pieces: streamed(['Again.']) }));
  const numbers = async (): Promise<number[]> => {
    const found: number[] = [];
    // Nothing is in memory.
    for (const n of history.keys()) if ((await hitsOf(createSearch(recording.database), `message ${n} of`)).length > 0) found.push(n);
    return found;
  };
  expect(await numbers()).toEqual([...history.keys()]);
  const [oldest] = await hitsOf(createSearch(recording.database), 'message 0 of');
  expect([first, oldest?.exchange]).toEqual([history[0], 'document-1/1']);
  await recording.recorder.command({ type: 'delete_trace', session: recording.session(), traceId: oldest?.traceId });
  expect(await numbers()).toEqual([...history.keys()].slice(1));
});

test('a hit tells the trace as it is now, whatever an earlier search read of it', async () => {
  const { database, session } = await recorded(...call(1, { request: asked(user('Weather in Lisbon?')), pieces: streamed(['Sunny.']) }));
  const search = createSearch(database);
  const titles = async (): Promise<unknown[]> => (await hitsOf(search, 'lisbon')).map(({ title }) => title);
  const before = new Set(await titles());
  expect(before.size).toBe(1);
  await write(database, async (tx) => {
    const [trace, row] = await Promise.all([tx.objectStore('traces').getAll().then(([first]) => first), tx.objectStore('sessions').get(session())]);
    if (!trace || !row) return;
    await tx.objectStore('traces').put({ ...trace, title: { ...trace.title, value: 'Another title' }, rev: row.rev + 1 });
    await tx.objectStore('sessions').put({ ...row, rev: row.rev + 1 });
  });
  expect(new Set(await titles())).toEqual(new Set(['Another title']));
});

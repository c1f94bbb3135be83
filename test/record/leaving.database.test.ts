import { expect, test, vi } from 'vitest';
import { bareRescueKey, encodeRescue, rescueKey } from '../../lib/wire/rescue.ts';
import type { ChunkRecord, PageRecord } from '../../lib/model/record.ts';
import { asked, batchOf, bytesOf, call, chunk, end, head, leave, opened, pageOf, start, streamed, user, type Page } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const PATIENCE = { timeout: 20_000 };
const page = pageOf(1);

function leaveBehind({ shelf }: Recording, { relay }: Page, first: number, records: PageRecord[]): void {
  shelf.set(rescueKey(relay), JSON.parse(JSON.stringify(encodeRescue({ relay, at: 60_000, first, records }))));
}

test('a page that leaves ends its running calls at that moment', async () => {
  const { recorder, reader, session, database } = startRecording();
  await recorder.take(batchOf(page, 0, [opened(), ...call(1, { request: asked(user('a')), pieces: streamed(['done']) }), start(2), head(2), chunk(2, 0, bytesOf('data: ')), leave()]), page.sender);
  expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'complete' } });
  expect(await reader.exchange('document-1/2')).toMatchObject({ end: { how: 'page_left', atMs: 20_000 - 1_200 } });
  expect(await reader.documents(session())).toMatchObject([{ leftMs: 50_000 }]);
  expect((await reader.spans(session())).map(({ endCause }) => endCause).toSorted()).toEqual(['complete', 'page_left']);
  expect((await everything(database)).live).toEqual([]);
});

test('an error answer whose body nobody reads has ended, with the error as its outcome, before and after the page leaves', async () => {
  const { recorder, reader, session } = startRecording();
  const refused = { endMs: 10_100 + 50, status: 'error', httpStatus: 503, endCause: 'complete' };
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1, 503)]), page.sender);
  expect(await reader.spans(session())).toMatchObject([refused]);
  await recorder.take(batchOf(page, 3, [leave()]), page.sender);
  expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'page_left' } });
  expect(await reader.spans(session())).toMatchObject([refused]);
});

test('a page that comes back goes on; an end that arrives late is the true one', async () => {
  const recording = startRecording();
  const { recorder, reader, session } = recording;
  const [role = '', ...words] = streamed(['One ', 'two ', 'three']).map(bytesOf);
  const all = [role, ...words].map((bytes) => typeof bytes === 'string' ? bytesOf(bytes) : bytes);
  const size = (upTo: number): number => all.slice(0, upTo).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const part = (i: number): PageRecord => chunk(1, size(i), all[i] ?? bytesOf(''));
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1), part(0), part(1), start(2), leave()]), page.sender);
  expect(await reader.live('document-1/1')).toEqual([]);
  // Back from the cache, the stream goes on: what was said before is there again.
  await recorder.take(batchOf(page, 7, [part(2)]), page.sender);
  expect(await reader.exchange('document-1/1')).not.toHaveProperty('end');
  expect((await reader.live('document-1/1')).map(({ text }) => text).join('')).toBe('One two ');
  expect((await reader.documents(session()))[0]).not.toHaveProperty('leftMs');
  await recorder.take(batchOf(page, 8, [part(3), end(1, size(4)), end(2, 0, 'aborted')]), page.sender);
  expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'complete' }, response: { missing: 0 } });
  expect(await reader.exchange('document-1/2')).toMatchObject({ end: { how: 'aborted' } });
  expect(await reader.live('document-1/1')).toEqual([]);
});

test('requests that break because the page is left were not cut by the network', async () => {
  const { recorder, reader } = startRecording();
  const cut = { ...end(1, 5, 'cut'), error: { name: 'TypeError', message: 'network error' } } as PageRecord;
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc')), leave(), cut]), page.sender);
  const exchange = await reader.exchange('document-1/1');
  expect(exchange).toMatchObject({ end: { how: 'page_left' }, response: { read: 5, stored: 3, missing: 2 } });
  expect(exchange?.end?.error).toBeUndefined();
});

test('what a leaving page could not send is stored at the next start, once, before any batch', async () => {
  const recording = startRecording();
  const records = [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc')), chunk(1, 3, bytesOf('def')), leave()];
  await recording.recorder.take(batchOf(page, 0, records.slice(0, 4)), page.sender);
  leaveBehind(recording, page, 3, records.slice(3));
  recording.restart();
  // The message that was under way arrives all the same.
  await recording.recorder.take(batchOf(page, 3, records.slice(3)), page.sender);
  expect(await recording.reader.exchange('document-1/1')).toMatchObject({ response: { read: 6, stored: 6, missing: 0 }, end: { how: 'page_left' } });
  expect(recording.shelf.size).toBe(0);
  expect((await everything(recording.database)).segments.map(({ offset }) => offset)).toEqual([0, 3]);
});

test('of the two rescues a page leaves behind the one with the bytes counts', async () => {
  const recording = startRecording();
  const records = [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc')), leave()];
  await recording.recorder.take(batchOf(page, 0, records.slice(0, 3)), page.sender);
  const { bytes: _, ...bare } = records[3] as ChunkRecord;
  recording.shelf.set(bareRescueKey(page.relay), encodeRescue({ relay: page.relay, at: 60_000, first: 3, records: [bare, leave()] }));
  leaveBehind(recording, page, 3, records.slice(3));
  recording.restart();
  await vi.waitFor(() => expect(recording.shelf.size).toBe(0), PATIENCE);
  expect(await recording.reader.exchange('document-1/1')).toMatchObject({ response: { read: 3, stored: 3, missing: 0 } });
});

test('a page nobody had heard of: its own message tells the tab, else its rescue stands without one', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const recording = startRecording();
    const records = [opened(), ...call(1, { request: asked(user('a')), pieces: streamed(['b']) }), leave()];
    leaveBehind(recording, page, 0, records);
    const other = pageOf(2);
    leaveBehind(recording, other, 0, records);
    recording.restart();
    await recording.recorder.take(batchOf(page, 0, records.slice(0, 1)), page.sender);
    vi.advanceTimersByTime(2_000);
    await vi.waitFor(() => expect(recording.shelf.size).toBe(0), PATIENCE);
    const { documents, exchanges } = await everything(recording.database);
    expect(documents.map(({ documentId, tabId }) => [documentId, tabId])).toEqual([['document-1', 1], [`lost-${other.relay}`, -1]]);
    expect(exchanges).toMatchObject([{ documentId: 'document-1', end: { how: 'complete' } }, { documentId: `lost-${other.relay}` }]);
    // Its message comes late: it is the same document, nothing doubles.
    await recording.recorder.take(batchOf(other, 0, records), other.sender);
    expect((await everything(recording.database)).exchanges).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

test('garbage among the rescues is thrown away', async () => {
  const recording = startRecording();
  recording.shelf.set('rescue:x', { records: 'no' }).set('rescue:y', null);
  await recording.recorder.rescued();
  expect(recording.shelf.size).toBe(0);
  expect((await everything(recording.database)).documents).toEqual([]);
});

test('a closed tab ends what ran in it, after what its pages left behind', async () => {
  const recording = startRecording();
  const { recorder, reader, clock } = recording;
  const inFrame = { ...pageOf(2), sender: { documentId: 'document-2', tabId: 1, frameId: 7 } };
  const elsewhere = pageOf(3, 2);
  for (const each of [page, inFrame, elsewhere]) await recorder.take(batchOf(each, 0, [opened(), start(1), head(1)]), each.sender);
  leaveBehind(recording, page, 3, [chunk(1, 0, bytesOf('xyz')), end(1, 3)]);
  clock.now = 12_100;
  await recorder.tabClosed(1);
  expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'complete' }, response: { stored: 3 } });
  expect(await reader.exchange('document-2/1')).toMatchObject({ end: { how: 'page_left', atMs: 2_000 } });
  expect(await reader.exchange('document-3/1')).not.toHaveProperty('end');
  expect((await reader.sessions()).map(({ tabId, closedMs }) => [tabId, closedMs]).toSorted()).toEqual([[1, 12_100], [2, undefined]]);
});

test('documents that do not answer any more have left; after an update their recorder is gone, where the tab is still there', async () => {
  const recording = startRecording();
  const { recorder, reader, alive, closedTabs, session } = recording;
  const pages = [1, 2, 3, 4].map((n) => pageOf(n, n));
  for (const each of pages) await recorder.take(batchOf(each, 0, [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc'))]), each.sender);
  alive.add('document-1');
  closedTabs.add(4);
  await recorder.settle({ tabId: 2 }, 'page_left');
  await recorder.settle('running', 'recorder_gone');
  expect(await reader.exchange('document-1/1')).not.toHaveProperty('end');
  expect(await reader.exchange('document-2/1')).toMatchObject({ end: { how: 'page_left', atMs: 60 } });
  expect(await reader.exchange('document-3/1')).toMatchObject({ end: { how: 'recorder_gone' } });
  expect(await reader.exchange('document-4/1')).toMatchObject({ end: { how: 'page_left' } });
  // The page whose recorder is gone is still open: the panel is told so.
  alive.clear();
  expect(await recorder.command({ type: 'status', tabId: 3 })).toEqual({ ok: true, value: { session: session(3), paused: false, watching: false, orphaned: true } });
  expect(await recorder.command({ type: 'status', tabId: 2 })).toMatchObject({ value: { orphaned: false } });
});

test('a new page in the tab shows that the one before it has left', async () => {
  const recording = startRecording();
  const { recorder, reader } = recording;
  await recorder.take(batchOf(page, 0, [opened(), start(1)]), page.sender);
  const next = pageOf(2);
  recording.alive.add('document-2');
  await recorder.take(batchOf(next, 0, [opened(), start(1)]), next.sender);
  await vi.waitFor(async () => expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'page_left' } }), PATIENCE);
  expect(await reader.exchange('document-2/1')).not.toHaveProperty('end');
});

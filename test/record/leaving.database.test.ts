import { expect, test, vi } from 'vitest';
import { sessionIdOf } from '../../lib/record/tab-session.ts';
import { bareRescueKey, encodeRescue, rescueKey } from '../../lib/wire/rescue.ts';
import type { PageRecord } from '../../lib/model/record.ts';
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

test('a document that told its last while it was asked whether it lives is asked again: its call does not run for ever', async () => {
  const { recorder, reader } = startRecording();
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1), chunk(1, 0, bytesOf('data'))]), page.sender);
  const settling = recorder.settle('recorder_gone');
  await recorder.take(batchOf(page, 4, [chunk(1, 4, bytesOf(': {}'))]), page.sender);
  await settling;
  expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'recorder_gone' }, response: { stored: 8 } });
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

/** `abc`, then `def`, and the page is left. */
const said = [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc')), chunk(1, 3, bytesOf('def')), leave()];

/** The same without any bytes, as its bare twin has it. */
const sizes = (records: PageRecord[]): PageRecord[] => records.map((record) => record.kind === 'chunk' ? { ...record, bytes: undefined } : record);

test('of the two rescues a page leaves behind the one with the bytes counts, whichever is seen first', async () => {
  for (const first of ['bare', 'whole']) {
    const recording = startRecording();
    const { recorder, reader, shelf, clock } = recording;
    clock.now = 60_100;
    await recorder.take(batchOf(page, 0, said.slice(0, 3)), page.sender);
    const put = { bare: () => void shelf.set(bareRescueKey(page.relay), encodeRescue({ relay: page.relay, at: 60_000, first: 3, records: sizes(said.slice(3)) })), whole: () => leaveBehind(recording, page, 3, said.slice(3)) };
    for (const twin of first === 'bare' ? ['bare', 'whole'] as const : ['whole', 'bare'] as const) {
      put[twin]();
      await recorder.rescued();
    }
    expect(await reader.exchange('document-1/1')).toMatchObject({ response: { read: 6, stored: 6, missing: 0 }, end: { how: 'page_left' } });
    expect(shelf.size).toBe(2);
    clock.now = 62_000;
    await recorder.rescued();
    expect(shelf.size).toBe(0);
    expect(await reader.exchange('document-1/1')).toMatchObject({ response: { read: 6, stored: 6, missing: 0 }, end: { how: 'page_left' } });
  }
});

test('a rescue written again while it was read is not thrown away unread', async () => {
  const recording = startRecording();
  const { recorder, reader, clock } = recording;
  clock.now = 60_000;
  leaveBehind(recording, page, 0, said.slice(0, 4));
  await recorder.take(batchOf(page, 0, said.slice(0, 1)), page.sender);
  await recorder.rescued();
  leaveBehind(recording, page, 0, said); // in the same millisecond
  clock.now = 62_000;
  await recorder.rescued();
  expect(await reader.exchange('document-1/1')).toMatchObject({ response: { read: 6, stored: 6 }, end: { how: 'page_left' } });
});

test('what did not fit into a rescue counts as missing only when no message can bring it any more', async () => {
  const recording = startRecording();
  const { recorder, reader, shelf, clock } = recording;
  clock.now = 60_100;
  await recorder.take(batchOf(page, 0, said.slice(0, 3)), page.sender);
  const cut = [...said.slice(3, 4), ...sizes(said.slice(4))];
  leaveBehind(recording, page, 3, cut);
  await recorder.rescued();
  expect(await reader.exchange('document-1/1')).toMatchObject({ response: { read: 3, stored: 3, missing: 0 } });
  await recorder.take(batchOf(page, 3, said.slice(3)), page.sender); // was under way
  clock.now = 62_000;
  await recorder.rescued();
  expect(await reader.exchange('document-1/1')).toMatchObject({ response: { read: 6, stored: 6, missing: 0 }, end: { how: 'page_left' } });

  const silent = pageOf(2);
  await recorder.take(batchOf(silent, 0, said.slice(0, 3)), silent.sender);
  leaveBehind(recording, silent, 3, cut);
  await recorder.rescued();
  expect(await reader.exchange('document-2/1')).toMatchObject({ response: { read: 6, stored: 3, missing: 3 }, end: { how: 'page_left' } });
  expect(shelf.size).toBe(0);
});

test('what a page left behind is taken once its time has come, though nothing wakes the worker again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const recording = startRecording();
    recording.clock.now = 60_000;
    leaveBehind(recording, page, 0, [...said.slice(0, 4), ...sizes(said.slice(4))]);
    await recording.recorder.take(batchOf(page, 0, said.slice(0, 1)), page.sender);
    await recording.recorder.rescued();
    expect(recording.shelf.size).toBe(1);
    recording.clock.now = 62_000;
    vi.advanceTimersByTime(2_000);
    await vi.waitFor(() => expect(recording.shelf.size).toBe(0), PATIENCE);
    expect(await recording.reader.exchange('document-1/1')).toMatchObject({ response: { stored: 3, missing: 3 }, end: { how: 'page_left' } });
  } finally {
    vi.useRealTimers();
  }
});

test('clear takes what a page has just left behind with it, off the shelf as well', async () => {
  const recording = startRecording();
  const { recorder, shelf, clock, session, database } = recording;
  clock.now = 60_100;
  await recorder.take(batchOf(page, 0, said.slice(0, 3)), page.sender);
  leaveBehind(recording, page, 3, [...said.slice(3, 4), ...sizes(said.slice(4))]);
  await recorder.command({ type: 'clear', session: session() });
  expect(shelf.size).toBe(0);
  const { exchanges, documents } = await everything(database);
  expect([exchanges, documents]).toEqual([[], []]);
});

test('a rescue too small for the word of leaving ends the calls of its page all the same', async () => {
  const recording = startRecording();
  const { recorder, reader, session } = recording;
  await recorder.take(batchOf(page, 0, said.slice(0, 3)), page.sender);
  leaveBehind(recording, page, 3, said.slice(3, 4));
  await recorder.rescued();
  expect(await reader.exchange('document-1/1')).toMatchObject({ response: { stored: 3 }, end: { how: 'page_left', atMs: 60_000 - 10_100 } });
  expect(await reader.documents(session())).toMatchObject([{ leftMs: 60_000 }]);
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
  const { reader, alive, closedTabs } = recording;
  const pages = [1, 2, 3, 4].map((n) => pageOf(n, n));
  for (const each of pages) await recording.recorder.take(batchOf(each, 0, [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc'))]), each.sender);
  for (const each of ['document-1', 'document-3', 'document-4']) alive.add(each);
  await recording.recorder.woke();
  alive.delete('document-3');
  alive.delete('document-4');
  closedTabs.add(4);
  recording.restart('run-2');
  await recording.recorder.woke();
  expect(await reader.exchange('document-1/1')).not.toHaveProperty('end');
  expect(await reader.exchange('document-2/1')).toMatchObject({ end: { how: 'page_left', atMs: 60 } });
  expect(await reader.exchange('document-3/1')).toMatchObject({ end: { how: 'recorder_gone' } });
  expect(await reader.exchange('document-4/1')).toMatchObject({ end: { how: 'page_left' } });
  // The page whose recorder is gone is still open: the panel is told so.
  alive.clear();
  expect(await recording.recorder.command({ type: 'status', tabId: 3 })).toEqual({ ok: true, value: { session: sessionIdOf('run-2', 3), paused: false, watching: false, orphaned: true } });
  expect(await recording.recorder.command({ type: 'status', tabId: 2 })).toMatchObject({ value: { orphaned: false } });
});

test('a worker that was killed when it was told that a tab closed finds out when it wakes', async () => {
  const recording = startRecording();
  const { reader, alive, closedTabs, clock, session } = recording;
  const pages = [1, 2, 3].map((n) => pageOf(n, n));
  for (const each of pages) await recording.recorder.take(batchOf(each, 0, [opened(), ...call(1, { request: asked(user('a')), pieces: streamed(['done']) }), start(2), head(2), ...each === page ? [end(2, 0)] : []]), each.sender);
  for (const each of ['document-1', 'document-2', 'document-3']) alive.add(each);
  for (const tab of [1, 2]) {
    alive.delete(`document-${tab}`);
    closedTabs.add(tab);
  }
  clock.now = 200_000;
  recording.restart();
  await recording.recorder.woke();
  // Without a running call as well, else its session would count as an open page's for ever.
  for (const tab of [1, 2]) expect(await reader.documents(session(tab))).toMatchObject([{ leftMs: 200_000 }]);
  expect((await everything(recording.database)).documents.map(({ here }) => here)).toEqual([undefined, undefined, 3]);
  expect((await reader.sessions()).map(({ tabId, closedMs }) => [tabId, closedMs]).toSorted()).toEqual([[1, 200_000], [2, 200_000], [3, undefined]]);
  expect(await reader.exchange('document-2/2')).toMatchObject({ end: { how: 'page_left', atMs: 50 } });
  expect(await reader.exchange('document-3/2')).not.toHaveProperty('end');
});

test('of a page that crashed nobody tells: its calls end when somebody looks', async () => {
  const { recorder, reader, alive } = startRecording();
  for (const each of [page, pageOf(2, 2)]) await recorder.take(batchOf(each, 0, [opened(), start(1), head(1), chunk(1, 0, bytesOf('abc'))]), each.sender);
  alive.add('document-2');
  expect(await recorder.command({ type: 'status', tabId: 2 })).toMatchObject({ ok: true });
  await vi.waitFor(async () => expect(await reader.exchange('document-1/1')).toMatchObject({ end: { how: 'page_left', atMs: 60 }, response: { stored: 3 } }), PATIENCE);
  expect(await reader.exchange('document-2/1')).not.toHaveProperty('end');
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

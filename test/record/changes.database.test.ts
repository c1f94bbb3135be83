import { expect, test, vi } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { ChangeNote } from '../../lib/model/session.ts';
import type { OutlineSpan } from '../../lib/model/span.ts';
import type { TraceRow } from '../../lib/model/trace.ts';
import { createNotes } from '../../lib/record/notes.ts';
import { onChange, openAnnouncer } from '../../lib/store/changes.ts';
import { spansIn } from '../../lib/store/spans.ts';
import { asked, askingTool, batchOf, bytesOf, call, chunk, head, opened, pageOf, start, streamed, toolResult, user, usingTool } from './page.ts';
import { everything, startRecording } from './recording.ts';
import { plainSpans } from '../store/plain-spans.ts';

const PATIENCE = { timeout: 20_000 };
const page = pageOf(1);
const oslo = ['call_oslo', 'get_weather', '{"city":"Oslo"}'] as const;
const loop = [
  opened(), ...call(1, { request: asked(user('Weather?')), pieces: askingTool(...oslo) }),
  ...call(2, { request: asked(user('Weather?'), usingTool(...oslo), toolResult('call_oslo', 'Snow')), pieces: streamed(['It ', 'snows.']) }),
  ...call(3, { request: asked(user('Thanks')), pieces: streamed(['Welcome.']) }),
];

test('a reader that asks for traces and spans above the rev it knows has every one in its last form, whenever it asks', async () => {
  const { recorder, reader, session, database } = startRecording();
  const rows = new Map<string, TraceRow>();
  const opened = new Map<string, OutlineSpan[]>();
  let known = 0;
  const follow = async (): Promise<void> => {
    const now = await reader.session(session());
    if ((now?.removedRev ?? 0) > known) {
      known = 0; // trees joined
      rows.clear();
      opened.clear();
    }
    for (const row of await reader.traces(session(), { sinceRev: known, limit: 1_000 })) {
      expect(row.rev).toBeGreaterThan(known);
      rows.set(row.traceId, row);
      const outline = await reader.outline(session(), row.traceId, { sinceRev: known });
      if (outline) opened.set(row.traceId, outline.blocks.flatMap(({ spans }) => plainSpans(spans)));
    }
    known = now?.rev ?? 0;
  };
  const revs: number[] = [];
  for (const [i, record] of loop.entries()) {
    const taking = recorder.take(batchOf(page, i, [record]), page.sender);
    if (i % 3 === 0) await follow(); // in the middle of it
    await taking;
    if (i % 4 === 0) await follow();
    revs.push((await reader.session(session()))?.rev ?? 0);
  }
  await follow();
  expect(revs).toEqual(revs.toSorted((a, b) => a - b));
  const { traces, spans: stored } = await everything(database);
  const spans = stored.flatMap(spansIn);
  expect([...rows.values()].toSorted((a, b) => a.traceId < b.traceId ? -1 : 1)).toEqual(traces);
  expect([...opened.values()].flat().map(({ spanId, rev }) => [spanId, rev]).toSorted()).toEqual(spans.map(({ spanId, rev }) => [spanId, rev]).toSorted());
  expect([rows.size, spans.length]).toEqual([2, 5]);
});

test('a chunk that changes no row writes no span row', async () => {
  const { recorder, reader, session } = startRecording();
  const long = streamed(['x'.repeat(200), 'y', 'z']).map(bytesOf);
  let offset = 0;
  let seq = 3;
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1)]), page.sender);
  const revs: number[] = [];
  for (const bytes of long) {
    await recorder.take(batchOf(page, seq++, [chunk(1, offset, bytes)]), page.sender);
    offset += bytes.byteLength;
    revs.push((await reader.spans(session()))[0]?.rev ?? 0);
  }
  expect(revs[3]).toBe(revs[2]);
  expect((await reader.session(session()))?.rev).toBeGreaterThan(revs[3] ?? 0);
});

test('the text of a running call grows piece by piece and is gone when it ends', async () => {
  const { recorder, reader } = startRecording();
  const records = call(1, { request: asked(user('Count')), pieces: streamed(['One ', 'two ', 'three']) });
  const texts: string[] = [];
  let next = 0;
  for (const [i, record] of records.entries()) {
    await recorder.take(batchOf(page, i, [record]), page.sender);
    const pieces = await reader.live('document-1/1', next);
    next = Math.max(next, ...pieces.map(({ n }) => n + 1));
    texts.push(...pieces.map(({ text }) => text));
  }
  expect(texts).toEqual(['One ', 'two ', 'three']);
  expect(await reader.live('document-1/1')).toEqual([]);
});

test('a note tells of the first change at once, then of the last one after a while, and of no other', () => {
  vi.useFakeTimers();
  try {
    const heard: ChangeNote[] = [];
    const note = createNotes((told) => void heard.push(told));
    for (const rev of [1, 2, 3]) note({ session: 'a', rev });
    note({ session: 'b', rev: 9 });
    expect(heard).toEqual([{ session: 'a', rev: 1 }, { session: 'b', rev: 9 }]);
    vi.advanceTimersByTime(limits.noteMs);
    expect(heard.slice(2)).toEqual([{ session: 'a', rev: 3 }]);
    note({ session: 'a', rev: 4 });
    expect(heard).toHaveLength(3);
    vi.advanceTimersByTime(5 * limits.noteMs);
    expect(heard.slice(3)).toEqual([{ session: 'a', rev: 4 }]);
    note({ session: 'a', rev: 5 });
    expect(heard.at(-1)).toEqual({ session: 'a', rev: 5 });
  } finally {
    vi.useRealTimers();
  }
});

test('notes reach a listener until it stops to listen', async () => {
  const announcer = openAnnouncer('test-notes');
  const [stopping, staying] = [new AbortController(), new AbortController()];
  const [short, whole]: [number[], number[]] = [[], []];
  onChange(({ rev }) => void short.push(rev), stopping.signal, 'test-notes');
  onChange(({ rev }) => void whole.push(rev), staying.signal, 'test-notes');
  announcer.announce({ session: 'a', rev: 1 });
  await vi.waitFor(() => expect([short, whole]).toEqual([[1], [1]]), PATIENCE);
  stopping.abort();
  announcer.announce({ session: 'a', rev: 2 });
  await vi.waitFor(() => expect(whole).toEqual([1, 2]), PATIENCE);
  expect(short).toEqual([1]);
  staying.abort();
  announcer.close();
});

/** What one tab can have stored and kept in memory, however many frames it makes. */
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord } from '../../lib/model/record.ts';
import type { TabSession } from '../../lib/model/session.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { createFolds, feed } from '../../lib/record/folds.ts';
import { write } from '../../lib/store/database.ts';
import { knownOf } from '../../lib/store/known.ts';
import type { DocumentRow, ExchangeRow } from '../../lib/store/schema.ts';
import { putSpans } from '../../lib/store/spans.ts';
import { foldedBytes } from '../../lib/trace/fold.ts';
import { asked, batchOf, bytesOf, call, chunk, end, frame, head, leave, opened, pageOf, start, streamed, user, type Page } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const frameOf = (n: number): Page => ({ ...pageOf(n), sender: { documentId: `document-${n}`, tabId: 1, frameId: n, framed: true } });

async function changeSession({ database, session, reader }: Recording, change: Partial<TabSession>): Promise<void> {
  const row = await reader.session(session());
  await write(database, async (tx) => tx.objectStore('sessions').put({ ...row as TabSession, ...change }));
}

/** As many documents in the tab as it may have, but for `room`; each like the first. */
async function crowd({ database }: Recording, room: number, change: Partial<DocumentRow> = {}): Promise<void> {
  const { documents: [first] } = await everything(database);
  await write(database, async (tx) => {
    for (let n = 1; n < limits.sessionDocuments - room; n++) await tx.objectStore('documents').put({ ...first as DocumentRow, documentId: `crowd-${n}`, relay: `${n}`, frameId: n, ...change });
  });
}

test('a tab has a quota of bytes, in whatever many documents; past it they are counted', async () => {
  const recording = startRecording();
  const { recorder, reader, session } = recording;
  await recorder.take(batchOf(page, 0, [opened()]), page.sender);
  await changeSession(recording, { bytes: limits.sessionBytes - 10 });
  for (const [n, stored] of [[2, 10], [3, 0]] as const) {
    const { sender } = frameOf(n);
    await recorder.take(batchOf(frameOf(n), 0, [opened(), start(1), chunk(1, 0, bytesOf('x'.repeat(100))), end(1, 100)]), sender);
    expect(await reader.exchange(`document-${n}/1`)).toMatchObject({ response: { read: 100, stored, missing: 100 - stored }, end: { how: 'complete' } });
  }
  expect((await reader.spans(session())).map(({ missingBytes }) => missingBytes).toSorted()).toEqual([100, 90]);
  expect(await reader.session(session())).toMatchObject({ bytes: limits.sessionBytes });
});

test('a document has a quota of bytes of its own, past which another in the tab is stored still', async () => {
  const recording = startRecording();
  const { recorder, reader, database } = recording;
  await recorder.take(batchOf(page, 0, [opened()]), page.sender);
  const { documents: [row] } = await everything(database);
  await write(database, async (tx) => tx.objectStore('documents').put({ ...row as DocumentRow, bytes: limits.documentBytes - 10 }));
  const said = [start(1), chunk(1, 0, bytesOf('x'.repeat(100))), end(1, 100)];
  await recorder.take(batchOf(page, 1, said), page.sender);
  await recorder.take(batchOf(frameOf(2), 0, [opened(), ...said]), frameOf(2).sender);
  expect((await reader.exchange('document-1/1'))?.response).toMatchObject({ read: 100, stored: 10, missing: 90 });
  expect((await reader.exchange('document-2/1'))?.response).toMatchObject({ read: 100, stored: 100, missing: 0 });
  expect((await everything(database)).documents[0]).toMatchObject({ bytes: limits.documentBytes });
});

test('a document has a number of calls of its own, past which another in the tab is recorded still', async () => {
  const { recorder, reader, database, session } = startRecording();
  await recorder.take(batchOf(page, 0, [opened()]), page.sender);
  const { documents: [row] } = await everything(database);
  await write(database, async (tx) => tx.objectStore('documents').put({ ...row as DocumentRow, exchanges: limits.documentExchanges - 1 }));
  await recorder.take(batchOf(page, 1, [start(1), start(2)]), page.sender);
  await recorder.take(batchOf(frameOf(2), 0, [opened(), start(1)]), frameOf(2).sender);
  expect((await everything(database)).exchanges.map(({ id }) => id)).toEqual(['document-1/1', 'document-2/1']);
  expect(await reader.session(session())).toMatchObject({ unrecorded: 1 });
});

test('calls past what a tab, a document or a moment may have are counted, once, until it is cleared', async () => {
  const recording = startRecording();
  const { recorder, reader, session } = recording;
  const unrecorded = async (): Promise<unknown> => (await reader.session(session()))?.unrecorded;
  const many: PageRecord[] = [opened(), ...Array.from({ length: limits.openExchanges + 3 }, (_, i) => start(i + 1))];
  for (const at of [0, 250, 0]) await recorder.take(batchOf(page, at, many.slice(at, at + 300)), page.sender);
  expect(await unrecorded()).toBe(3);
  await changeSession(recording, { exchanges: limits.sessionExchanges });
  const said = [opened(), ...call(1, { request: asked(user('one more')), pieces: streamed(['x']) })];
  await recorder.take(batchOf(frameOf(2), 0, said), frameOf(2).sender);
  expect(await unrecorded()).toBe(4);
  expect(await reader.exchange('document-2/1')).toBeUndefined();
  await recorder.command({ type: 'clear', session: session() });
  expect(await reader.session(session())).toMatchObject({ unrecorded: 0, exchanges: 0, bytes: 0 });
  await recorder.take(batchOf(frameOf(2), said.length, [start(2, { at: 200_000 })]), frameOf(2).sender);
  expect(await reader.session(session())).toMatchObject({ unrecorded: 0, exchanges: 1 });
});

test('a tab has a bounded number of documents: further ones are answered, their calls only counted, and those of another tab recorded', async () => {
  const recording = startRecording();
  const { recorder, reader, session, database } = recording;
  await recorder.take(batchOf(page, 0, [opened(), start(1)]), page.sender);
  await crowd(recording, 1);
  const said = [opened(), ...call(1, { request: asked(user('hello')), pieces: streamed(['x']) })];
  for (const n of [2, 3, 4]) {
    expect(await recorder.take(batchOf(frameOf(n), 0, said), frameOf(n).sender)).toMatchObject({ next: said.length });
    expect(await recorder.take(batchOf(frameOf(n), said.length, [start(2)]), frameOf(n).sender)).toMatchObject({ next: said.length + 1 });
  }
  const { documents, exchanges } = await everything(database);
  expect(documents).toHaveLength(limits.sessionDocuments);
  expect(exchanges.map(({ id }) => id)).toEqual(['document-1/1', 'document-2/1', 'document-2/2']);
  expect(await reader.session(session())).toMatchObject({ exchanges: 3, unrecorded: 4 });
  const elsewhere = pageOf(9, 2);
  await recorder.take(batchOf(elsewhere, 0, said), elsewhere.sender);
  expect(await reader.exchange('document-9/1')).toMatchObject({ end: { how: 'complete' } });
}, 60_000);

test('documents that were left without a call make room', async () => {
  const recording = startRecording();
  const { recorder, database } = recording;
  await recorder.take(batchOf(page, 0, [opened(), start(1), leave()]), page.sender);
  await crowd(recording, 0, { leftMs: 1, exchanges: 0 });
  await recorder.take(batchOf(pageOf(2), 0, [opened(), start(1)]), pageOf(2).sender);
  const { documents, exchanges } = await everything(database);
  expect(documents.map(({ documentId }) => documentId)).toEqual(['document-1', 'document-2']);
  expect(exchanges).toHaveLength(2);
}, 60_000);

test('an answer that changes between text and tool calls with every frame has bounded live pieces, and all of it in the end', async () => {
  const { recorder, reader, database } = startRecording();
  const frames = Array.from({ length: 3 * limits.livePieces }, (_, i) => frame({ choices: [{ index: 0, delta: i % 2 ? { content: 'x' } : { tool_calls: [{ index: 0, function: { arguments: '1' } }] } }] })).join('');
  const bytes = bytesOf(frames);
  const parts = Array.from({ length: Math.ceil(bytes.byteLength / limits.recordBytes) }, (_, i) => chunk(1, i * limits.recordBytes, bytes.slice(i * limits.recordBytes, (i + 1) * limits.recordBytes)));
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1), ...parts]), page.sender);
  expect((await everything(database)).live).toHaveLength(limits.livePieces);
  await recorder.take(batchOf(page, 3 + parts.length, [end(1, bytes.byteLength)]), page.sender);
  expect(await reader.exchange('document-1/1')).toMatchObject({ response: { stored: bytes.byteLength, missing: 0 }, facts: { replyPreview: 'x'.repeat(limits.previewLength - 1) + '…' } });
  expect((await everything(database)).live).toEqual([]);
});

test('what is known without asking is bounded, over all tabs; the one that floods is forgotten first', async () => {
  const { recorder, reader, database, session } = startRecording();
  const other = pageOf(2, 2);
  await recorder.take(batchOf(page, 0, [opened(), ...call(1, { request: asked(user('hello')), pieces: streamed(['x']) })]), page.sender);
  await recorder.take(batchOf(other, 0, [opened(), ...call(1, { request: asked(user('hello')), pieces: streamed(['x']) })]), other.sender);
  const [span] = await reader.spans(session());
  const tools = Array.from({ length: limits.toolCalls }, () => ({ ...span as SpanRow, label: 'l'.repeat(limits.previewLength), name: 'n'.repeat(4 * limits.nameLength) }));
  const rows = limits.knownBytes / (tools.length * 1_000);
  await write(database, async (tx) => {
    for (let n = 0; n < rows / 2; n++) putSpans(tx, { ...span as SpanRow, spanId: `s${n}`, traceId: `t${n % 50}`, tools });
  });
  const isKnown = (of: string): Promise<boolean> => write(database, async (tx) => {
    for (let n = 0; n < 10_000; n++) knownOf(tx, of);
    return knownOf(tx, of) !== undefined;
  });
  expect([await isKnown(session(2)), await isKnown(session())]).toEqual([true, true]);
  await write(database, async (tx) => {
    for (let n = 0; n < rows; n++) putSpans(tx, { ...span as SpanRow, spanId: `s${n}`, traceId: `u${n % 50}`, tools });
  });
  expect([await isKnown(session(2)), await isKnown(session())]).toEqual([true, false]);
});

test.each(['request', 'response'] as const)('a %s of which every other byte is left out lies in a bounded number of pieces; past it bytes are counted', async (side) => {
  const { recorder, reader, database } = startRecording();
  const bytes = 3 * limits.bodyGaps;
  const parts = Array.from({ length: bytes }, (_, i): PageRecord => ({ ...chunk(1, 2 * i + 1, bytesOf('x'), side), times: Float64Array.of(2_000) }) as PageRecord);
  const told = [opened(), start(1), ...parts, end(1, side === 'response' ? 2 * bytes : 0)];
  for (let at = 0; at < told.length; at += limits.messageRecords) await recorder.take(batchOf(page, at, told.slice(at, at + limits.messageRecords)), page.sender);
  const { segments, bodies } = await everything(database);
  expect(segments.length + bodies.filter(({ offset }) => offset >= 0).length).toBe(limits.bodyGaps);
  expect(await reader.exchange('document-1/1')).toMatchObject({ [side]: { read: 2 * bytes, stored: limits.bodyGaps, missing: 2 * bytes - limits.bodyGaps }, end: { how: 'complete' } });
});

test('readings in memory are bounded, in number and in the times of reads', async () => {
  const { recorder, database } = startRecording();
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1)]), page.sender);
  const [row] = (await everything(database)).exchanges as [ExchangeRow];
  const fresh = (n: number): ExchangeRow => ({ ...row, id: `document-1/${n}` });
  await write(database, async (tx) => {
    const folds = createFolds();
    const first = (await folds.of(tx, fresh(0), 0)).reading;
    const size = limits.foldReads + 1_000;
    feed(first, { offset: 0, bytes: new Uint8Array(size).fill(10), times: Float64Array.from({ length: size }, (_, i) => i), ends: Uint32Array.from({ length: size }, (_, i) => i + 1) });
    expect(first.times).toHaveLength(limits.foldReads);
    expect([first.times.at(-1), first.ends.at(-1), foldedBytes(first.fold)]).toEqual([size - 1, size, size]);
    expect((await folds.of(tx, fresh(0), size)).reading).toBe(first);
    const readings = [];
    for (let n = 1; n <= limits.folds; n++) readings.push((await folds.of(tx, fresh(n), 0)).reading);
    expect((await folds.of(tx, fresh(limits.folds), 0)).reading).toBe(readings.at(-1));
    expect((await folds.of(tx, fresh(0), size)).reading).not.toBe(first);
  });
});

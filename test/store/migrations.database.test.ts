/**
 * A database that an earlier version wrote opens with all that is in it, whatever happens on the way. When the schema changes,
 * `npx vitest run --project database test/store/migrations -u` writes the new version's file; those of earlier versions stay.
 */
import { deleteDB, openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import { DATABASE_VERSION } from '../../lib/model/versions.ts';
import { createRecorder } from '../../lib/record/recorder.ts';
import { openDatabase, write } from '../../lib/store/database.ts';
import { createReader } from '../../lib/store/reader.ts';
import { storeNames, stores } from '../../lib/store/schema.ts';
import { putTrace } from '../../lib/store/traces.ts';
import { batchOf, bytesOf, chunk, end, pageOf, streamed } from '../record/page.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { everything, meaning, startRecording, type Recording } from '../record/recording.ts';
import { putBack, recordAll, requests, written, type KeptDatabase } from './kept-database.ts';
import large from './databases/large-v7.json?raw';
import { plainSpans } from './plain-spans.ts';

const kept = import.meta.glob('./databases/v*.json', { query: '?raw', import: 'default', eager: true });
const texts = Object.entries(kept).map(([path, text]) => [Number(/v(\d+)/.exec(path)?.[1]), text as string] as const).toSorted(([a], [b]) => a - b);

const page = pageOf(1);
let databases = 0;

/** A recording over what a file holds. */
async function restored(text: string, times = 1): Promise<Recording> {
  const recording = startRecording();
  const database = openDatabase(`test-kept-${databases++}`);
  await putBack(database.name, text, times);
  onTestFinished(async () => {
    await database.close();
    await deleteDB(database.name);
  });
  const recorder = createRecorder({
    database, run: 'run-1', now: () => recording.clock.now, announce() {}, free: async () => 1e12, ping: async () => true, pingTop: async () => true, tabOpen: async () => true,
    shelf: { all: async () => ({}), get: async () => undefined, remove: async () => {} },
  });
  return { ...recording, database, reader: createReader(database), recorder };
}

test('there is a file of every version up to this one, and this one is as it is written today', async () => {
  const recording = startRecording();
  await recordAll(recording);
  await expect(await written(await recording.database.connection() as never)).toMatchFileSnapshot(`./databases/v${DATABASE_VERSION}.json`);
  expect(texts.map(([version]) => version)).toEqual(Array.from({ length: DATABASE_VERSION }, (_, i) => i + 1));
});

test('a new database has the stores, keys and indexes of the schema', async () => {
  const { database } = startRecording();
  const { stores: made } = JSON.parse(await written(await database.connection() as never)) as KeptDatabase;
  expect(Object.fromEntries(Object.entries(made).map(([name, { keyPath, indexes }]) => [name, { key: keyPath, indexes }])))
    .toEqual(Object.fromEntries(storeNames.map((name) => [name, { key: stores[name].key, indexes: stores[name].indexes }])));
});

test.each(texts)('version %i: all of it is there, goes on, and can be deleted', async (_version, text) => {
  const today = startRecording();
  await recordAll(today);
  const old = await restored(text);
  expect(await meaning(old)).toEqual(await meaning(today));
  for (const [id, request] of Object.entries(requests)) expect(new TextDecoder().decode((await old.reader.body(id, 'request')).bytes)).toBe(request);
  expect(new TextDecoder().decode(await old.reader.content('import-1', '00000000000000a1'))).toBe('{"llm.model_name":"gpt"}');

  await old.recorder.indexOld();
  for (const query of ['OSLO', 'Good morning', 'umbrella with me', 'slow down', 'another tab', 'gpt']) {
    const now = await callsWith(query, today);
    expect(now.size, query).toBeGreaterThan(0);
    // Requests that were never cut repeat what others hold.
    expect((await callsWith(query, old)).intersection(now), query).toEqual(now);
  }
  expect(await createSearch(old.database).complete()).toBe(true);

  const [first = '', ...rest] = streamed(['Some', 'thing']);
  const answer = bytesOf(rest.join(''));
  const document = (await old.reader.documents(old.session())).find(({ documentId }) => documentId === page.sender.documentId);
  await old.recorder.take(batchOf(page, document?.nextSeq ?? 0, [chunk(6, first.length, answer), end(6, first.length + answer.byteLength)]), page.sender);
  expect((await old.reader.exchange('document-1/6'))?.end).toMatchObject({ how: 'complete' });
  const spans = await old.reader.spans(old.session());
  expect(spans.find(({ exchange }) => exchange === 'document-1/6')).toMatchObject({ status: 'unset', title: 'This request was still under way when the browser ended' });

  for (const traceId of new Set(spans.map((span) => span.traceId))) await old.recorder.command({ type: 'delete_trace', session: old.session(), traceId });
  const { stores: left } = JSON.parse(await written(await old.database.connection() as never)) as KeptDatabase;
  for (const store of ['exchanges', 'segments', 'bodies', 'chains', 'pieces', 'evidence', 'live', 'signatures', 'texts'].filter((name) => name in left)) expect(JSON.stringify(left[store]?.rows), store).not.toContain('document-1');
  expect(new TextDecoder().decode((await old.reader.body('document-2/1', 'request')).bytes)).toBe(requests['document-2/1']);
});

test('an outline that version 7 packed is read as it was, and grows', async () => {
  const old = await restored(large);
  const { spans, outlines: [block] } = await everything(old.database);
  const [{ traceId = '' } = {}] = spans;
  const whatSpansSay = async (): Promise<void> => {
    const { spans } = await everything(old.database);
    const got = new Map(((await old.reader.outline('import-1', traceId))?.blocks ?? []).flatMap((block) => plainSpans(block.spans)).map((span) => [span.spanId, span]));
    expect(got.size).toBe(spans.length);
    for (const span of spans) expect(span).toMatchObject(JSON.parse(JSON.stringify(got.get(span.spanId))));
  };
  expect(spans).toHaveLength(90);
  expect(spans.find(({ exchange }) => exchange === 'of-no-document')?.statusMessage).toContain('\ud800');
  expect(Object.keys(block?.spans ?? {})).toEqual(['bytes', 'text']);
  await whatSpansSay();
  const more = spans.map((row, n) => ({ row: { ...row, spanId: n.toString(16).padStart(16, 'b') }, content: '{}' }));
  await old.recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: more } });
  await whatSpansSay();
  expect((await everything(old.database)).outlines).toHaveLength(1);
});

test('of a large trace from before there were outlines each change makes one, whole', async () => {
  const old = await restored(large);
  const [{ traceId = '' } = {}] = (await everything(old.database)).spans;
  // As version 3 leaves it.
  await write(old.database, async (tx) => {
    await tx.objectStore('outlines').clear();
    const row = await tx.objectStore('traces').get(['import-1', traceId]);
    if (row) await tx.objectStore('traces').put({ ...row, blocks: [] });
  });
  const whole = async (): Promise<number> => ((await old.reader.outline('import-1', traceId))?.blocks ?? []).flatMap((block) => plainSpans(block.spans)).length;
  expect(await whole()).toBe(90);
  await write(old.database, async (tx) => {
    const session = await tx.objectStore('sessions').get('import-1');
    const was = await tx.objectStore('spans').getAll();
    if (session) await putTrace(tx, session, traceId, { was, now: was.map((row, n) => n === 80 ? { ...row, label: 'new', rev: 9 } : row), rev: 9 });
  });
  expect(await whole()).toBe(90);
  expect((await everything(old.database)).outlines).toHaveLength(1);
});

test.each(texts.slice(0, -1))('version %i: killed in the middle of the upgrade, again and again, it is what it was, and the next start makes it', async (version, text) => {
  const recording = await restored(text, 100);
  const { name } = recording.database;
  let kills = 0;
  for (const afterMs of [0, 0, 1, 2, 5, 10, 20, 40, 80]) {
    const held = await openDB(name);
    if (held.version !== version) {
      held.close(); // it was done before the kill
      break;
    }
    const worker = new Worker(new URL('../record/recorder-worker.ts', import.meta.url), { type: 'module' });
    // An upgrade begins when the last who has the old version open lets go.
    const began = new Promise<void>((resolve) => {
      held.addEventListener('versionchange', () => {
        held.close();
        resolve();
      });
    });
    worker.postMessage({ id: 0, database: name, message: batchOf(page, 10_000, [end(1, 0)]), sender: page.sender }, { transfer: [] });
    await began;
    await new Promise((resolve) => { setTimeout(resolve, afterMs); });
    worker.terminate();
    kills++;
  }
  expect(kills).toBeGreaterThan(0); // the last steps are over within a few ms
  for (const [id, request] of Object.entries(requests)) {
    for (const copy of [id, id.replace('document-', 'document-7-'), id.replace('document-', 'document-99-')]) expect(new TextDecoder().decode((await recording.reader.body(copy, 'request')).bytes), copy).toBe(request);
  }
});

async function callsWith(query: string, { database }: Recording): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const hits of createSearch(database).hits(query)) for (const { exchange, spanId = '' } of hits) found.add(exchange + spanId);
  return found;
}

test('a database from the future is told of, and left as it is', async () => {
  const { database, reader, recorder } = startRecording();
  const newer = await openDB(database.name, DATABASE_VERSION + 1, { upgrade: (made) => { made.createObjectStore('later').put('precious', 1); } });
  newer.close();
  await expect(reader.sessions()).rejects.toThrow('written by a newer version of Spanlight');
  await expect(recorder.take(batchOf(page, 0, [end(1, 0)]), page.sender)).rejects.toThrow('Update the extension');
  const again = await openDB(database.name);
  expect([again.version, await again.get('later', 1)]).toEqual([DATABASE_VERSION + 1, 'precious']);
  again.close();
});

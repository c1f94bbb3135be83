/** Whatever happens, the rows of traces, the blocks of outlines and the totals of sessions say what the span rows say. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import type { OutlineSpan, SpanRow } from '../../lib/model/span.ts';
import { diskOf } from '../../lib/store/disk.ts';
import type { StoreReader } from '../../lib/store/reader.ts';
import { summarise, totalsAfter } from '../../lib/store/trace-summary.ts';
import { spansIn } from '../../lib/store/spans.ts';
import { chance } from '../chance.ts';
import { manyRows, manyTraces } from '../lab/panel-story/many-rows.ts';
import { plainSpans } from '../store/plain-spans.ts';
import { asked, askingTool, assistant, batchOf, call, opened, pageOf, streamed, toolResult, user, usingTool } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const byId = <T extends { spanId: string }>(rows: readonly T[]): T[] => rows.toSorted((a, b) => a.spanId < b.spanId ? -1 : 1);

async function outlineOf(reader: StoreReader, source: string, traceId: string): Promise<OutlineSpan[]> {
  return ((await reader.outline(source, traceId))?.blocks ?? []).flatMap(({ spans }) => plainSpans(spans));
}

/** Makes everything of the span rows again and holds it against what is stored. */
async function expectDerived({ database, reader }: Recording): Promise<{ blocks: number; traces: number }> {
  const { spans, traces, outlines, sessions } = await everything(database);
  const made = new Map([...Map.groupBy(spans.flatMap(spansIn), ({ source, traceId }) => `${source} ${traceId}`)].map(([key, rows]) => [key, { rows, summary: summarise(rows) }]));
  expect(traces.map(({ source, traceId }) => `${source} ${traceId}`).toSorted()).toEqual([...made.keys()].toSorted());
  for (const { source, traceId, newest, blocks, rev, ...summary } of traces) {
    const { rows = [], summary: wanted } = made.get(`${source} ${traceId}`) ?? {};
    expect(summary).toEqual(wanted);
    expect([newest, rev]).toEqual([-summary.startMs, Math.max(rev, ...rows.map((row) => row.rev))]);
    const own = outlines.filter((block) => block.source === source && block.traceId === traceId);
    expect(own.map((block) => diskOf('outlines', block))).toEqual(blocks);
    expect(blocks.length > 0).toBe(rows.length > 64);
    const got = byId(await outlineOf(reader, source, traceId));
    expect(got.map(({ spanId }) => spanId)).toEqual(byId(rows).map(({ spanId }) => spanId));
    for (const [at, row] of byId(rows).entries()) expect(row).toMatchObject(JSON.parse(JSON.stringify(got[at])));
  }
  expect(outlines.filter(({ source, traceId }) => !made.has(`${source} ${traceId}`))).toEqual([]);
  for (const { id, totals } of sessions) {
    const own = [...made].filter(([key]) => key.startsWith(`${id} `)).map(([, { summary }]) => summary);
    expect(totals ?? totalsAfter(undefined, undefined, undefined)).toEqual(own.reduce((sum, summary) => totalsAfter(sum, undefined, summary), totalsAfter(undefined, undefined, undefined)));
  }
  return { blocks: outlines.length, traces: traces.length };
}

/** Calls of an agent that asks for a tool at each step, of a chat, and of one that fails and is tried again. */
function conversation(first: number, steps: number, random: (below: number) => number): PageRecord[] {
  const loop = [user(`Go ${first}`)];
  const calls: PageRecord[][] = [];
  for (let step = 0; step < steps; step++) {
    const asking = [`call_${first}_${step}`, 'look_up', `{"page":${step}}`] as const;
    calls.push(call(first + step, { request: asked(...loop), pieces: askingTool(...asking) }));
    loop.push(usingTool(...asking), toolResult(asking[0], `Page ${step}`));
  }
  calls.push(call(first + steps, { request: asked(...loop), pieces: streamed(['Done.']) }));
  calls.push(call(first + steps + 1, { request: asked(user(`Hello ${first}`)), pieces: ['{"error":{"type":"rate_limit","message":"slow down"}}'], status: 429 }));
  calls.push(call(first + steps + 2, { request: asked(user(`Hello ${first}`)), pieces: streamed(['Yes.']) }));
  calls.push(call(first + steps + 3, { request: asked(user(`Hello ${first}`), assistant('Yes.'), user('And?')), pieces: streamed(['No.']) }));
  // Some begin before what they hang on is known, so that trees join later.
  const mixed: PageRecord[] = [];
  const waiting = calls.map((records) => [...records]);
  for (let open = waiting; open.length > 0; open = waiting.filter((records) => records.length > 0)) {
    const at = random(Math.min(3, open.length));
    mixed.push(...open[at]?.splice(0, 1 + random(4)) ?? []);
  }
  return mixed;
}

test.each([2, 3, 4, 5])('random conversations, deletions, clearing and restarts (%i)', async (seed) => {
  const random = chance(seed);
  const recording = startRecording();
  const records = [opened(), ...conversation(1, 4, random), ...conversation(20, 80, random), ...conversation(120, 2, random)];
  let most = 0;
  for (let next = 0; next < records.length;) {
    next = (await recording.recorder.take(batchOf(page, next, records.slice(next, next + 1 + random(40))), page.sender)).next;
    if (random(6) === 0) recording.restart();
    if (random(5) === 0) most = Math.max(most, (await expectDerived(recording)).blocks);
    if (random(12) === 0) {
      const { traces } = await everything(recording.database);
      const trace = traces[random(traces.length)];
      if (trace) await recording.recorder.command({ type: 'delete_trace', session: trace.source, traceId: trace.traceId });
      await expectDerived(recording);
    }
  }
  expect((await expectDerived(recording)).traces).toBeGreaterThan(3);
  expect(most).toBeGreaterThan(0);
  await recording.recorder.command({ type: 'clear', session: recording.session() });
  await expectDerived(recording);
  expect((await everything(recording.database)).traces).toEqual([]);
});

const imported = (rows: readonly SpanRow[]): Array<{ row: SpanRow; content: string }> => rows.map((row) => ({ row, content: '{}' }));

test('imports in parts of any size: one large trace, many small ones, both mixed; deleted one by one, then all', async () => {
  const random = chance(5);
  const recording = startRecording();
  const { recorder, database } = recording;
  const rows = [...manyRows(5_000), ...manyTraces(40)];
  // As a file has them that was not made by us: in no order.
  const mixed = rows.map((_, at) => rows[(at * 7919) % rows.length] as SpanRow);
  for (let at = 0; at < mixed.length;) {
    const part = mixed.slice(at, at += 1 + random(900));
    expect(await recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: imported(part) } })).toMatchObject({ ok: true });
    await expectDerived(recording);
  }
  const { traces, outlines } = await everything(database);
  // 4,096 in one block, 512 and the rest in two.
  expect([traces.length, outlines.length]).toEqual([41, 3]);
  for (const { traceId } of traces.slice(39)) await recorder.command({ type: 'delete_trace', session: 'import-1', traceId });
  await expectDerived(recording);
  expect((await everything(database)).outlines).toEqual([]);
  await recorder.command({ type: 'clear', session: 'import-1' });
  await expect.poll(async () => (await everything(database)).traces).toEqual([]);
});

test('of an open trace only the blocks that changed are read again', async () => {
  const { recorder, reader, database } = startRecording();
  const rows = manyRows(2_000);
  const add = (part: readonly SpanRow[]): Promise<unknown> => recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: imported(part) } });
  await add(rows.slice(0, 1_500));
  const traceId = rows[0]?.traceId ?? '';
  const whole = await reader.outline('import-1', traceId);
  expect(whole?.blocks.map(({ block }) => block)).toEqual([0, 1, 2]);
  await add(rows.slice(1_500));
  const changed = await reader.outline('import-1', traceId, { sinceRev: whole?.rev });
  expect(changed?.blocks.map(({ block }) => block)).toEqual([2, 3]);
  expect(changed?.count).toBe(4);
  expect((await everything(database)).outlines.map(({ block, rev }) => [block, rev > (whole?.rev ?? 0)])).toEqual([[0, false], [1, false], [2, true], [3, true]]);
  expect(await reader.outline('import-1', traceId, { sinceRev: changed?.rev })).toMatchObject({ count: 4, blocks: [] });
  expect(await reader.outline('import-1', 'none')).toBeUndefined();
});

test('traces come newest first in pages without gap or repetition, and by what changed', async () => {
  const { recorder, reader } = startRecording();
  const rows = manyTraces(250).map((row, at) => at % 3 === 0 ? row : { ...row, startMs: 1_000, endMs: 2_000 });
  await recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: imported(rows) } });
  const seen: string[] = [];
  const starts: number[] = [];
  for (let page = await reader.traces('import-1', { limit: 40 }); page.length > 0; page = await reader.traces('import-1', { limit: 40, before: page.at(-1) })) {
    expect(page.length).toBeLessThanOrEqual(40);
    seen.push(...page.map(({ traceId }) => traceId));
    starts.push(...page.map(({ startMs }) => startMs));
  }
  expect([seen.length, new Set(seen).size]).toEqual([250, 250]);
  expect(starts).toEqual(starts.toSorted((a, b) => b - a));
  const rev = (await reader.session('import-1'))?.rev ?? 0;
  expect(await reader.traces('import-1', { sinceRev: rev, limit: 10 })).toEqual([]);
  const [first] = manyTraces(1).map((row) => ({ ...row, traceId: seen[0] ?? '', spanId: 'b'.repeat(16) }));
  await recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: imported(first ? [first] : []) } });
  expect((await reader.traces('import-1', { sinceRev: rev, limit: 10 })).map(({ traceId, spans }) => [traceId, spans])).toEqual([[seen[0], 6]]);
});

test('a reading that is no longer wanted ends, and what follows is not held up', async () => {
  const { recorder, reader } = startRecording();
  const rows = manyRows(20_000);
  for (let at = 0; at < rows.length; at += 5_000) await recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: imported(rows.slice(at, at + 5_000)) } });
  const leave = new AbortController();
  const reading = reader.outline('import-1', rows[0]?.traceId ?? '', {}, leave.signal);
  leave.abort(new Error('gone'));
  await expect(reading).rejects.toThrow('gone');
  await expect(reader.traces('import-1', { limit: 1 }, leave.signal)).rejects.toThrow('gone');
  expect((await outlineOf(reader, 'import-1', rows[0]?.traceId ?? '')).length).toBe(20_000);
});

test('all rows come in pages, also where hundreds began at once, and a write in between does not wait for the last', async () => {
  const { recorder, reader } = startRecording();
  const rows = manyRows(6_000).map((row, at) => at % 4 === 0 ? row : { ...row, startMs: 1_000 });
  const add = (part: readonly SpanRow[]): Promise<unknown> => recorder.command({ type: 'import', part: { session: 'import-1', file: 'f', site: '', resource: '[]', spans: imported(part) } });
  await add(rows);
  const order: string[] = [];
  const reading = reader.spans('import-1').then((all) => {
    order.push('read');
    return all;
  });
  const writing = recorder.take(batchOf(page, 0, [opened()]), page.sender).then(() => order.push('written'));
  const all = await reading;
  await writing;
  expect(order).toEqual(['written', 'read']);
  expect([all.length, new Set(all.map(({ spanId }) => spanId)).size]).toEqual([6_000, 6_000]);
  expect(all.map(({ startMs }) => startMs)).toEqual(all.map(({ startMs }) => startMs).toSorted((a, b) => a - b));
  const [{ traceId = '' } = {}] = rows;
  expect(byId(await reader.spans('import-1', traceId))).toEqual(byId(all));
  const [fromMs = 0, toMs = 0] = [rows[4]?.startMs, rows[40]?.startMs];
  expect((await reader.startedIn('import-1', fromMs, toMs)).toSorted()).toEqual(rows.slice(4, 41).filter(({ startMs }) => startMs !== 1_000).map(({ spanId }) => spanId).toSorted());
});

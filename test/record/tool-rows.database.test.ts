/** A call and the tools it asked for are one row, and each is a span of its own to whoever asks. */
import { expect, test } from 'vitest';
import { send, write } from '../../lib/store/database.ts';
import type { SpansRow } from '../../lib/store/spans.ts';
import { asked, askingTool, batchOf, call, opened, pageOf, streamed, toolResult, user, usingTool } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

const page = pageOf(1);
const lookUp = (n: number): [id: string, name: string, given: string] => [`call_${n}`, 'look_up', `{"page":${n}}`];
const loop = (steps: number): object[] => [user('Go'), ...Array.from({ length: steps }, (_, i) => [usingTool(...lookUp(i + 1)), toolResult(`call_${i + 1}`, `Page ${i + 1}`)]).flat()];
const begun = [opened(), ...[1, 2].flatMap((n) => call(n, { request: asked(...loop(n - 1)), pieces: askingTool(...lookUp(n)) }))];
const last = call(3, { request: asked(...loop(2)), pieces: streamed(['Done.']) });

const kinds = async ({ reader, session }: Recording): Promise<string[]> => (await reader.spans(session())).map(({ kind }) => kind).toSorted();

test('a tool has no row of its own, and is found by its id', async () => {
  const recording = startRecording();
  await recording.recorder.take(batchOf(page, 0, begun), page.sender);
  const spans = await recording.reader.spans(recording.session());
  expect(await kinds(recording)).toEqual(['AGENT', 'LLM', 'LLM', 'TOOL']);
  expect((await everything(recording.database)).spans).toHaveLength(3);
  for (const span of spans) expect(await recording.reader.span(recording.session(), span.spanId)).toEqual(span);
  expect(await recording.reader.span('another session', spans.find(({ kind }) => kind === 'TOOL')?.spanId ?? '')).toBeUndefined();
});

test('tools with rows of their own, as version 9 wrote them, go into the row of their call when the run goes on', async () => {
  const recording = startRecording();
  await recording.recorder.take(batchOf(page, 0, begun), page.sender);
  await write(recording.database, async (tx) => {
    const rows: SpansRow[] = await tx.objectStore('spans').getAll();
    for (const { tools = [], toolNames: _names, ...row } of rows) {
      const { source, traceId, exchange, rev } = row;
      for (const each of [row, ...tools.map((tool) => ({ ...tool, source, traceId, exchange, rev }))]) send(tx.objectStore('spans').put(each));
    }
  });
  expect((await everything(recording.database)).spans).toHaveLength(4);
  // What is known in memory goes with the connection.
  await recording.database.close();
  recording.restart();
  await recording.recorder.take(batchOf(page, begun.length, last), page.sender);
  expect(await kinds(recording)).toEqual(['AGENT', 'LLM', 'LLM', 'LLM', 'TOOL', 'TOOL']);
  expect((await everything(recording.database)).spans.map(({ tools = [] }) => tools.length).toSorted()).toEqual([0, 0, 1, 1]);
  for (const span of await recording.reader.spans(recording.session())) expect(await recording.reader.span(recording.session(), span.spanId)).toEqual(span);
});

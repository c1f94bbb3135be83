/** A page tells as much as it can, and waits for no answer. Another tab is recorded whole meanwhile and a frame beside it afterwards;
 *  what is kept of the flood is bounded, on the disk and in memory. */
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { Ack, PageRecord } from '../../lib/model/record.ts';
import { batchOf, bytesOf, call, chunk, end, head, opened, pageOf, start, type Page } from '../record/page.ts';
import { everything, startRecording } from '../record/recording.ts';
import { memoryInUse, MB } from './memory.ts';
import { listenForMistakes } from './mistakes.ts';
import { loop } from './pages.ts';
import { expectRowsSound } from './sound.ts';

const flooding = pageOf(66, 2);
const tab = pageOf(1, 1);
const frame: Page = { ...pageOf(2, 2), sender: { documentId: 'document-2', tabId: 2, frameId: 5, framed: true } };

const RECORDS = 50_000;
const BATCHES = RECORDS / limits.messageRecords;
const OPEN = 2_000;

/** Calls that never end, calls that end at once, three of which single bytes are told, heads and starts told over and over, and what is
 *  no record. */
function recordOf(n: number): PageRecord {
  if (n === 0) return opened();
  if (n <= OPEN) return start(n);
  const [kind, i] = [n % 10, Math.floor(n / 10)];
  if (kind === 0) return start(OPEN + i);
  if (kind === 1) return end(OPEN + i, 1, 'aborted');
  if (kind < 5) return chunk(1 + n % 3, i, bytesOf('x'), n % 2 ? 'request' : 'response');
  if (kind < 7) return head(1 + i % OPEN);
  if (kind < 9) return start(1 + i % OPEN);
  return { kind: 'chunk', exchange: 'everything' } as unknown as PageRecord;
}

test('fifty thousand records from one page', async () => {
  const mistakes = listenForMistakes();
  const recording = startRecording();
  const { recorder, reader, database, session } = recording;
  const honest = [opened(), ...loop.flatMap((spoken, i) => call(i + 1, spoken))];
  const before = await memoryInUse();
  let waiting = BATCHES;
  const flood = Array.from({ length: BATCHES }, async (_, batch): Promise<Ack> => {
    const first = batch * limits.messageRecords;
    const ack = await recorder.take(batchOf(flooding, first, Array.from({ length: limits.messageRecords }, (_, i) => recordOf(first + i))), flooding.sender);
    waiting--;
    return ack;
  });
  for (const [at, record] of honest.entries()) await recorder.take(batchOf(tab, at, [record]), tab.sender);
  // Two of the flood's for each of its own.
  expect(waiting).toBeGreaterThan(BATCHES - 3 * honest.length);
  expect((await Promise.all(flood)).at(-1)).toEqual({ next: RECORDS, documentId: 'document-66' });
  expect(await memoryInUse() - before).toBeLessThan(16 * MB);
  await recorder.take(batchOf(frame, 0, honest), frame.sender);

  const { exchanges, segments, bodies } = await everything(database);
  expect(exchanges.filter(({ documentId }) => documentId === 'document-66')).toHaveLength(limits.openExchanges);
  expect(segments.length + bodies.length).toBeLessThan(7 * limits.bodyGaps);
  expect(await reader.session(session(2))).toMatchObject({ exchanges: limits.openExchanges + loop.length, unrecorded: expect.toSatisfy((calls: number) => calls > OPEN) });
  for (const { sender: { documentId } } of [tab, frame]) {
    for (const [i, { request, pieces }] of loop.entries()) {
      expect(new TextDecoder().decode((await reader.body(`${documentId}/${i + 1}`, 'request')).bytes)).toBe(request);
      expect(new TextDecoder().decode((await reader.body(`${documentId}/${i + 1}`, 'response')).bytes)).toBe(pieces.join(''));
    }
  }
  expect((await reader.spans(session(1))).map(({ kind, endCause }) => [kind, endCause])).toEqual([['LLM', 'complete'], ['AGENT', 'complete'], ['TOOL', undefined], ['LLM', 'complete']]);
  await expectRowsSound(recording);
  expect(mistakes).toEqual([]);
});

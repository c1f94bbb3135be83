/** A worker that remembers the requests before one writes what a worker writes that has just woken. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { write } from '../../lib/store/database.ts';
import { forgetAll } from '../../lib/store/known.ts';
import { answerOf, conversations, recordsOf, type Sent } from '../store/conversations.ts';
import { askingTool, batchOf, call, chunk, opened, pageOf, streamed } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

/** So many times as many runs as in CI: `VITE_RECENT=20 npx vitest run --project database test/record/recent`. */
const TIMES = Number(import.meta.env['VITE_RECENT'] ?? 1);

/** With the list that grows there. The first one is answered; where another dialect were answered so, it would be read as the first. */
const PATHS = [['/v1/chat/completions', 'messages'], ['/v1/messages', 'messages'], ['/v1/responses', 'input'], ['/api/chat', 'messages'], ['/models/g:streamGenerateContent', 'contents'], ['/elsewhere', 'chat_history']] as const;
const spoken = fc.constantFrom(...Array.from({ length: 8 }, () => PATHS[0]), ...PATHS).chain(([path, list]) => fc.tuple(fc.constant(path), conversations(list)));

/** Its request in batches as its transactions are; then its answer. */
function batchesOf(n: number, sent: Sent, path: string): PageRecord[][] {
  const [start, , ...answer] = call(n, { request: '', pieces: path !== PATHS[0][0] ? [] : n % 3 === 0 ? askingTool('c', 'look', '{"at":"it"}') : streamed([answerOf(n)]) });
  if (start?.kind !== 'start') throw new Error('A call begins');
  let offset = 0;
  const batches = recordsOf(sent).map((parts) => parts.map((part): PageRecord => {
    offset += part.byteLength;
    return chunk(n, offset - part.byteLength, part, 'request');
  }));
  return [[{ ...start, url: `http://localhost${path}`, bodySize: sent.bytes.byteLength }, ...batches[0] ?? []], ...batches.slice(1), answer];
}

async function record(recording: Recording, sents: readonly Sent[], path: string, isCold: boolean): Promise<void> {
  const page = pageOf(1);
  let first = 0;
  for (const records of [[opened()], ...sents.flatMap((sent, n) => batchesOf(n + 1, sent, path))]) {
    if (isCold) {
      await write(recording.database, async (tx) => forgetAll(tx));
      recording.restart();
    }
    expect((await recording.recorder.take(batchOf(page, first, records), page.sender)).next).toBe(first += records.length);
  }
}

test('calls of conversations, in any dialect: the same rows as where each batch wakes the worker', async () => {
  const links = new Set<unknown>();
  await fc.assert(fc.asyncProperty(spoken, async ([path, sents]) => {
    const [warm, cold] = [startRecording(), startRecording()];
    await record(warm, sents, path, false);
    await record(cold, sents, path, true);
    const rows = await everything(warm.database);
    expect(rows).toEqual(await everything(cold.database));
    for (const { link } of rows.spans) links.add(link.evidence);
  }), { numRuns: 40 * TIMES, endOnFailure: true });
  expect(links.size).toBeGreaterThan(1);
}, 60_000 + 20_000 * TIMES);

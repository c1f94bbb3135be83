/** What leaving pages left behind, when some of them mean harm, or the shelf is not as it was left. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { checkRecord } from '../../lib/wire/record-check.ts';
import { bareRescueKey, encodeRescue, rescueKey } from '../../lib/wire/rescue.ts';
import { batchOf, bytesOf, call, chunk, end, head, leave, opened, pageOf, start } from '../record/page.ts';
import { startRecording, type Recording } from '../record/recording.ts';
import { listenForMistakes } from './mistakes.ts';
import { hostilePage, loop } from './pages.ts';
import { rowsOf } from './rows-of.ts';
import { expectPanelSound, expectRowsSound } from './sound.ts';
import { json, spoiled } from './texts.ts';

const RUNS = 20 * Number(import.meta.env['VITE_HOSTILE'] ?? 1);

const victim = pageOf(1, 1);
const hostile = pageOf(66, 2);
const stranger = pageOf(67, 3);
const honest: PageRecord[] = [opened(), ...loop.flatMap((spoken, i) => call(i + 1, spoken)), leave()];
const TOLD = 6;

const rescued = (relay: string, first: number, records: Array<PageRecord | undefined>): string => JSON.stringify(encodeRescue({ relay, at: 1_000, first, records }));

/** JSON that the store would give. */
const changes = fc.array(fc.tuple(fc.nat(400), fc.oneof({ weight: 2, arbitrary: json }, fc.constantFrom('"AAA="', '"%%%%"', '"="', '"AAAA"', '-1', '1e999', 'null', '9007199254740991', '[]', '{}'))), { maxLength: 12 });
const left = fc.record({ page: hostilePage, changes, first: fc.constantFrom(0, 1, 2, 7, 2 ** 40, Number.MAX_SAFE_INTEGER), of: fc.constantFrom(hostile, hostile, stranger), bare: fc.boolean(), whole: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, json) });
const quiet = <T extends object>(value: T): T => Object.assign(value, { [fc.toStringMethod]: () => '…' });

const parsed = (text: string): unknown => {
  try { return JSON.parse(text); } catch { return text; }
};

async function leaveHonestly({ recorder, shelf }: Recording): Promise<void> {
  await recorder.take(batchOf(victim, 0, honest.slice(0, TOLD)), victim.sender);
  shelf.set(rescueKey(victim.relay), parsed(rescued(victim.relay, TOLD, honest.slice(TOLD))));
}

test('rescues that are forged, spoiled or of nobody harm neither the recorder nor what a neighbour left', async () => {
  const mistakes = listenForMistakes();
  const alone = startRecording();
  await leaveHonestly(alone);
  await alone.recorder.rescued();
  const whole = await rowsOf(alone.database, alone.session(1), 'document-1');
  await fc.assert(fc.asyncProperty(fc.array(left.map(quiet), { minLength: 1, maxLength: 4 }), async (rescues) => {
    const recording = startRecording();
    const { recorder, shelf } = recording;
    await recorder.take(batchOf(hostile, 0, [opened()]), hostile.sender);
    await leaveHonestly(recording);
    for (const [i, { page, changes, first, of, bare, whole: instead }] of rescues.entries()) {
      const records = page.records.map(checkRecord);
      const key = (bare ? bareRescueKey : rescueKey)(i < 2 ? of.relay : `${i}${of.relay.slice(1)}`);
      shelf.set(key, instead === null ? parsed(spoiled(rescued(of.relay, first, records), changes)) : parsed(instead));
    }
    await recorder.rescued();
    await recorder.rescued();
    expect(mistakes).toEqual([]);
    expect(await rowsOf(recording.database, recording.session(1), 'document-1')).toEqual(whole);
    expect([...shelf.keys()].filter((key) => key.includes(victim.relay))).toEqual([]);
    await expectRowsSound(recording);
    await expectPanelSound(recording, []);
  }), { numRuns: RUNS, endOnFailure: true });
}, 600_000);

test('records on the shelf pass the gate as all others do', async () => {
  const mistakes = listenForMistakes();
  const recording = startRecording();
  const { recorder, shelf, reader } = recording;
  await recorder.take(batchOf(hostile, 0, [opened()]), hostile.sender);
  const odd = [start(1), { ...chunk(1, 0, bytesOf('x')), side: 'both' }, { ...head(1), clock: 'late' }, { ...chunk(1, 0, bytesOf('x')), offset: -1 }, { ...end(1, 0), how: 'well', bytes: -1 }, start(2)];
  shelf.set(rescueKey(hostile.relay), parsed(rescued(hostile.relay, 1, odd as PageRecord[])));
  await recorder.rescued();
  expect(await reader.exchange('document-66/1')).toMatchObject({ request: { read: 0 }, response: { read: 0 }, end: { how: 'page_left' } });
  expect(await reader.exchange('document-66/2')).toBeDefined();
  expect(mistakes).toEqual([]);
});

/** Whatever pages tell, in whatever order: it is recorded soundly, and a neighbour's calls are as if nobody else had been there. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { Batch, PageRecord } from '../../lib/model/record.ts';
import { checkRecord } from '../../lib/wire/record-check.ts';
import { batchOf, call, opened, pageOf, type Page } from '../record/page.ts';
import { everything, startRecording, type Recording } from '../record/recording.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { listenForMistakes } from './mistakes.ts';
import { hostilePage, loop, sendings, type HostilePage, type Sending } from './pages.ts';
import { rowsOf } from './rows-of.ts';
import { expectExportSound, expectPanelSound, expectRowsSound, expectSearchSound } from './sound.ts';
import { NASTY } from './texts.ts';

/** So many times as many runs as in CI: `VITE_HOSTILE=20 npx vitest run --project database test/hostile`. */
const RUNS = 15 * Number(import.meta.env['VITE_HOSTILE'] ?? 1);

/** A tab of its own; a frame in the tab of those that mean harm. */
const victim = pageOf(1, 1);
const neighbour: Page = { ...pageOf(2, 2), sender: { documentId: 'document-2', tabId: 2, frameId: 5, framed: true } };
/** A page and its frame; the last calls its relay as the victim's is called. */
const hostile: Page[] = [pageOf(66, 2), { ...pageOf(67, 2), sender: { documentId: 'document-67', tabId: 2, frameId: 7, framed: true } }, { ...pageOf(68, 3), relay: victim.relay }];

const honest: PageRecord[] = [opened(), ...loop.flatMap((spoken, i) => call(i + 1, spoken))];
/** In five batches. */
const PARTS = [0, 3, 5, 6, 10, honest.length];
const NOWS = [100_000, 90_000, 1.7e12, 5, 2e12];

async function tellHonestly({ recorder, clock }: Recording, page: Page, part: number): Promise<void> {
  clock.now = NOWS[part] as number;
  const [from, to] = [PARTS[part] as number, PARTS[part + 1] as number];
  expect(await recorder.take(batchOf(page, from, honest.slice(from, to)), page.sender)).toEqual({ next: to, documentId: page.sender.documentId });
}

interface Attacker { page: Page; records: unknown[]; mirror: Mirror; next: number }

const attackerOf = (page: Page, { records, relayed }: HostilePage): Attacker => ({ page, records: relayed ? records.map(checkRecord).filter((record) => record !== undefined) : records, mirror: createMirror(), next: 0 });

async function attack({ recorder, clock }: Recording, attacker: Attacker, { how, size, frame, now }: Sending): Promise<void> {
  const { page, records, mirror } = attacker;
  clock.now = now;
  if (how === 'frame') {
    await recorder.take(frame, page.sender);
    await recorder.take({ ...batchOf(page, 0, records as PageRecord[]), first: frame, version: -1 }, page.sender);
    const { next } = await recorder.take({ ...batchOf(page, 0, []), records: frame, documentId: 'document-1', tabId: 1 }, page.sender);
    if (Array.isArray(frame) && frame.length <= limits.messageRecords) mirror.take(0, frame, false, next);
    return;
  }
  const first = how === 'again' ? Math.max(0, attacker.next - size) : how === 'gap' ? attacker.next + 1 : how === 'skipped' ? attacker.next + 2 : attacker.next;
  // What comes again mostly has something new behind it.
  const sent = records.slice(first, first + size + (how === 'again' ? size >> 1 : 0));
  const batch = { ...batchOf(page, first, sent as PageRecord[]), ...(how === 'skipped' && { skipped: true }) } as Batch;
  const { next } = await recorder.take(batch, page.sender);
  mirror.take(first, sent, how === 'skipped', next);
  attacker.next = Math.max(attacker.next, next);
}

const builtIns = (): PropertyKey[][] => [Object, Array, Function, String, Number, Map, Uint8Array].flatMap((each) => [Reflect.ownKeys(each), Reflect.ownKeys(each.prototype)]);

/** But for those that stay when a session is cleared. */
const counts = (stores: object): object => Object.fromEntries(Object.entries(stores).filter(([store]) => !['sessions', 'documents', 'settings'].includes(store)).map(([store, rows]) => [store, (rows as unknown[]).length]));

/** The calls of a document as they crossed the wire. */
async function wireOf({ database, reader }: Recording, document: string): Promise<unknown> {
  const { exchanges } = await everything(database);
  // Where it hangs, and what of it the tab had already, is a matter of the whole tab.
  const elsewhere = { link: undefined, run: undefined, traceId: undefined, conversation: undefined, rev: 0, requestDisk: 0 };
  return Promise.all(exchanges.filter(({ documentId }) => documentId === document).map(async (row) => ({ ...row, ...elsewhere, bodies: [await reader.body(row.id, 'request'), await reader.body(row.id, 'response')] })));
}

async function honestAlone(page: Page): Promise<Recording> {
  const recording = startRecording();
  for (let part = 0; part < NOWS.length; part++) await tellHonestly(recording, page, part);
  return recording;
}

test('hostile pages harm neither the recorder nor a neighbour', async () => {
  const before = builtIns();
  const mistakes = listenForMistakes();
  const [alone, beside] = [await honestAlone(victim), await honestAlone(neighbour)];
  const untouched = await rowsOf(alone.database, alone.session(1), 'document-1');
  const wire = await wireOf(beside, 'document-2');
  await fc.assert(fc.asyncProperty(fc.tuple(hostilePage, hostilePage, hostilePage), sendings, fc.array(fc.nat(24), { minLength: 2 * NOWS.length, maxLength: 2 * NOWS.length }), async (pages, steps, places) => {
    const recording = startRecording();
    for (const { sender } of [victim, neighbour, ...hostile]) recording.alive.add(sender.documentId);
    const attackers = pages.map((page, i) => attackerOf(hostile[i] as Page, page));
    const turns = [victim, neighbour].map((page, i) => ({ page, part: 0, at: places.slice(i * NOWS.length, (i + 1) * NOWS.length).toSorted((a, b) => a - b) }));
    for (let at = 0; at <= 24; at++) {
      for (const turn of turns) for (; turn.at[turn.part] === at; turn.part++) await tellHonestly(recording, turn.page, turn.part);
      const step = steps[at];
      if (!step) continue;
      if (step.restart) recording.restart();
      await attack(recording, attackers[step.who] as Attacker, step);
    }
    expect(mistakes).toEqual([]);
    expect(builtIns()).toEqual(before);
    expect(await rowsOf(recording.database, recording.session(1), 'document-1')).toEqual(untouched);
    expect(await wireOf(recording, 'document-2')).toEqual(wire);
    await expectMirrored(recording, attackers);
    await expectRowsSound(recording);
    await expectPanelSound(recording, ['constructor:x', '__proto__:', 'kind:llm', '\uD83D']);
    await expectExportSound(recording);
    await expectSearchSound(recording, ['lisbon', 'sunny. leave', '__proto__', 'a', '\uD83D', '1e999', 'gpt', ...NASTY.slice(0, 12)]);
    expect(mistakes).toEqual([]);
    recording.clock.now = 100_000; // else what is older than the budget's days goes as well
    await recording.recorder.command({ type: 'clear', session: recording.session(2) });
    await recording.recorder.command({ type: 'clear', session: recording.session(3) });
    expect(await rowsOf(recording.database, recording.session(1), 'document-1')).toEqual(untouched);
    expect(counts(await everything(recording.database))).toEqual(counts(untouched));
  }), { numRuns: RUNS, endOnFailure: true });
}, 600_000);

/** Every call of every hostile page: the bytes that it read, once each and in order, and nothing that it did not begin. */
async function expectMirrored({ database, reader }: Recording, attackers: readonly Attacker[]): Promise<void> {
  const { exchanges } = await everything(database);
  for (const { page: { sender: { documentId } }, mirror } of attackers) {
    const own = exchanges.filter((row) => row.documentId === documentId);
    expect(own.map(({ ordinal }) => ordinal).toSorted()).toEqual([...mirror.calls.keys()].toSorted());
    for (const { id, ordinal, request, response, end } of own) {
      const told = mirror.calls.get(ordinal);
      if (!told) continue;
      expect([request.read, response.read, end !== undefined]).toEqual([told.request.read, told.response.read, told.end !== 'none']);
      for (const side of ['request', 'response'] as const) {
        const { bytes, times, ends } = await reader.body(id, side);
        expect(bytes.toHex()).toBe(Uint8Array.from(told[side].bytes).toHex());
        expect(ends.every((place, i) => place <= bytes.length && place > (ends[i - 1] ?? 0))).toBe(true);
        expect(times.every((ms) => Number.isFinite(ms) && ms >= 0)).toBe(true);
      }
    }
  }
}

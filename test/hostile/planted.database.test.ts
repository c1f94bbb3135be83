/** Tabs that tell the same bytes: each has its own, whatever becomes of the other's, and none can put anything in the place of
 *  another's. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, piecesIn } from '../../lib/store/pieces.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { batchOf, bytesOf, call, opened, pageOf, type Page } from '../record/page.ts';
import { everything, startRecording, type Recording } from '../record/recording.ts';
import { loop } from './pages.ts';
import { rowsOf } from './rows-of.ts';

const pages = [pageOf(1, 1), pageOf(2, 2)] as const;
const said = [opened(), ...loop.flatMap((spoken, i) => call(i + 1, spoken))];

async function say({ recorder }: Recording, page: Page): Promise<void> {
  await recorder.take(batchOf(page, 0, said), page.sender);
}

/** What a person has of the calls of this tab. */
async function seen({ reader, database, session }: Recording, page: Page): Promise<unknown> {
  const { documentId, tabId } = page.sender;
  const bodies = await Promise.all([1, 2].flatMap((n) => (['request', 'response'] as const).map((side) => reader.body(`${documentId}/${n}`, side))));
  const hits = (await Array.fromAsync(createSearch(database).hits('umbrella'))).flat().filter((hit) => hit.session === session(tabId));
  return { rows: await rowsOf(database, session(tabId), documentId), bodies: bodies.map(({ bytes, missing }) => [new TextDecoder().decode(bytes), missing]), hits: hits.map(({ exchange, kind }) => [exchange, kind]) };
}

test.each([
  ['the first', 'clear', 0], ['the first', 'delete_session', 0], ['the second', 'clear', 1], ['the second', 'delete_session', 1],
] as const)('what two tabs said alike is there when %s of them is gone (%s)', async (_, type, gone) => {
  const [alone, both] = [startRecording(), startRecording()];
  const stays = pages[1 - gone] as Page;
  await say(alone, stays);
  const whole = await seen(alone, stays);
  expect(whole).toMatchObject({ hits: [[`${stays.sender.documentId}/1`, 'piece']] });
  for (const page of pages) {
    await say(both, page);
    both.restart(); // what the first one said must be looked up
  }
  expect(await seen(both, stays)).toEqual(whole);
  both.closedTabs.add(pages[gone].sender.tabId);
  await both.recorder.tabClosed(pages[gone].sender.tabId);
  expect(await both.recorder.command({ type, session: both.session(pages[gone].sender.tabId) })).toMatchObject({ ok: true });
  expect(await seen(both, stays)).toEqual(whole);
});

test('no piece, list or key of one tab is named as one of another', async () => {
  const recording = startRecording();
  for (const page of pages) await say(recording, page);
  const { pieces, chains, evidence } = await everything(recording.database);
  const of = (tab: number): string[] => [
    ...pieces.filter(({ session }) => session === recording.session(tab)).flatMap((row) => piecesIn(row).map(({ hash }) => hash.toHex())),
    ...chains.filter(({ session }) => session === recording.session(tab)).flatMap(({ chain, prefix }) => [chain.toHex(), prefix.toHex()]),
    ...evidence.filter(({ session }) => session === recording.session(tab)).flatMap(({ gives, seeks }) => [...gives, ...seeks]),
  ];
  expect(of(1).length).toBeGreaterThan(8);
  expect(of(1)).toHaveLength(of(2).length);
  expect(of(1).filter((name) => of(2).includes(name))).toEqual([]);
});

const parts = fc.tuple(fc.stringMatching(/^[0-9a-f:]{0,4}$/), fc.array(fc.stringMatching(/^[0-9a-f:]{0,4}$/), { maxLength: 3 }));

test('no two sessions and lists of parts have one hash', () => {
  fc.assert(fc.property(parts, parts, ([session, own], [other, forged]) => {
    const isSame = session === other && own.length === forged.length && own.every((part, i) => part === forged[i]);
    expect(hashOf(session, ...own.map(bytesOf)).toHex() === hashOf(other, ...forged.map(bytesOf)).toHex()).toBe(isSame);
  }), { numRuns: 1_000, examples: [[['a', ['bc']], ['ab', ['c']]], [['a', ['b', 'c']], ['a', ['bc']]], [['a', ['', 'b']], ['a', ['b', '']]], [['1:a', []], ['', ['a']]], [['a', ['1:b']], ['a', ['', 'b']]]] });
});

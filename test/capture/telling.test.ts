/** What a recording tells when telling itself fails. */
import { describe, expect, test } from 'vitest';
import { journalTo } from '../../lib/capture/journal.ts';
import { toUtf8 } from '../../lib/capture/natives.ts';
import { recordingOf, type Recording, type Room, type StartFacts } from '../../lib/capture/recording.ts';
import { secretsOfDocument } from '../../lib/capture/secrets.ts';
import type { HeaderList, PageRecord } from '../../lib/model/record.ts';

const FACTS: StartFacts = { url: 'https://a.example/v1/chat/completions', base: 'https://a.example/', headers: [], form: 'exact', body: '{"messages":[]}' };
/** Stands for any step of the telling that throws. */
const UNREADABLE = new Proxy([] as unknown as HeaderList, { get() { throw new Error('a fault of ours'); }, ownKeys() { throw new Error('a fault of ours'); } });

function roomOf(): { room: Room; told: PageRecord[] } {
  const told: PageRecord[] = [];
  const keep = (records: PageRecord[]): void => { for (let i = 0; i < records.length; i++) told.push(records[i] as PageRecord); };
  return { told, room: { journal: journalTo({ post: keep, leaving: keep, wanted: () => true }), secrets: secretsOfDocument(), exchanges: 0 } };
}

function recordingIn(room: Room, facts: Partial<StartFacts> = {}): Recording {
  const recording = recordingOf(room, undefined);
  recording.act(() => { recording.begin({ ...FACTS, ...facts }); });
  return recording;
}

function read(recording: Recording, text: string): void {
  const bytes = toUtf8(text);
  recording.readBytes(bytes, bytes.byteLength);
}

const of = (told: PageRecord[], exchange: number): string[] => told.filter((record) => 'exchange' in record && record.exchange === exchange).map((record) => record.kind === 'chunk' ? record.side : record.kind);

describe('a fault of ours while telling', () => {
  test('ends the recording as unobserved, with what the page has read, and the others are told', () => {
    const { room, told } = roomOf();
    const [broken, sound] = [recordingIn(room), recordingIn(room)];
    broken.head(200, 'basic', FACTS.url, UNREADABLE as unknown as Headers);
    read(broken, 'data: one\n\n');
    read(sound, 'data: two\n\n');
    sound.end('complete');
    room.journal.leave();
    expect(of(told, 1)).toEqual(['start', 'request', 'end']);
    expect(told.find((record) => record.kind === 'end' && record.exchange === 1)).toMatchObject({ how: 'unobserved', bytes: 11 });
    expect(of(told, 2)).toEqual(['start', 'request', 'response', 'end']);
    expect(broken.ended).toBe(true);
  });

  test('nothing of it is told afterwards', () => {
    const { room, told } = roomOf();
    const recording = recordingIn(room);
    recording.head(200, 'basic', FACTS.url, UNREADABLE as unknown as Headers);
    room.journal.leave();
    read(recording, 'more');
    recording.end('complete');
    room.journal.leave();
    expect(of(told, 1)).toEqual(['start', 'request', 'end']);
  });

  test('of a call whose start could not be told nothing is told, and the next one has its number', () => {
    const { room, told } = roomOf();
    const broken = recordingIn(room, { headers: UNREADABLE });
    recordingIn(room);
    read(broken, 'data: one\n\n');
    room.journal.leave();
    expect(told.filter(({ kind }) => kind !== 'leave').map((record) => [record.kind, 'exchange' in record && record.exchange])).toEqual([['start', 1], ['chunk', 1]]);
  });

  test('when bytes that were waited for cannot be told, too', async () => {
    const { room, told } = roomOf();
    const recording = recordingIn(room);
    recording.act(() => { recording.waitFor(Promise.resolve(new ArrayBuffer(3)), () => { throw new Error('a fault of ours'); }); });
    recording.end('complete');
    await expect.poll(() => of(told, 1)).toEqual(['start', 'request', 'end']);
    expect(told.find(({ kind }) => kind === 'end')).toMatchObject({ how: 'unobserved', bytes: 0 });
  });
});

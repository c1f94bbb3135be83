/** A page that is left with more to tell than it has time to: sizes instead of bytes. */
import { expect, test } from 'vitest';
import { journalTo, type Journal } from '../../lib/capture/journal.ts';
import { recordingOf, type Recording } from '../../lib/capture/recording.ts';
import { secretsOfDocument } from '../../lib/capture/secrets.ts';
import { pageLimits } from '../../lib/model/page-limits.ts';
import type { ChunkRecord, PageRecord } from '../../lib/model/record.ts';

function page(): { told: PageRecord[]; journal: Journal; call(): Recording } {
  const told: PageRecord[] = [];
  const keep = (records: PageRecord[]): void => { for (let i = 0; i < records.length; i++) told.push(records[i] as PageRecord); };
  const room = { journal: journalTo({ post: keep, leaving: keep, wanted: () => true }), secrets: secretsOfDocument(), exchanges: 0 };
  return {
    told, journal: room.journal,
    call() {
      const recording = recordingOf(room, undefined);
      recording.act(() => { recording.begin({ url: 'https://a.example/', base: 'https://a.example/', headers: [], form: 'exact', body: undefined }); });
      return recording;
    },
  };
}

function read(recording: Recording, size: number): void {
  for (let at = 0; at < size; at += pageLimits.recordBytes) {
    const bytes = new Uint8Array(Math.min(pageLimits.recordBytes, size - at)).fill(97);
    recording.readBytes(bytes, bytes.byteLength);
  }
}

const chunksOf = (told: PageRecord[], exchange: number): ChunkRecord[] => told.filter((record) => record.kind === 'chunk').filter((record) => record.exchange === exchange);
/** bytes read, and bytes told */
const sum = (chunks: ChunkRecord[]): number[] => [chunks.reduce((all, { size }) => all + size, 0), chunks.reduce((all, { bytes }) => all + (bytes?.byteLength ?? 0), 0)];

test('up to its bound a body is told with its bytes', () => {
  const { told, journal, call } = page();
  read(call(), pageLimits.untoldBytes);
  journal.leave();
  expect(sum(chunksOf(told, 1))).toEqual([pageLimits.untoldBytes, pageLimits.untoldBytes]);
});

test('past it one size is told, before the end of its call; what others read is told as ever', () => {
  const { told, journal, call } = page();
  const [much, little] = [call(), call()];
  read(much, pageLimits.untoldBytes + 1);
  much.end('complete');
  read(little, 5);
  journal.leave();
  read(little, 11);
  expect(told.filter((record) => 'exchange' in record && record.exchange === 1)).toMatchObject([{ kind: 'start' }, { kind: 'chunk', offset: 0, size: pageLimits.untoldBytes + 1, bytes: undefined }, { kind: 'end', bytes: pageLimits.untoldBytes + 1 }]);
  expect(sum(chunksOf(told, 2))).toEqual([16, 16]);
});

test('a page that is kept tells no bytes of that body any more: a secret could have begun in what was not looked through', () => {
  const { told, journal, call } = page();
  const recording = call();
  read(recording, pageLimits.untoldBytes + 1);
  journal.leave();
  journal.back();
  read(recording, 4);
  recording.end('complete');
  journal.leave();
  const chunks = chunksOf(told, 1);
  expect(sum(chunks)).toEqual([pageLimits.untoldBytes + 5, 0]);
  expect(chunks.map(({ offset }) => offset)).toEqual([0, pageLimits.untoldBytes + 1]);
});

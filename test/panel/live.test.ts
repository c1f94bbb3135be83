import { describe, expect, test, vi } from 'vitest';
import type { LivePiece } from '../../lib/model/span.ts';
import { type Live, appendPieces, followLive, noLive } from '../../lib/panel/live.ts';

const piece = (n: number, text: string, kind: LivePiece['kind'] = 'text'): LivePiece => ({ exchange: 'doc/1', n, kind, text });

describe('live text', () => {
  test('pieces of a kind become one text, in order, and none is shown twice', () => {
    let live = appendPieces(noLive('doc/1'), [piece(0, 'I should ', 'reasoning'), piece(1, 'ask.', 'reasoning'), piece(2, 'Hello')]);
    live = appendPieces(live, [piece(2, 'Hello'), piece(3, ' there')]);
    expect(live.texts).toEqual([{ kind: 'reasoning', text: 'I should ask.' }, { kind: 'text', text: 'Hello there' }]);
    expect(live.next).toBe(4);
  });

  test('nothing new is the same object, so nothing is drawn again', () => {
    const live = appendPieces(noLive('doc/1'), [piece(0, 'a')]);
    expect(appendPieces(live, [])).toBe(live);
    expect(appendPieces(live, [piece(0, 'a')])).toBe(live);
  });

  test('a long answer stays complete, in stretches of bounded length', () => {
    let live = noLive('doc/1');
    for (let n = 0; n < 3000; n++) live = appendPieces(live, [piece(n, `word${n} `)]);
    expect(live.texts.map(({ text }) => text).join('')).toBe(Array.from({ length: 3000 }, (_, n) => `word${n} `).join(''));
    expect(Math.max(...live.texts.map(({ text }) => text.length))).toBeLessThan(2100);
  });

  test('a reading that fails is told once, and the next note reads on', async () => {
    const pieces = vi.fn(async (from: number) => [piece(0, 'One '), piece(1, 'two')].slice(from));
    const shown: Live[] = [];
    const failures: unknown[] = [];
    const read = followLive('doc/1', pieces, (live) => shown.push(live), (error) => failures.push(error), new AbortController().signal);
    pieces.mockRejectedValueOnce(new Error('the database is closing'));
    await read();
    expect([shown, failures]).toEqual([[], [new Error('the database is closing')]]);
    await read();
    expect(shown.map(({ texts }) => texts)).toEqual([[{ kind: 'text', text: 'One two' }]]);
  });

  test('notes during a reading are read after it, together', async () => {
    const held = Promise.withResolvers<LivePiece[]>();
    const pieces = vi.fn(async (from: number) => from === 0 ? held.promise : [piece(1, 'two')]);
    const shown: string[] = [];
    const read = followLive('doc/1', pieces, ({ texts }) => shown.push(texts.map(({ text }) => text).join('')), () => {}, new AbortController().signal);
    const done = [read(), read(), read()];
    held.resolve([piece(0, 'One ')]);
    await Promise.all(done);
    expect([pieces.mock.calls, shown]).toEqual([[[0], [1]], ['One ', 'One two']]);
  });
});

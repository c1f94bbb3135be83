import { describe, expect, test } from 'vitest';
import type { LivePiece } from '../../lib/model/span.ts';
import { appendPieces, noLive } from '../../lib/panel/live.ts';

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
});

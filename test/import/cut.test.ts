/** A cut or broken file: what stands whole before the fault is kept, and the fault is told with its place. */
import { describe, expect, test } from 'vitest';
import { opened, saved } from './exported.ts';
import { recordLoop } from '../trace/recorded-loop.ts';
import { openai } from '../trace/wire.ts';

const text = await saved(await recordLoop(openai));
/** Where each span of the file ends. */
const ends = opened(text).groups.flatMap(({ spans }) => spans.map(({ end }) => end));

describe('a file that is not whole', () => {
  test('cut at any place: every span before the cut is kept, and the cut is told', () => {
    for (let at = 0; at < text.trimEnd().length; at += 1) {
      const { kept, faultCount } = opened(text.slice(0, at));
      expect([at, kept, faultCount]).toEqual([at, ends.filter((end) => end <= at).length, 1]);
    }
  }, 60_000);

  test('one broken span is named by its place, and those after it are kept', () => {
    const at = text.indexOf('"name"', ends[1]);
    const broken = opened(`${text.slice(0, at)}"na\n${text.slice(text.indexOf('\n', at) + 1)}`);
    expect(broken.kept).toBe(ends.length - 1);
    expect(broken.faults).toEqual([{ where: expect.stringMatching(/^line 5, column \d+$/), why: expect.stringContaining('breaks off') }]);
  });

  test.each([
    ['', 'empty'], ['<html>', 'JSON object'], ['[1]', 'JSON object'], ['{}', 'no span'], ['{"resourceSpans":[]}', 'no span'], ['{"resourceSpans":7}', '“[”'], ['{"__proto__":{"resourceSpans":[]}}', 'no span'],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"../.."}]}]}]}', 'spanId is not 16 hex digits'], [`{"resourceSpans":[{"scopeSpans":[{"spans":[${'['.repeat(50_000)}`, 'cut'],
  ])('%s', (given, why) => {
    const { kept, faults } = opened(given);
    expect(kept).toBe(0);
    expect(faults).toEqual([{ where: expect.stringContaining('line 1'), why: expect.stringContaining(why) }]);
  });

  test('several requests in one file, one a line, are one file', () => {
    const line = text.replaceAll('\n', '');
    expect(opened(`${line}\n${line}\n`)).toMatchObject({ kept: 2 * ends.length, faultCount: 0 });
  });
});

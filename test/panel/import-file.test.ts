/** A file on its way into the store: what is said to be kept is what was stored. */
import { describe, expect, test } from 'vitest';
import type { ImportPart } from '../../lib/model/command.ts';
import { limits } from '../../lib/model/limits.ts';
import { importFile } from '../../lib/panel/import-file.ts';

const span = (n: number, more: object = {}): object => ({ traceId: 'a'.repeat(32), spanId: (n + 1).toString(16).padStart(16, '0'), name: `span ${n}`, startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000001000000000', ...more });
const group = (...spans: object[]): object => ({ resource: {}, scopeSpans: [{ spans }] });
const fileOf = (...groups: object[]): File => new File([JSON.stringify({ resourceSpans: groups })], 'saved.json');
const many = (count: number): object[] => Array.from({ length: count }, (_, n) => span(n));
const long = (n: number, length: number): object => span(n, { attributes: [{ key: 'input.value', value: { stringValue: 'x'.repeat(length) } }] });

/** A background that takes so many parts, and then answers `refusal`. */
function background(takes: number, refusal: () => Promise<string> = async () => 'the disk is full.') {
  const stored: ImportPart[] = [];
  const send = async (command: { type: string; part?: ImportPart }): Promise<string | undefined> => {
    if (stored.length >= takes || !command.part) return refusal();
    stored.push(command.part);
    return undefined;
  };
  return { stored, send: send as Parameters<typeof importFile>[1] };
}

describe('a part that is refused', () => {
  test('what was stored before it is counted, and its session is the one to open', async () => {
    const { stored, send } = background(1);
    const { session, complaint } = await importFile(fileOf(group(...many(limits.importMessageSpans + 200))), send);
    expect(stored.map(({ spans }) => spans.length)).toEqual([limits.importMessageSpans]);
    expect(session).toBe(stored[0]?.session);
    expect(complaint).toBe('Of the 700 spans of saved.json the first 500 are kept: the disk is full.');
  });

  test('the very first: nothing is kept, and no session is named that is not there', async () => {
    const { send } = background(0);
    expect(await importFile(fileOf(group(span(0)), group(span(1))), send)).toEqual({ session: undefined, complaint: 'Nothing of saved.json is kept: the disk is full.' });
  });

  test('a background that does not answer refuses, too', async () => {
    const { stored, send } = background(1, async () => { throw new Error('The message port closed.'); });
    const { session, complaint } = await importFile(fileOf(group(span(0)), group(span(1))), send);
    expect(session).toBe(stored[0]?.session);
    expect(complaint).toBe('Of the 2 spans of saved.json the first 1 is kept: The message port closed.');
  });

  test('what could not be read is told beside it', async () => {
    const { send } = background(0);
    const { complaint } = await importFile(fileOf(group(span(0), span(1, { spanId: 'none' }))), send);
    expect(complaint).toContain('Nothing of saved.json is kept: the disk is full. Nor could all of it be read. line 1, column ');
  });
});

test('messages stay below their size, and a span larger than that goes alone', async () => {
  const { stored, send } = background(Infinity);
  const half = limits.importMessage / 2;
  expect(await importFile(fileOf(group(span(0), long(1, half), long(2, half), long(3, 3 * half), span(4))), send)).toEqual({ session: stored[0]?.session, complaint: undefined });
  expect(stored.map(({ spans }) => spans.map(({ row }) => row.name))).toEqual([['span 0', 'span 1'], ['span 2'], ['span 3'], ['span 4']]);
});

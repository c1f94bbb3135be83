import { describe, expect, test } from 'vitest';
import { createBodyFramer } from '../../lib/framing/body.ts';
import type { Frame, Framer } from '../../lib/framing/frame.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function all(framer: Framer, pieces: Uint8Array[]): Frame[] {
  return [...pieces.flatMap((piece) => framer.feed(piece)), ...framer.end()];
}
const read = (text: string): Frame[] => all(createBodyFramer(), [utf8(text)]);
const data = (text: string): string[] => read(text).map((frame) => frame.data);

/** Every cut into two, and one into single bytes (fed from one buffer that is overwritten each time). */
function everyCut(bytes: Uint8Array): Frame[][] {
  const cuts = Array.from({ length: bytes.length + 1 }, (_, at) => all(createBodyFramer(), [bytes.slice(0, at), bytes.slice(at)]));
  const framer = createBodyFramer();
  const buffer = new Uint8Array(1);
  const single = [...bytes].flatMap((byte) => {
    buffer[0] = byte;
    return framer.feed(buffer);
  });
  return [...cuts, [...single, ...framer.end()]];
}

describe('server-sent events', () => {
  test('events with names, comments, several data lines', () => {
    expect(read(': hi\n\nevent: ping\ndata: {"a":1}\nid: 7\n\ndata: x\ndata:y\n\n')).toEqual([
      { form: 'sse', event: 'ping', data: '{"a":1}', end: 39 },
      { form: 'sse', data: 'x\ny', end: 55 },
    ]);
  });

  test.each([['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']])('lines end with %s', (_, end) => {
    expect(data(['data: a', '', 'data: b', '', ''].join(end))).toEqual(['a', 'b']);
  });

  test('an event that nothing terminated is delivered and marked', () => {
    const frames = read('data: a\n\ndata: [DO');
    expect(frames).toEqual([{ form: 'sse', data: 'a', end: 9 }, { form: 'sse', data: '[DO', end: 18, unterminated: true }]);
    expect(data('data: a')).toEqual(['a']);
  });

  test('a byte order mark before the first event', () => {
    expect(data('\u{feff}data: a\n\n')).toEqual(['a']);
  });

  test('a byte order mark inside stays part of the text', () => {
    expect(data('data: a\n\ndata: \u{feff}b\n\n')).toEqual(['a', '\u{feff}b']);
  });
});

describe('JSON', () => {
  test('one value, braces and quotes inside strings', () => {
    const text = '{"a":"}]\\"{","b":[{}]}';
    expect(read(` \n${text}\n`)).toEqual([{ form: 'json', data: text, end: text.length + 2 }]);
  });

  test('several bodies in a row, lines of them, elements of an outermost array', () => {
    expect(data('{"a":1}{"b":2}')).toEqual(['{"a":1}', '{"b":2}']);
    expect(data('{"a":1}\r\n{"b":[1,2]}\n')).toEqual(['{"a":1}', '{"b":[1,2]}']);
    expect(data('[{"a":1}\n,\n{"b":[1,2]}]')).toEqual(['{"a":1}', '{"b":[1,2]}']);
  });

  test('a torn value is given as it is, marked', () => {
    expect(read('{"a":[1,')).toEqual([{ form: 'json', data: '{"a":[1,', end: 8, unterminated: true }]);
  });

  test('what belongs to no value is not lost', () => {
    expect(read('{"a":1} oops')).toEqual([{ form: 'json', data: '{"a":1}', end: 7 }, { form: 'text', data: 'oops', end: 12 }]);
  });
});

describe('finding out', () => {
  test('JSON and events are told apart by their first bytes', () => {
    expect(read('\u{feff} {"a":1}')[0]?.form).toBe('json');
    expect(read('\n\ndata: a\n\n')[0]?.form).toBe('sse');
    expect(read('retry: 10\ndata: a\n\n')[0]?.form).toBe('sse');
  });

  test('neither: the beginning, as text', () => {
    expect(read('<html>502</html>')).toEqual([{ form: 'text', data: '<html>502</html>', end: 16 }]);
    expect(read('data')).toEqual([{ form: 'text', data: 'data', end: 4 }]);
    expect(read(`x${'y'.repeat(100_000)}`)[0]?.data.length).toBe(8192);
  });

  test('an empty body has no frames', () => {
    expect(read('')).toEqual([]);
  });

  test('white space sent to keep the connection alive, then JSON', () => {
    expect(data(`${'\n'.repeat(10_000)}{"a":1}`)).toEqual(['{"a":1}']);
  });
});

test.each([
  ['events', 'event: é\r\ndata: {"t":"Grüß 👋🏽"}\r\n\r\ndata: [DONE]\n\ndata: rest'],
  ['JSON in a row', '{"t":"👋 \\" é"}\n[{"a":"ü"}, 7, {"b":1}] x'],
  ['text', '<p>é👋</p>'],
  ['a byte order mark', '\u{feff}data: é\n\n'],
])('%s: the same frames at the same offsets, however the bytes are cut', (_, text) => {
  const whole = read(text);
  expect(whole.length).toBeGreaterThan(0);
  for (const frames of everyCut(utf8(text))) expect(frames).toEqual(whole);
});

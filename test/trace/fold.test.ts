import { describe, expect, test } from 'vitest';
import { callOf, endFold, feedFold, foldedBytes, readCall, setHead, startFold, type LiveText } from '../../lib/trace/fold.ts';
import { fixture, fixtures, type Fixture } from '../fixtures/fixture.ts';

function fed({ exchange, request }: Fixture, pieces: Uint8Array[]): { fold: ReturnType<typeof startFold>; live: LiveText[] } {
  const fold = startFold(exchange, request);
  const live = pieces.flatMap((piece) => feedFold(fold, piece));
  return { fold, live: [...live, ...endFold(fold)] };
}

const textOf = (live: LiveText[], kind: LiveText['kind']): string => live.filter((piece) => piece.kind === kind).map(({ text }) => text).join('');

describe('the same bytes give the same call', () => {
  test.each(fixtures().map((each) => [each.name, each] as const))('%s, cut in two anywhere and into single bytes', (_, each) => {
    const { response, expected } = each;
    const step = Math.ceil(response.length / 40);
    for (let at = 0; at <= response.length; at += step) expect(callOf(fed(each, [response.subarray(0, at), response.subarray(at)]).fold)).toEqual(expected);
    const single = fed(each, [...response].map((byte) => Uint8Array.of(byte)));
    expect(callOf(single.fold)).toEqual(expected);
    expect(foldedBytes(single.fold)).toBe(response.length);
  });
});

describe('text that grows', () => {
  test('is the text of the answer in the end, byte by byte', () => {
    const each = fixture('anthropic/stream-thinking-tools');
    const { live } = fed(each, [...each.response].map((byte) => Uint8Array.of(byte)));
    expect(textOf(live, 'reasoning')).toBe('I need the weather.');
    expect(textOf(live, 'text')).toBe('One moment.');
    expect(textOf(live, 'tool')).toBe('get_weather {"city": "Paris"}\nget_time ');
  });

  test('is that of the first choice where several speak', () => {
    const each = fixture('openai-chat/stream-two-choices');
    expect(fed(each, [each.response]).live).toEqual([{ kind: 'text', text: 'A1A2' }]);
  });

  test('appears with the chunk that completes it', () => {
    const each = fixture('openai-chat/stream-text');
    const at = each.expected.firstTokenByte ?? 0;
    const fold = startFold(each.exchange, each.request);
    expect(feedFold(fold, each.response.subarray(0, at - 1))).toEqual([]);
    expect(feedFold(fold, each.response.subarray(at - 1, at))).toEqual([{ kind: 'text', text: 'Grüß ' }]);
    expect(callOf(fold).output).toEqual([{ role: 'assistant', parts: [{ type: 'text', text: 'Grüß ' }] }]);
    expect(callOf(fold).finish).toBeUndefined();
  });
});

test('reading in between changes nothing', () => {
  const each = fixture('anthropic/stream-thinking-tools');
  const fold = startFold(each.exchange, each.request);
  for (const byte of each.response) {
    feedFold(fold, Uint8Array.of(byte));
    callOf(fold);
  }
  expect(endFold(fold)).toEqual([]);
  expect(endFold(fold)).toEqual([]);
  expect(callOf(fold)).toEqual(each.expected);
});

test('a call handed out stays as it was', () => {
  const each = fixture('openai-chat/citations-repeated');
  const fold = startFold(each.exchange, each.request);
  feedFold(fold, each.response.subarray(0, each.expected.firstTokenByte));
  const early = callOf(fold);
  const copy = structuredClone(early);
  feedFold(fold, each.response.subarray(each.expected.firstTokenByte));
  expect(callOf(fold)).not.toEqual(copy);
  expect(early).toEqual(copy);
});

test('the head may come after the start', () => {
  const each = fixture('openai-chat/error-flat');
  const fold = startFold({ ...each.exchange, head: undefined }, each.request);
  setHead(fold, each.exchange);
  feedFold(fold, each.response);
  endFold(fold);
  expect(callOf(fold)).toEqual(each.expected);
});

test('a response that broke off is read as far as it came', () => {
  const { exchange, request, response } = fixture('anthropic/stream-text-cached');
  const call = readCall(exchange, request, response.subarray(0, response.indexOf(0xf0) + 2));
  expect(call.output).toEqual([{ role: 'assistant', parts: [{ type: 'text', text: 'Bon' }] }]);
  expect(call.problems).toEqual(['The response breaks off inside a piece of JSON.']);
});

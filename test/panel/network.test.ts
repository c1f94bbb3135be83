import { describe, expect, test } from 'vitest';
import { matchRequests, type NetworkRequest, placeOf, preflightOf, type RecordedCall, secondRequests } from '../../lib/panel/network.ts';
import { chance } from '../chance.ts';

const URL_A = 'https://api.example/v1/chat/completions';
const request = (startMs: number, more: Partial<NetworkRequest> = {}): NetworkRequest => ({ method: 'POST', url: URL_A, startMs, endMs: startMs + 100, status: 200, error: '', sentBy: 'fetch', scripts: [], viaServiceWorker: false, cors: {}, ...more });
const call = (id: string, startMs: number, more: Partial<RecordedCall> = {}): RecordedCall => ({ id, method: 'POST', url: URL_A, startMs, ...more });
const matched = (requests: NetworkRequest[], calls: RecordedCall[]): Array<string | undefined> => {
  const found = matchRequests(requests, calls);
  return requests.map((_, place) => found.get(place));
};

describe('which request is recorded', () => {
  test('by place, method and time; query, user and fragment do not count', () => {
    expect(placeOf('https://me:pw@api.example/v1/chat/completions?key=k#f')).toBe(URL_A);
    expect(matched([request(1000), request(1010, { url: 'https://api.example/v1/messages' }), request(60_000)], [call('a', 995)])).toEqual(['a', undefined, undefined]);
    expect(matched([request(1000)], [call('a', 1000, { method: 'PUT' })])).toEqual([undefined]);
  });

  test('of alike calls as many are left over as are not recorded, and the nearest in time are those that are', () => {
    expect(matched([request(1000), request(1400), request(1010)], [call('b', 1009), call('a', 999)])).toEqual(['a', undefined, 'b']);
  });

  test('a secret that was removed from the path of the record stands for anything', () => {
    const url = 'https://api.example/keys/sk-123/v1/chat/completions';
    expect(matched([request(1000, { url })], [call('a', 1000, { url: 'https://api.example/keys/***/v1/chat/completions' })])).toEqual(['a']);
    expect(matched([request(1000, { url })], [call('a', 1000, { url: 'https://api.example/other/***/v1/chat/completions' })])).toEqual([undefined]);
  });

  // Nothing that is recorded may be counted as not seen: each call gets a request whatever else goes on.
  test('whatever the order and however close, no recorded call is without its request', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const draw = chance(seed);
      const calls = Array.from({ length: 1 + draw(8) }, (_, n) => call(String(n), draw(3000)));
      const foreign = Array.from({ length: draw(5) }, () => request(draw(3000)));
      const requests = [...calls.map(({ startMs }) => request(startMs + draw(40))), ...foreign].toSorted(() => draw(3) - 1);
      expect(matchRequests(requests, calls).size, `seed ${seed}`).toBe(calls.length);
    }
  });
});

test('the next hops of a redirect are no calls of their own', () => {
  const hops = [request(1000, { status: 307, redirectTo: 'https://api.example/v2', endMs: 1050 }), request(1050, { url: 'https://api.example/v2', redirectTo: 'https://api.example/v3', endMs: 1080 }), request(1080, { url: 'https://api.example/v3' }), request(9000, { url: 'https://api.example/v3' })];
  expect([...secondRequests(hops)].toSorted()).toEqual([1, 2]);
});

test('what a service worker asks for on behalf of a page is no call of its own, another one meanwhile is', () => {
  const requests = [request(1000, { viaServiceWorker: true, endMs: 2000 }), request(1010), request(1500), request(3000)];
  expect([...secondRequests(requests)]).toEqual([1]);
  // Nearer in time to the record than the page's own request: it is not what was recorded.
  expect([...matchRequests(requests, [call('a', 1009)], secondRequests(requests))]).toEqual([[0, 'a']]);
});

test('the preflight of a request is the one of its place begun next to it', () => {
  const preflights = [request(900, { method: 'OPTIONS' }), request(1002, { method: 'OPTIONS', status: 403 }), request(1001, { method: 'OPTIONS', url: 'https://api.example/other' })];
  expect(preflightOf(request(1000), preflights)).toBe(preflights[1]);
  expect(preflightOf(request(60_000), preflights)).toBeUndefined();
});

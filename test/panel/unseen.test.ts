import { expect, test } from 'vitest';
import type { NetworkRequest } from '../../lib/panel/network.ts';
import { unseenSummary, type UnseenSurroundings, whyUnseen } from '../../lib/panel/unseen.ts';

const request = (more: Partial<NetworkRequest> = {}): NetworkRequest => ({ method: 'POST', url: 'https://api.example/v1/messages', startMs: 0, endMs: 1, status: 200, error: '', sentBy: 'fetch', origin: 'https://app.example', scripts: ['https://app.example/main.js'], viaServiceWorker: false, cors: {}, ...more });
const around = (more: Partial<UnseenSurroundings> = {}): UnseenSurroundings => ({ workers: new Set(['https://app.example/js/worker.js', 'blob:https://app.example/1']), pageUrl: 'https://app.example/chat?x', allowed: (origin) => origin === 'https://app.example', watching: true, paused: false, full: false, ...more });
const reason = (more: Partial<NetworkRequest>, surroundings: Partial<UnseenSurroundings> = {}): string => whyUnseen(request(more), around(surroundings)).reason;

test('the reason is the one that stands in the way first', () => {
  expect(reason({ scripts: ['https://app.example/js/lib.js', 'https://app.example/js/worker.js'], sentBy: 'xhr' }, { paused: true })).toBe('worker');
  expect(reason({ origin: 'https://widget.example', sentBy: 'xhr' })).toBe('other_frame');
  expect(reason({}, { allowed: () => false, watching: false })).toBe('site_not_allowed');
  expect(reason({ sentBy: 'xhr' }, { watching: false })).toBe('not_fetch');
  expect(reason({ sentBy: 'ping' })).toBe('not_fetch');
  expect(reason({}, { paused: true })).toBe('paused');
  expect(reason({}, { watching: false })).toBe('page_was_there');
  expect(reason({ origin: 'https://widget.example' }, { allowed: () => true })).toBe('page_was_there');
  expect(reason({}, { full: true })).toBe('full');
  expect(reason({})).toBe('unknown');
});

test('without the request’s own origin (it may never have left) the page’s counts; an opaque one is no site', () => {
  expect(reason({ origin: undefined }, { allowed: () => false })).toBe('site_not_allowed');
  expect(reason({ origin: 'null' })).toBe('unknown');
  expect(reason({ origin: undefined }, { pageUrl: null })).toBe('unknown');
  // A frame of another extension: no permission could be asked for.
  const extension = whyUnseen(request({ origin: 'chrome-extension://abcdefgh' }), around());
  expect([extension.reason, extension.site]).toEqual(['other_frame', undefined]);
});

test('a reason names the script of the worker, and the site to record', () => {
  expect(whyUnseen(request({ scripts: ['https://app.example/js/worker.js'] }), around()).why).toContain('(worker.js)');
  expect(whyUnseen(request({ scripts: ['blob:https://app.example/1'] }), around()).why).not.toContain('(');
  expect(whyUnseen(request({ origin: 'https://widget.example' }), around()).site).toBe('https://widget.example');
});

test('the summary counts by reason', () => {
  const calls = [request({ sentBy: 'xhr' }), request({ scripts: ['blob:https://app.example/1'] }), request({ sentBy: 'xhr' })].map((one) => ({ request: one, ...whyUnseen(one, around()) }));
  expect(unseenSummary(calls)).toBe('2 sent with XMLHttpRequest, 1 from a worker');
});

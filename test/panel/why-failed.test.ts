/** What a real browser does not show at will: the same reasons as in test/browser/why-failed.test.ts are shown there. */
import { describe, expect, test } from 'vitest';
import type { NetworkRequest } from '../../lib/panel/network.ts';
import { type FailedCall, whyFailed } from '../../lib/panel/why-failed.ts';

const request = (more: Partial<NetworkRequest> = {}): NetworkRequest => ({ method: 'POST', url: '', startMs: 0, endMs: 1, status: 0, error: 'net::ERR_FAILED', sentBy: 'fetch', scripts: [], viaServiceWorker: false, cors: {}, ...more });
const failed = (url: string, more: Partial<FailedCall> = {}, exchange: Partial<FailedCall['exchange']> = {}): FailedCall => ({
  exchange: { url, pageUrl: 'https://app.example/chat', requestHeaders: [], end: { atMs: 5, how: 'error', error: { name: 'TypeError', message: 'Failed to fetch' } }, ...exchange },
  request: undefined, preflight: undefined, watched: false, policy: undefined, ...more,
});
const API = 'https://api.example/v1/chat/completions';
const says = (error: string): string => whyFailed(failed(API, { request: request({ error }) }))?.cause ?? '';

describe('why a call got no answer', () => {
  test('nothing is said of what did not fail so', () => {
    const ends = [{ atMs: 1, how: 'complete' as const }, { atMs: 1, how: 'error' as const, error: { name: 'AbortError', message: 'signal is aborted without reason' } }, { atMs: 1, how: 'error' as const, error: { name: 'TypeError', message: "Failed to execute 'fetch' on 'Window': Request cannot be constructed" } }, undefined];
    for (const end of ends) expect(whyFailed(failed(API, { watched: true }, { end }))).toBeUndefined();
    expect(whyFailed(failed('not a url', { watched: true }))).toBeUndefined();
  });

  test('without DevTools at the time it is a guess that says so', () => {
    for (const url of [API, 'https://app.example/api/chat/completions', 'http://192.168.0.7:8000/v1/chat/completions']) {
      const why = whyFailed(failed(url, {}, { pageUrl: url.startsWith('http:') ? 'http://app.example/' : 'https://app.example/chat' }));
      expect(why).toMatchObject({ certainty: 'possible', fix: expect.stringContaining('with this panel open') as string });
    }
    expect(whyFailed(failed('https://app.example/api/chat/completions'))?.cause).not.toContain('CORS');
  });

  test('an https page that calls http is mixed content, its own machine excepted', () => {
    expect(whyFailed(failed('http://10.0.0.2:11434/api/chat'))).toMatchObject({ certainty: 'likely', cause: expect.stringContaining('Mixed content') as string });
    expect(whyFailed(failed('http://localhost:11434/api/chat'))?.cause).not.toContain('Mixed content');
    // It failed another way.
    expect(whyFailed(failed('http://10.0.0.2/v1/messages', { request: request({ error: 'net::ERR_CONNECTION_REFUSED' }) }))?.cause).toContain('refused');
  });

  test('the preflight is blocked where the request only failed', () => {
    expect(whyFailed(failed('http://127.0.0.1:1/v1/messages', { request: request(), preflight: request({ error: 'net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS' }) }))).toMatchObject({ certainty: 'known', cause: expect.stringContaining('local network access') as string });
  });

  test('other words of the browser', () => {
    expect(says('net::ERR_CERT_AUTHORITY_INVALID')).toContain('certificate');
    expect(says('net::ERR_BLOCKED_BY_CLIENT')).toContain('Another extension');
    expect(says('net::ERR_CONNECTION_TIMED_OUT')).toContain('could not be reached');
    expect(says('net::ERR_TUNNEL_CONNECTION_FAILED')).toContain('proxy');
    expect(says('net::ERR_BLOCKED_BY_RESPONSE')).toContain('Cross-Origin-Resource-Policy');
  });

  test('cookies with a star, headers by a star', () => {
    const answered = request({ status: 200, cors: { allowOrigin: '*', allowCredentials: 'true' } });
    expect(whyFailed(failed(API, { request: answered }))).toMatchObject({ certainty: 'likely', cause: expect.stringContaining('send cookies') as string });
    const preflight = (asked: string): NetworkRequest => request({ status: 204, cors: { allowOrigin: '*', allowHeaders: '*', asked } });
    // A star does not stand for authorization.
    expect(whyFailed(failed(API, { request: request(), preflight: preflight('authorization,x-custom') }))).toMatchObject({ certainty: 'known', cause: expect.stringContaining('the request header `authorization` (CORS)') as string });
    expect(whyFailed(failed(API, { request: request(), preflight: preflight('x-custom') }))).toMatchObject({ certainty: 'likely' });
  });

  test('api.anthropic.com without its header for browsers, and with it', () => {
    const headers = [['anthropic-version', '2023-06-01'], ['x-api-key', '***']] as const;
    const refused = { request: request({ status: 401 }), preflight: request({ status: 200, cors: { allowOrigin: '*', allowHeaders: '*', asked: 'x-api-key' } }) };
    expect(whyFailed(failed('https://api.anthropic.com/v1/messages', refused, { requestHeaders: headers }))).toMatchObject({ certainty: 'known', fix: expect.stringContaining('`anthropic-dangerous-direct-browser-access: true`') as string });
    expect(whyFailed(failed('https://api.anthropic.com/v1/messages', refused, { requestHeaders: [...headers, ['anthropic-dangerous-direct-browser-access', 'true']] }))?.cause).toContain('Access-Control-Allow-Origin');
  });

  test('no request at all while DevTools looked on: the policy forbids it', () => {
    expect(whyFailed(failed(API, { watched: true }))).toMatchObject({ certainty: 'likely', fix: expect.stringContaining('`connect-src`') as string });
    expect(whyFailed(failed(API, { watched: true, policy: "connect-src 'self'" }))).toMatchObject({ certainty: 'known' });
    // Another part of a policy forbids no call.
    expect(whyFailed(failed(API, { watched: true, policy: "script-src 'self'" }))).toMatchObject({ certainty: 'likely' });
  });
});

/** DevTools' account of one request (HAR) as the panel's own words: nothing of bodies, keys or cookies goes further than here. */
import { isCall, mayBeCall } from '../../lib/capture/recognition.ts';
import { type Cors, type NetworkEvent, type NetworkRequest, placeOf } from '../../lib/panel/network.ts';

/** What an event brings, and what the log holds. */
export type HarEntry = Omit<chrome.devtools.network.Request, 'getContent'>;
interface Header { name: string; value: string }
interface Frame { url?: unknown }
interface Stack { callFrames?: Frame[]; parent?: Stack }

const WORKERS = new Set(['worker', 'sharedworker', 'serviceworker']);
/** Frames looked at, and stacks behind stacks: a worker's script is near. */
const SCRIPTS = 50;

/** Undefined for all that is none of our business. */
export function toNetworkEvent(entry: HarEntry): NetworkEvent | undefined {
  const { request, response } = entry;
  const more = entry as unknown as Record<string, unknown>;
  const sentBy = textOf(more['_resourceType']);
  if (sentBy === 'document') {
    const policy = headerOf(response.headers, 'content-security-policy');
    return policy === undefined ? undefined : { kind: 'document', url: request.url.split(/[?#]/)[0] ?? '', policy };
  }
  const dest = headerOf(request.headers, 'sec-fetch-dest');
  // A script of a blob: is a worker's; who loads one into a page is not known to us.
  if (sentBy === 'script' && (WORKERS.has(dest ?? '') || request.url.startsWith('blob:'))) return { kind: 'worker', url: request.url };
  if (request.method === 'OPTIONS' && mayBeCallUrl(request.url)) return { kind: 'preflight', request: requestOf(entry, sentBy) };
  if (request.method !== 'POST') return undefined;
  const body = request.postData?.text;
  if (!(body === undefined || body === '' ? mayBeCall(request.url) : isCall(request.url, body))) return undefined;
  return { kind: 'call', request: requestOf(entry, sentBy) };
}

/** A preflight has no body to tell a call by: any may belong to one. */
const mayBeCallUrl = (url: string): boolean => /^https?:/.test(url);

function requestOf(entry: HarEntry, sentBy: string): NetworkRequest {
  const { request, response, startedDateTime, time } = entry;
  const startMs = new Date(startedDateTime).getTime();
  const told = response as unknown as Record<string, unknown>;
  const origin = headerOf(request.headers, 'origin');
  const redirect = response.redirectURL;
  return {
    method: request.method, url: placeOf(request.url), startMs, endMs: startMs + Math.max(time, 0),
    status: response.status, error: textOf(told['_error']), sentBy,
    ...(origin === undefined ? {} : { origin }),
    scripts: scriptsOf((entry as unknown as { _initiator?: unknown })['_initiator']),
    ...(redirect && URL.canParse(redirect, request.url) ? { redirectTo: placeOf(new URL(redirect, request.url).href) } : {}),
    viaServiceWorker: told['_fetchedViaServiceWorker'] === true,
    cors: corsOf(request.headers, response.headers),
  };
}

function corsOf(asked: readonly Header[], answered: readonly Header[]): Cors {
  const cors: Cors = {};
  const put = (key: keyof Cors, value: string | undefined): void => { if (value !== undefined) cors[key] = value; };
  put('allowOrigin', headerOf(answered, 'access-control-allow-origin'));
  put('allowHeaders', headerOf(answered, 'access-control-allow-headers'));
  put('allowCredentials', headerOf(answered, 'access-control-allow-credentials'));
  put('asked', headerOf(asked, 'access-control-request-headers'));
  return cors;
}

/** URLs of the scripts on the stack, innermost first. */
function scriptsOf(initiator: unknown): string[] {
  const urls = new Set<string>();
  const { stack } = (typeof initiator === 'object' && initiator !== null ? initiator : {}) as { stack?: Stack };
  for (let at: Stack | undefined = stack; at && urls.size < SCRIPTS; at = at.parent) for (const { url } of at.callFrames ?? []) if (typeof url === 'string' && url !== '') urls.add(url);
  return [...urls];
}

const headerOf = (headers: readonly Header[], name: string): string | undefined => headers.find((header) => header.name.toLowerCase() === name)?.value;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What DevTools tells of the page's requests, as far as the panel needs it, and which of them are recorded. Pure. URLs are
 *  kept without user, query and fragment: keys lie there. */
import type { ExchangeId } from '../model/exchange.ts';

/** CORS headers, as the server answered; a preflight also has what the browser asked for. */
export interface Cors { allowOrigin?: string; allowHeaders?: string; allowMethods?: string; allowCredentials?: string; asked?: string }

export interface NetworkRequest {
  method: string;
  url: string;
  /** epoch ms */ startMs: number;
  endMs: number;
  /** 0: no answer came */ status: number;
  /** `net::ERR_…`; empty where it succeeded, or the browser does not say */ error: string;
  /** `fetch`, `xhr`, `ping`, ... */ sentBy: string;
  /** of the page or frame; told only where a request left */ origin?: string;
  /** scripts on the stack of who asked, innermost first */ scripts: readonly string[];
  /** where a redirect points to */ redirectTo?: string;
  /** a service worker was asked first; if it asked the network, that is a request of its own */ viaServiceWorker: boolean;
  cors: Cors;
}

export type NetworkEvent =
  /** a request that looks like a model call */
  | { kind: 'call'; request: NetworkRequest }
  /** what the browser asked before a request of another origin */
  | { kind: 'preflight'; request: NetworkRequest }
  /** the script of a worker */
  | { kind: 'worker'; url: string }
  /** a page, with its Content-Security-Policy where a header tells it */
  | { kind: 'document'; url: string; policy: string };

/** Of a recorded exchange. */
export interface RecordedCall { id: ExchangeId; method: string; /** without user, query and fragment, secrets removed */ url: string; startMs: number }

/** The page's clock and DevTools' are read apart; a busy page may send a call later than it asked for it. */
export const WINDOW_MS = 5_000;
/** A redirect is followed at once. */
const FOLLOW_MS = 1_000;
/** Clocks are read to the millisecond, in the page's process and in the service worker's. */
const SKEW_MS = 20;

/** Secrets in a recorded path became this (lib/capture). */
const REMOVED = '***';

/** Which recorded call each request is: the pairs nearest in time first, each used once, so that of three alike calls of which
 *  two are recorded one is left over. Answers by place in `requests`.
 *  @param second places of those that are no calls of their own: what is recorded is the first */
export function matchRequests(requests: readonly NetworkRequest[], recorded: readonly RecordedCall[], second: ReadonlySet<number> = new Set()): Map<number, ExchangeId> {
  const pairs = requests.flatMap((request, place) => second.has(place) ? [] : recorded
    .filter((call) => call.method === request.method && Math.abs(call.startMs - request.startMs) <= WINDOW_MS && samePlace(call.url, request.url))
    .map((call) => ({ place, id: call.id, apartMs: Math.abs(call.startMs - request.startMs) })));
  const found = new Map<number, ExchangeId>();
  const taken = new Set<ExchangeId>();
  for (const { place, id } of pairs.toSorted((a, b) => a.apartMs - b.apartMs)) {
    if (found.has(place) || taken.has(id)) continue;
    found.set(place, id);
    taken.add(id);
  }
  return found;
}

/** Requests that are no calls of their own: the next hop of a redirect, and what a service worker asked for on behalf of a
 *  request that is there as well. */
export function secondRequests(requests: readonly NetworkRequest[]): Set<number> {
  const second = new Set<number>();
  requests.forEach((first, place) => {
    const { redirectTo, viaServiceWorker } = first;
    if (redirectTo === undefined && !viaServiceWorker) return;
    const isNext = (next: NetworkRequest, at: number): boolean => at !== place && !second.has(at) && next.method === first.method
      && ((redirectTo !== undefined && next.url === redirectTo && next.startMs >= first.startMs && next.startMs <= first.endMs + FOLLOW_MS)
        || (viaServiceWorker && !next.viaServiceWorker && next.url === first.url && next.startMs >= first.startMs - SKEW_MS && next.startMs <= first.endMs + SKEW_MS));
    const next = requests.findIndex(isNext);
    if (next >= 0) second.add(next);
  });
  return second;
}

/** The preflight of a request: of the same place, the one begun next to it. */
export function preflightOf(request: NetworkRequest, preflights: readonly NetworkRequest[]): NetworkRequest | undefined {
  const apart = (other: NetworkRequest): number => Math.abs(other.startMs - request.startMs);
  return preflights.filter((other) => other.url === request.url && apart(other) <= Math.max(WINDOW_MS, request.endMs - request.startMs)).toSorted((a, b) => apart(a) - apart(b))[0];
}

/** A URL without user, query and fragment. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function samePlace(recorded: string, url: string): boolean {
  if (!recorded.includes(REMOVED)) return recorded === url;
  const [start = '', ...others] = recorded.split(REMOVED);
  const end = others.at(-1) ?? '';
  return url.startsWith(start) && url.endsWith(end) && url.length >= start.length + end.length;
}

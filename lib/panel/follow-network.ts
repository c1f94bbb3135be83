/**
 * Holds what DevTools tells of the page's requests against what is recorded: which model calls nobody recorded, and why a
 * recorded one failed. A request is judged only some seconds after it ended, since its record comes another way; what turns
 * up later corrects the judgement. What was recorded once stays so, also when it is cleared or deleted.
 */
import { isLocalSite } from '../model/local-sites.ts';
import { matchesSite } from '../model/sites.ts';
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { isWire } from '../model/span.ts';
import { whyFailed } from './why-failed.ts';
import type { WhyFailed } from './failure-cause.ts';
import type { Sources } from './follow.ts';
import { type NetworkEvent, type NetworkRequest, type RecordedCall, WINDOW_MS, matchRequests, placeOf, preflightOf, secondRequests } from './network.ts';
import type { PanelStore } from './panel-store.ts';
import { type UnseenCall, type WhyUnseen, whyUnseen } from './unseen.ts';

/** A record comes by way of the page's relay, a worker that may be asleep, and the database. */
const GRACE_MS = 3_000;
/** A running answer changes the recordings many times a second. */
const LOOK_MS = 100;
/** So long after a request was told of, its record may still turn up. */
const LATE_MS = 60_000;
/** Requests and failed calls that are remembered, the latest. */
const KEPT = 1_000;

export function followNetwork({ reader, host }: Pick<Sources, 'reader' | 'host'>, store: PanelStore, signal: AbortSignal): void {
  const startedMs = Date.now();
  const requests: NetworkRequest[] = [];
  const preflights: NetworkRequest[] = [];
  const workers = new Set<string>();
  const policies = new Map<string, string>();
  const calls = new Map<ExchangeId, RecordedCall>();
  const failed = new Map<ExchangeId, Exchange>();
  /** spans that were read, also those that are no calls or not stored as exchanges (an import's) */
  const looked = new Set<string>();
  const judged = new WeakMap<NetworkRequest, WhyUnseen>();
  /** times at which requests began, in units of `WINDOW_MS`, and until when records of them may still come */
  const begun = new Map<number, number>();
  let due: { atMs: number; timer: ReturnType<typeof setTimeout> } | undefined;
  let busy = false;
  let again = false;

  host.onRequest((event) => {
    take(event);
    look();
  }, signal);
  signal.addEventListener('abort', store.subscribe((state, before) => {
    if (state.recordings !== before.recordings || state.sessions !== before.sessions || state.opened !== before.opened) look();
  }), { once: true });

  function take(event: NetworkEvent): void {
    if (event.kind === 'worker') workers.add(event.url);
    else if (event.kind === 'document') policies.set(event.url, event.policy);
    else if (event.kind === 'preflight') push(preflights, event.request);
    else {
      push(requests, event.request);
      begun.set(Math.floor(event.request.startMs / WINDOW_MS), Date.now() + LATE_MS);
    }
  }

  /** Soon; what is told meanwhile is looked at together. A reading that fails is told by the follower of the store. */
  function look(inMs = LOOK_MS): void {
    if (busy) again = true;
    else if (!due || inMs < due.atMs - Date.now()) {
      clearTimeout(due?.timer);
      due = { atMs: Date.now() + inMs, timer: setTimeout(() => void lookNow(), inMs) };
    }
  }

  async function lookNow(): Promise<void> {
    due = undefined;
    if (signal.aborted) return;
    busy = true;
    let nextMs = Infinity;
    try {
      await readNew();
      nextMs = judge();
    } catch { /* the next change looks again */ } finally {
      busy = false;
    }
    if (again) look();
    else if (nextMs < Infinity) look(Math.max(nextMs - Date.now(), LOOK_MS));
    again = false;
  }

  /** Exchanges that may be one of the requests, or whose failure is to be explained. */
  async function readNew(): Promise<void> {
    const { opened, status } = store.getState();
    if (status) {
      for (const { fromMs, toMs } of stretchesOf(begun.keys())) {
        for (const spanId of await reader.startedIn(status.session, fromMs, toMs)) await readCall(status.session, spanId);
      }
      for (const [unit, untilMs] of begun) if (untilMs < Date.now()) begun.delete(unit);
    }
    for (const span of opened?.spans ?? []) if (isWire(span) && span.endCause === 'error') await readCall(opened?.session ?? '', span.spanId);
    prune(calls);
    prune(failed);
  }

  /** A call that still runs is looked at again: it may fail. */
  async function readCall(session: string, spanId: string): Promise<void> {
    const key = `${session} ${spanId}`;
    if (looked.has(key)) return;
    const span = await reader.span(session, spanId);
    if (!span || !isWire(span)) {
      looked.add(key);
      return;
    }
    if (span.endMs !== undefined) looked.add(key);
    else if (calls.has(span.exchange)) return;
    const exchange = await reader.exchange(span.exchange);
    if (!exchange) return;
    const { id, method, url, startMs, end } = exchange;
    if (session === store.getState().status?.session) calls.set(id, { id, method, url: placeOf(url), startMs });
    if (end?.how === 'error') failed.set(id, exchange);
  }

  /** @returns when something that waits is due, epoch ms */
  function judge(): number {
    const now = Date.now();
    const { status, sessions, url, allowedSites } = store.getState();
    const session = sessions.find(({ id }) => id === status?.session);
    const second = secondRequests(requests);
    const matches = matchRequests(requests, [...calls.values()], second);
    let nextMs = Infinity;
    const unseen: UnseenCall[] = [];
    requests.forEach((request, place) => {
      if (matches.has(place) || second.has(place) || request.startMs <= (session?.clearedMs ?? 0)) return;
      const dueMs = Math.max(request.endMs, startedMs) + GRACE_MS;
      if (dueMs > now) {
        nextMs = Math.min(nextMs, dueMs);
        return;
      }
      // Said once, of the page that was there then.
      const why = judged.get(request) ?? whyUnseen(request, {
        workers, pageUrl: url, watching: status?.watching === true, paused: status?.paused === true, full: (session?.unrecorded ?? 0) > 0,
        allowed: (origin) => isLocalSite(origin) || allowedSites.some((pattern) => matchesSite(pattern, origin)),
      });
      judged.set(request, why);
      unseen.push({ request, ...why });
    });

    const byCall = new Map([...matches].map(([place, id]) => [id, requests[place]]));
    const reasons = new Map<ExchangeId, WhyFailed>();
    for (const [id, exchange] of failed) {
      const request = byCall.get(id);
      const dueMs = exchange.startMs + (exchange.end?.atMs ?? 0) + GRACE_MS;
      const watched = exchange.startMs >= startedMs;
      if (!request && watched && dueMs > now) {
        nextMs = Math.min(nextMs, dueMs);
        continue;
      }
      const why = whyFailed({ exchange, request, preflight: request && preflightOf(request, preflights), watched, policy: policies.get(exchange.pageUrl.split(/[?#]/)[0] ?? '') });
      if (why) reasons.set(id, why);
    }
    store.getState().actions.set({ unseen: sameCalls(store.getState().unseen, unseen), whyFailed: sameReasons(store.getState().whyFailed, reasons) });
    return nextMs;
  }
}

/** Times in which a call may have begun that is one of the requests, those that touch as one. */
function stretchesOf(units: Iterable<number>): Array<{ fromMs: number; toMs: number }> {
  const stretches: Array<{ fromMs: number; toMs: number }> = [];
  for (const unit of [...units].toSorted((a, b) => a - b)) {
    const [fromMs, toMs] = [(unit - 1) * WINDOW_MS, (unit + 2) * WINDOW_MS];
    const last = stretches.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = toMs;
    else stretches.push({ fromMs, toMs });
  }
  return stretches;
}

/** The list stays the same object while nothing of it changed. */
function sameCalls(before: readonly UnseenCall[], now: readonly UnseenCall[]): readonly UnseenCall[] {
  return before.length === now.length && before.every(({ request }, index) => request === now[index]?.request) ? before : now;
}

function sameReasons(before: ReadonlyMap<ExchangeId, WhyFailed>, now: ReadonlyMap<ExchangeId, WhyFailed>): ReadonlyMap<ExchangeId, WhyFailed> {
  return before.size === now.size && [...now].every(([id, { cause }]) => before.get(id)?.cause === cause) ? before : now;
}

function push<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > KEPT) list.shift();
}

function prune(map: Map<ExchangeId, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= KEPT) return;
    map.delete(oldest);
  }
}

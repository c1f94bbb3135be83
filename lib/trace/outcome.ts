/** What counts as a failure, in one place: for linking retries, for the status of spans. */
import type { Exchange } from '../model/exchange.ts';

export interface Failure { /** `error.type` of OpenTelemetry */ type: string; message: string }

/** A stop by the app (abort, cancel), a body left unread and a page that went away are no failures. An error the
 *  provider told of in the stream is one, also at status 200.
 *  @param told the provider's error, as the exchange's facts or the call read so far have it */
export function failureOf(exchange: Exchange, told = exchange.facts?.error): Failure | undefined {
  const { head, end } = exchange;
  if (told !== undefined) return { type: told.type, message: told.message };
  if (head !== undefined && head.status >= 400) return { type: String(head.status), message: `HTTP ${head.status}` };
  if (end?.how === 'error') return { type: end.error?.name ?? 'error', message: end.error?.message ?? 'The request failed before an answer came.' };
  if (end?.how === 'cut') return { type: end.error?.name ?? 'cut', message: end.error?.message ?? 'The connection broke off during the answer.' };
  return undefined;
}

/** Epoch ms; `undefined` while it runs. A body the app dropped unread was over for it with the head: when the garbage
 *  collector noticed says nothing. */
export function endOf({ startMs, head, end }: Exchange): number | undefined {
  return end && startMs + (end.how === 'unread' ? head?.atMs ?? end.atMs : end.atMs);
}

/** Epoch ms from which on the app could know the outcome: clients leave the body of an error response unread. */
export function knownAt(exchange: Exchange): number | undefined {
  const { head, startMs } = exchange;
  return head !== undefined && head.status >= 400 ? startMs + head.atMs : endOf(exchange);
}

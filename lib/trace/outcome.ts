/** What counts as a failure, in one place: for linking retries, for the status of spans. */
import type { Exchange } from '../model/exchange.ts';
import type { EndCause } from '../model/record.ts';

export interface Failure { /** `error.type` of OpenTelemetry */ type: string; message: string; /** for a row: the HTTP status where that is the reason */ brief: string }

/** A stop by the app (abort, cancel), a body left unread and a page that went away are no failures. An error the
 *  provider told of in the stream is one, also at status 200.
 *  @param told the provider's error, as the exchange's facts or the call read so far have it */
export function failureOf(exchange: Exchange, told = exchange.facts?.error): Failure | undefined {
  const { head, end } = exchange;
  const status = head !== undefined && head.status >= 400 ? String(head.status) : undefined;
  if (told !== undefined) return { type: told.type, message: told.message, brief: status ?? told.type };
  if (status !== undefined) return { type: status, message: `HTTP ${status}`, brief: status };
  if (end?.how === 'error') return failed(end, 'error', 'The request failed before an answer came.');
  if (end?.how === 'cut') return failed(end, 'cut', 'The connection broke off during the answer.');
  return undefined;
}

/** What clients try again: a request refused for what it says (400, 401, 404) fails again until a person mends it. */
const PASSING = new Set([408, 409, 425, 429]);

/** It failed in a way that sending the same request again may mend. */
export function failedForNow(exchange: Exchange, told = exchange.facts?.error): boolean {
  const status = exchange.head?.status ?? 0;
  return failureOf(exchange, told) !== undefined && (status < 400 || status >= 500 || PASSING.has(status));
}

const failed = ({ error }: NonNullable<Exchange['end']>, brief: string, message: string): Failure =>
  ({ type: error?.name ?? brief, message: error?.message ?? message, brief });

/** An error answer of whose body the app has read nothing: `if (!response.ok) throw` is everyday code, and the status was
 *  all it wanted. The body then stays open until the garbage collector or the end of the page, which is no part of the
 *  call; where bytes come after all, the call goes on. */
const isOverWithHead = ({ head, response }: Exchange): boolean => head !== undefined && head.status >= 400 && response.read === 0;

/** Epoch ms; `undefined` while it runs. A body the app dropped unread was over for it with the head: when the garbage
 *  collector noticed says nothing. */
export function endOf(exchange: Exchange): number | undefined {
  const { startMs, head, end } = exchange;
  if (head !== undefined && (end?.how === 'unread' || isOverWithHead(exchange))) return startMs + head.atMs;
  return end && startMs + end.atMs;
}

/** Epoch ms from which on the app could know the outcome: clients leave the body of an error response unread. */
export function knownAt(exchange: Exchange): number | undefined {
  const { head, startMs } = exchange;
  return head !== undefined && head.status >= 400 ? startMs + head.atMs : endOf(exchange);
}

/** How the call ended, for people. Clients close a stream as soon as they have read the model's last word (`[DONE]`,
 *  `message_stop`), mostly before the network says that it is over: that answer is complete, nobody stopped it. So is an
 *  error answer that was over with its head: whatever closed its body later, the error is the outcome. */
export function endCauseOf(exchange: Exchange): EndCause | undefined {
  const { end, facts } = exchange;
  const stopped = end?.how === 'cancelled' || end?.how === 'aborted';
  return isOverWithHead(exchange) || (stopped && facts?.finish !== undefined) ? 'complete' : end?.how;
}

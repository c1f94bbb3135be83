/** What an exchange offers to later ones (`gives`) and what it looks for in earlier ones (`seeks`): short keys, hashes of
 *  messages. Two exchanges belong together where one gives what the other seeks. */
import type { ModelCall } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';

/** Grows while the answer comes and at the end: ask again whenever the call or the exchange's end changed. */
export function givesOf(exchange: Exchange, call: ModelCall): string[] {
  void exchange; void call;
  return [];
}

/** Fixed once the request is read; strongest first. */
export function seeksOf(exchange: Exchange, call: ModelCall): string[] {
  void exchange; void call;
  return [];
}

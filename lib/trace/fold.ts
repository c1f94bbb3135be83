/** From bytes to a model call, as they come. A fold lives in memory only and can be rebuilt from the bytes at any time:
 *  the same bytes give the same call however they were cut. */
import type { ModelCall } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { LivePiece } from '../model/span.ts';

/** Text that a piece of the response added to the answer. */
export interface LiveText { kind: LivePiece['kind']; text: string }

/** Opaque to everyone else. */
export interface Fold { exchange: Exchange; bytes: number; call: ModelCall }

/** @param request the request body as far as it is stored */
export function startFold(exchange: Exchange, request: Uint8Array | undefined): Fold {
  void request;
  return { exchange, bytes: 0, call: { dialect: 'unknown', system: 'unknown', streaming: false, parameters: {}, input: [], output: [], tools: [], problems: [] } };
}

/** Tells the fold of a later state of its exchange (response head, end). */
export function setHead(fold: Fold, exchange: Exchange): void {
  fold.exchange = exchange;
}

/** Feeds the next response bytes; returns what they added to the answer's text. */
export function feedFold(fold: Fold, bytes: Uint8Array): LiveText[] {
  fold.bytes += bytes.length;
  return [];
}

/** The response is over: flushes a last frame that nothing terminated. Idempotent. */
export function endFold(fold: Fold): LiveText[] {
  void fold;
  return [];
}

/** Response bytes fed so far. */
export function foldedBytes(fold: Fold): number {
  return fold.bytes;
}

/** The call as far as it has come. */
export function callOf(fold: Fold): ModelCall {
  return fold.call;
}

/** All at once; equal to feeding the bytes in any pieces and ending. */
export function readCall(exchange: Exchange, request?: Uint8Array, response?: Uint8Array): ModelCall {
  const fold = startFold(exchange, request);
  if (response !== undefined) feedFold(fold, response);
  endFold(fold);
  return callOf(fold);
}

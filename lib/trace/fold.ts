/** From the bytes of an exchange to a model call, as they come. A fold lives in memory only and can be rebuilt from the bytes
 *  at any time: the same bytes give the same call however they were cut. It never throws. */
import type { ModelCall } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { CutRequest } from '../model/request-list.ts';
import type { LivePiece } from '../model/span.ts';
import { createCallReader, type CallReader } from '../providers/call-reader.ts';

/** Text that a piece of the response added to the answer. */
export interface LiveText { kind: LivePiece['kind']; text: string }

/** Opaque to everyone else. */
export interface Fold { reader: CallReader; bytes: number; ended: boolean }

/** @param request the request body as far as it is stored */
export function startFold(exchange: Exchange, request: Uint8Array | CutRequest | undefined): Fold {
  const reader = createCallReader({ url: exchange.url, headers: exchange.requestHeaders }, request, exchange.request.missing === 0);
  const fold: Fold = { reader, bytes: 0, ended: false };
  setHead(fold, exchange);
  return fold;
}

/** Tells the fold of the response's head, once the exchange has one: before the first bytes of the body. */
export function setHead(fold: Fold, { head }: Exchange): void {
  if (head !== undefined) fold.reader.head(head.status, head.headers);
}

/** Neighbours of one kind become one piece: a burst of chunks is one append. */
function joined(added: readonly LiveText[]): LiveText[] {
  const pieces: LiveText[] = [];
  for (const { kind, text } of added) {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  }
  return pieces;
}

/** Feeds the next response bytes; returns what they added to the answer's text. */
export function feedFold(fold: Fold, bytes: Uint8Array): LiveText[] {
  fold.bytes += bytes.length;
  return joined(fold.reader.feed(bytes));
}

/** The response is over: flushes a last frame that nothing terminated. Idempotent. */
export function endFold(fold: Fold): LiveText[] {
  if (fold.ended) return [];
  fold.ended = true;
  return joined(fold.reader.end());
}

/** Response bytes fed so far. */
export function foldedBytes(fold: Fold): number {
  return fold.bytes;
}

/** The call as far as it has come. */
export function callOf(fold: Fold): ModelCall {
  return fold.reader.read();
}

/** All at once; equal to feeding the bytes in any pieces and ending. */
export function readCall(exchange: Exchange, request?: Uint8Array, response?: Uint8Array): ModelCall {
  const fold = startFold(exchange, request);
  if (response !== undefined) feedFold(fold, response);
  endFold(fold);
  return callOf(fold);
}

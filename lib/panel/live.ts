/** The growing text of a running call: pieces are appended, and never read twice. */
import type { ExchangeId } from '../model/exchange.ts';
import type { LivePiece } from '../model/span.ts';

/** Consecutive pieces of one kind, as one stretch of text. */
interface LiveText { kind: LivePiece['kind']; text: string }
export interface Live { exchange: ExchangeId; next: number; texts: readonly LiveText[] }

export const noLive = (exchange: ExchangeId): Live => ({ exchange, next: 0, texts: [] });

/** A stretch is closed at this length, so that a long answer costs the browser one short text node a piece. */
const STRETCH = 2000;

/** Pieces below `next` were appended before and are skipped. */
export function appendPieces(live: Live, pieces: readonly LivePiece[]): Live {
  const fresh = pieces.filter((piece) => piece.n >= live.next);
  if (fresh.length === 0) return live;
  const texts = [...live.texts];
  for (const { kind, text } of fresh) {
    const last = texts.at(-1);
    if (last?.kind === kind && last.text.length < STRETCH) texts[texts.length - 1] = { kind, text: last.text + text };
    else texts.push({ kind, text });
  }
  return { exchange: live.exchange, next: (fresh.at(-1)?.n ?? live.next) + 1, texts };
}

/** Reads a running call's pieces whenever it is asked to, one reading at a time; what is asked meanwhile is read next.
 *  @param show told of each change; @param fail told of a reading that failed: the next one is asked for as if it had not */
export function followLive(exchange: ExchangeId, pieces: (fromN: number) => Promise<LivePiece[]>, show: (live: Live) => void, fail: (error: unknown) => void, signal: AbortSignal): () => Promise<void> {
  let current = noLive(exchange);
  let again = false;
  let busy = false;
  return async () => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again && !signal.aborted) {
        again = false;
        const next = appendPieces(current, await pieces(current.next));
        if (!signal.aborted && next !== current) show(next);
        current = next;
      }
    } catch (error) {
      if (!signal.aborted) fail(error);
    } finally {
      busy = false;
    }
  };
}

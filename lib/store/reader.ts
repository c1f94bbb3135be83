/** What a reader of the store (the panel, the export) may ask. The writer's side is not part of it. */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { Side } from '../model/record.ts';
import type { PageDocument, TabSession } from '../model/session.ts';
import type { LivePiece, SpanRow } from '../model/span.ts';

/** A body as far as it is stored: `bytes` in order with gaps left out, `times[i]` (ms from the exchange's start) is when
 *  the page had read up to `ends[i]`; `missing` bytes were read by the page and are not here. */
export interface StoredBody { bytes: Uint8Array<ArrayBuffer>; times: Float64Array; ends: Uint32Array; missing: number }

export interface StoreReader {
  sessions(): Promise<TabSession[]>;
  session(id: string): Promise<TabSession | undefined>;
  documents(session: string): Promise<PageDocument[]>;
  /** rows of one source with rev > `sinceRev`, in rev order */
  spans(source: string, sinceRev?: number): Promise<SpanRow[]>;
  spansOfTrace(source: string, traceId: string): Promise<SpanRow[]>;
  exchange(id: ExchangeId): Promise<Exchange | undefined>;
  body(id: ExchangeId, side: Side): Promise<StoredBody>;
  /** pieces n >= fromN of a running call */
  live(exchange: ExchangeId, fromN?: number): Promise<LivePiece[]>;
  /** bytes of all stored bodies */
  usage(): Promise<{ bytes: number }>;
}

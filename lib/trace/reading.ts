/** An exchange read again from its bytes: what the panel and the export need to show or derive a span. */
import type { ModelCall } from '../model/call.ts';
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';

export interface ReadExchange { exchange: Exchange; call: ModelCall; request: Uint8Array; response: Uint8Array }

/** The embedding that made the vector a search asks with. */
export const sourceOf = ({ kind, link }: SpanRow): ExchangeId | undefined => (kind === 'RETRIEVER' && link.evidence === 'vector' ? link.to : undefined);

/** Exchanges that must be read before the span's attributes can be derived. */
export function neededExchanges(span: SpanRow): ExchangeId[] {
  const source = sourceOf(span);
  if (source !== undefined) return [span.exchange, source];
  return span.resultExchange === undefined || span.resultExchange === span.exchange ? [span.exchange] : [span.exchange, span.resultExchange];
}

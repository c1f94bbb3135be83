/** Flat OpenInference attributes of a span, derived when read or exported. */
import type { ExchangeId } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import type { ReadExchange } from './reading.ts';

export type Attributes = Record<string, string | number | boolean | string[] | number[]>;

/** @param read the exchanges that `neededExchanges(span)` names, as far as they are still stored */
export function attributesOf(span: SpanRow, read: ReadonlyMap<ExchangeId, ReadExchange>): Attributes {
  void read;
  return { 'openinference.span.kind': span.kind };
}

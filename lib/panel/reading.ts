/** Bodies are read when someone looks: the exchanges a span needs, with what the provider says they mean. */
import { isImport } from '../model/command.ts';
import type { ExchangeId } from '../model/exchange.ts';
import type { Side } from '../model/record.ts';
import type { SpanRow } from '../model/span.ts';
import type { StoreReader, StoredBody } from '../store/reader.ts';
import { attributesOf, type Attributes } from '../trace/attributes.ts';
import { readCall } from '../trace/fold.ts';
import { readImported } from './imported-reading.ts';
import { type ReadExchange, neededExchanges, sourceOf } from '../trace/reading.ts';

/** `bodies` hold the times and what is missing beside the same bytes. */
export interface Reading extends ReadExchange {
  bodies: Record<Side, StoredBody>;
  /** attributes of an imported span, which has no bytes */ imported?: Attributes;
}

export interface Reads { main: ExchangeId; followUp?: ExchangeId }

/** What a span's detail shows. An LLM span: its call. A TOOL span: the call that asked for it and the one that carried
 *  the result back. A search: its call and the embedding that made its vector. An agent or chain: its last call, which holds the whole conversation. */
export function readsOf(span: SpanRow): Reads {
  const { kind, exchange, resultExchange } = span;
  if (kind === 'AGENT' || kind === 'CHAIN') return { main: resultExchange ?? exchange };
  return { main: exchange, followUp: sourceOf(span) ?? resultExchange };
}

/** What a span's attributes are derived from. */
export function attributeReadsOf(span: SpanRow): Reads {
  if (isImport(span.source)) return { main: `${span.source}/${span.spanId}` };
  const [main = span.exchange, followUp] = neededExchanges(span);
  return { main, followUp };
}

export type { Attributes };

const KEPT = 30;

/** Reads exchanges, the last few remembered until their row changes. */
export function createReadings(reader: StoreReader): { read(id: ExchangeId): Promise<Reading | undefined> } {
  const kept = new Map<ExchangeId, Reading>();
  return {
    async read(id) {
      if (isImport(id)) return readImported(reader, id);
      const exchange = await reader.exchange(id);
      if (!exchange) return undefined;
      const known = kept.get(id);
      if (known?.exchange.rev === exchange.rev) return known;
      const [request, response] = await Promise.all([reader.body(id, 'request'), reader.body(id, 'response')]);
      const reading: Reading = { exchange, request: request.bytes, response: response.bytes, bodies: { request, response }, call: readCall(exchange, request.bytes, response.bytes) };
      kept.delete(id);
      kept.set(id, reading);
      for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
      return reading;
    },
  };
}

/** Flat OpenInference attributes of a span, from the readings there are. */
export function attributesFor(span: SpanRow, readings: ReadonlyArray<Reading | undefined>): Attributes {
  if (isImport(span.source)) return readings[0]?.imported ?? {};
  return attributesOf(span, new Map(readings.flatMap((reading) => (reading ? [[reading.exchange.id, reading] as const] : []))));
}

/** Spans of the store as OTLP/JSON text: bodies are read one span after the other and let go again. */
import { toOtlp } from '../../lib/export/otlp.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { attributesFor, createReadings } from '../../lib/panel/reading.ts';
import type { StoreReader } from '../../lib/store/reader.ts';
import type { Attributes } from '../../lib/trace/attributes.ts';
import { neededExchanges } from '../../lib/trace/reading.ts';

/** @param siteOf `service.name` of a source's resource: the site its spans come from */
export async function otlpExport(reader: StoreReader, spans: readonly SpanRow[], siteOf: (source: string) => string): Promise<string> {
  const readings = createReadings(reader);
  const attributes = new Map<SpanRow, Attributes>();
  for (const span of spans) {
    const read = [];
    for (const id of neededExchanges(span)) read.push(await readings.read(id));
    attributes.set(span, attributesFor(span, read));
  }
  const resourceSpans = [...Map.groupBy(spans, (span) => span.source)]
    .flatMap(([source, own]) => toOtlp(own, (span) => attributes.get(span) ?? {}, { 'service.name': siteOf(source) }).resourceSpans);
  return JSON.stringify({ resourceSpans }, null, 2);
}

/** Spans of the store as OTLP/JSON text: bodies are read one span after the other and let go again. */
import { toOtlp } from '../../lib/export/otlp.ts';
import { resourceOf } from '../../lib/export/resource.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { attributesFor, createReadings } from '../../lib/panel/reading.ts';
import type { StoreReader } from '../../lib/store/reader.ts';
import type { Attributes } from '../../lib/trace/attributes.ts';
import { neededExchanges } from '../../lib/trace/reading.ts';

/** @param siteOf the site that the spans of a source come from
 *  @param version Spanlight's */
export async function otlpExport(reader: StoreReader, spans: readonly SpanRow[], siteOf: (source: string) => string, version: string): Promise<string> {
  const readings = createReadings(reader);
  const attributes = new Map<SpanRow, Attributes>();
  for (const span of spans) {
    const read = [];
    for (const id of neededExchanges(span)) read.push(await readings.read(id));
    attributes.set(span, attributesFor(span, read));
  }
  const resourceSpans = [...Map.groupBy(spans, (span) => span.source)]
    .flatMap(([source, own]) => toOtlp(own, (span) => attributes.get(span) ?? {}, resourceOf({ site: siteOf(source), version, userAgent: navigator.userAgent })).resourceSpans);
  return JSON.stringify({ resourceSpans }, null, 2);
}

/** Spans of the store as OTLP/JSON: bodies are read one span after the other and let go again. */
import { otlpText } from '../../lib/export/otlp.ts';
import { resourceOf } from '../../lib/export/resource.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import type { Source } from '../../lib/panel/host.ts';
import { attributeReadsOf, attributesFor, createReadings } from '../../lib/panel/reading.ts';
import type { StoreReader } from '../../lib/store/reader.ts';

/** So many characters become a blob, which the browser keeps outside of this page's memory. */
const PIECE = 4 * 1024 * 1024;

/** @param sourceOf where the spans of a source come from
 *  @param version Spanlight's */
export async function otlpExport(reader: StoreReader, spans: readonly SpanRow[], sourceOf: (source: string) => Source, version: string): Promise<Blob> {
  const readings = createReadings(reader);
  const groups = [...Map.groupBy(spans, (span) => span.source)]
    .map(([source, own]) => ({ spans: own, resource: sourceOf(source).resource ?? resourceOf({ site: sourceOf(source).site, version, userAgent: navigator.userAgent }) }));
  const readAll = (span: SpanRow) => {
    const { main, followUp } = attributeReadsOf(span);
    return Promise.all([main, ...(followUp === undefined ? [] : [followUp])].map((id) => readings.read(id)));
  };
  const pieces: Blob[] = [];
  let text = '';
  for await (const more of otlpText(groups, async (span) => attributesFor(span, await readAll(span)))) {
    text += more;
    if (text.length < PIECE) continue;
    pieces.push(new Blob([text]));
    text = '';
  }
  return new Blob([...pieces, text], { type: 'application/json' });
}

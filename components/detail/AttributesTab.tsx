/** Flat OpenInference attributes of a span, as they will be exported. */
import type { SpanRow } from '../../lib/model/span.ts';
import { attributeReadsOf, attributesFor } from '../../lib/panel/reading.ts';
import { useReading } from '../../lib/panel/use-panel.ts';
import { AttributesTable } from './AttributesTable.tsx';

export function AttributesTab({ span, onCopy }: { span: SpanRow; onCopy(text: string): void }) {
  const { main, followUp } = attributeReadsOf(span);
  const reading = useReading(main, span.rev);
  const other = useReading(followUp, span.rev);
  return reading && <AttributesTable attributes={attributesFor(span, [reading, other])} onCopy={onCopy} />;
}

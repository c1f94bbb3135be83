/** A span row with what a test does not care about filled in. */
import type { SpanRow } from '../../lib/model/span.ts';

export function span(spanId: string, fields: Partial<SpanRow> = {}): SpanRow {
  return {
    source: 'tab', spanId, traceId: 'trace', kind: 'LLM', name: 'chat gpt-5-mini', label: 'gpt-5-mini', startMs: 1000, endMs: 2000, status: 'unset', exchange: 'doc/1', model: 'gpt-5-mini-2026',
    link: { relation: 'root', evidence: 'none', confidence: 1, detail: '' }, rev: 1, ...fields,
  };
}

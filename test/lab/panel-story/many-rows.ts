/** Span rows by the thousand, made directly: no bodies, only lines. */
import type { SpanRow } from '../../../lib/model/span.ts';
import { HERE, NOW } from './data.ts';

/** One trace of `count` rows in the order a person reads them: a root, crawlers of 40 rows below it. */
export function manyRows(count: number): SpanRow[] {
  const start = NOW - 600_000;
  const rows: SpanRow[] = [];
  const traceId = 'f'.repeat(32);
  for (let index = 0; index < count; index++) {
    const kind = index === 0 ? 'AGENT' : index % 40 === 1 ? 'AGENT' : index % 3 === 0 ? 'TOOL' : 'LLM';
    const agent = Math.floor((index - 1) / 40) * 40 + 1;
    rows.push({
      source: HERE, spanId: index.toString(16).padStart(16, '0'), traceId, parentSpanId: index === 0 ? undefined : (index % 40 === 1 ? 0 : agent).toString(16).padStart(16, '0'), kind,
      name: kind === 'TOOL' ? `execute_tool step_${index}` : `chat gpt-5-mini`, label: kind === 'TOOL' ? `step_${index}(page: ${index}, of: ${count})` : kind === 'AGENT' ? `crawler ${index}` : 'gpt-5-mini', title: index === 0 ? 'Crawl the whole documentation and find every broken link' : undefined,
      startMs: start + index * 100, endMs: start + index * 100 + (kind === 'AGENT' ? (index === 0 ? count * 100 : 3900) : 60 + ((index * 37) % 400)), status: index % 97 === 50 ? 'error' : 'unset', httpStatus: index % 97 === 50 ? 529 : undefined, errorType: index % 97 === 50 ? 'overloaded_error' : undefined,
      exchange: 'doc-3/0', model: 'gpt-5-mini', usage: kind === 'LLM' ? { input: 300 + index, output: 40, total: 340 + index } : undefined, firstByteMs: 30, firstTokenMs: 45,
      link: { relation: index === 0 ? 'root' : 'continues', evidence: index % 5 === 0 ? 'history_tail' : 'tool_call_id', confidence: index % 5 === 0 ? 0.8 : 1, detail: 'Its results are in the request that followed.' }, rev: 1,
    });
  }
  return rows;
}

const idOf = (trace: number, place: number): string => `a${(trace * 8 + place).toString(16).padStart(15, '0')}`;

/** `count` traces, oldest first, a second apart: an agent with a model call, two tools and another call. One in 500 failed. */
export function manyTraces(count: number): SpanRow[] {
  const kinds = ['AGENT', 'LLM', 'TOOL', 'TOOL', 'LLM'] as const;
  return Array.from({ length: count }, (_, trace) => trace).flatMap((trace) => kinds.map((kind, place): SpanRow => {
    const startMs = NOW - (count - trace) * 1000 + place * 100;
    const failed = trace % 500 === 7 && place === 4;
    return {
      source: HERE, spanId: idOf(trace, place), traceId: `a${trace.toString(16).padStart(31, '0')}`, parentSpanId: place === 0 ? undefined : idOf(trace, 0),
      kind, name: kind, label: kind === 'TOOL' ? `search_${place}(question: ${trace})` : kind === 'LLM' ? 'gpt-5-mini' : 'Assistant', title: place === 0 ? `Question ${trace}` : undefined,
      startMs, endMs: startMs + (place === 0 ? 500 : 90), status: failed ? 'error' : 'unset', exchange: 'doc-3/0', model: kind === 'LLM' ? 'gpt-5-mini' : undefined, usage: kind === 'LLM' ? { input: 90, output: 10, total: 100 } : undefined,
      link: { relation: 'root', evidence: 'none', confidence: 1, detail: '' }, rev: 1,
    };
  }));
}

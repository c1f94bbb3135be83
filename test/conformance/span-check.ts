/** Whether a span row and its attributes are valid: what a receiver, the database and the panel rely on. */
import type { SpanRow } from '../../lib/model/span.ts';
import type { Attributes } from '../../lib/trace/attributes.ts';

const KINDS = ['LLM', 'TOOL', 'AGENT', 'CHAIN', 'EMBEDDING', 'RETRIEVER', 'RERANKER', 'GUARDRAIL'];
const FINISHES = ['stop', 'length', 'tool_calls', 'content_filter', 'error', 'other'];
const isId = (value: unknown, digits: number): boolean => typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value) && !/^0+$/.test(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const ifGiven = <T>(value: T, holds: (value: T) => boolean): boolean => value === undefined || holds(value);

/** @returns what is wrong, by field */
export function spanFaults(span: SpanRow): string[] {
  const { usage } = span;
  const holds: Record<string, boolean> = {
    spanId: isId(span.spanId, 16), traceId: isId(span.traceId, 32), parentSpanId: ifGiven(span.parentSpanId, (id) => isId(id, 16) && id !== span.spanId),
    kind: KINDS.includes(span.kind), name: isText(span.name), label: isText(span.label), source: isText(span.source), exchange: isText(span.exchange),
    startMs: isTime(span.startMs), endMs: isTime(span.endMs) && (span.endMs ?? 0) >= span.startMs,
    status: span.status === 'unset' || (span.status === 'error' && isText(span.errorType)),
    httpStatus: ifGiven(span.httpStatus, (status) => isCount(status) && (status ?? 0) < 1000),
    times: [span.headMs, span.firstByteMs, span.firstTokenMs].every((ms) => ifGiven(ms, isTime)),
    finish: ifGiven(span.finish, (finish) => FINISHES.includes(finish ?? '')),
    model: ifGiven(span.model, isText), provider: ifGiven(span.provider, isText), missingBytes: ifGiven(span.missingBytes, isCount),
    link: isText(span.link.relation) && span.link.confidence >= 0 && span.link.confidence <= 1,
    usage: usage === undefined || (Object.values(usage).every((number) => ifGiven(number, isCount)) && usage.total === usage.input + usage.output
      && (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) <= usage.input && (usage.reasoning ?? 0) <= usage.output),
  };
  return Object.entries(holds).filter(([, held]) => !held).map(([field]) => `span with an invalid ${field}: ${JSON.stringify(span[field as keyof SpanRow]) ?? 'undefined'}`);
}

const isScalar = (value: unknown): boolean => typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

export function attributeFaults(attributes: Attributes): string[] {
  const wrong = Object.entries(attributes).filter(([, value]) => !(isScalar(value) || (Array.isArray(value) && value.every(isScalar))));
  const kind = attributes['openinference.span.kind'];
  return [...wrong.map(([key, value]) => `attribute ${key} is ${JSON.stringify(value) ?? 'undefined'}`), ...(KINDS.includes(String(kind)) ? [] : [`attribute openinference.span.kind is ${String(kind)}`])];
}

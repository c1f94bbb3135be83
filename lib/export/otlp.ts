/**
 * Spans as OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hex, enums as integers, 64-bit
 * integers as decimal strings.
 *
 * Running spans are left out. OTLP has no word for them, an invented end would be a lie that stays (receivers ignore a span
 * id they know), and children whose parent follows in a later export find it there. The resource tells how many are missing.
 */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { isWire, type SpanRow } from '../model/span.ts';
import { isDouble, type Attributes } from '../trace/attributes.ts';

type AnyValue = { stringValue: string } | { boolValue: boolean } | { intValue: string } | { doubleValue: number | string } | { arrayValue: { values: AnyValue[] } };
interface KeyValue { key: string; value: AnyValue }

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  events: Array<{ timeUnixNano: string; name: string; attributes: KeyValue[] }>;
  links: Array<{ traceId: string; spanId: string; attributes: KeyValue[] }>;
  status: { code: number; message?: string };
}

/** An ExportTraceServiceRequest, as `otlpText` tells it. */
export interface OtlpTraces { resourceSpans: Array<{ resource: { attributes: KeyValue[] }; scopeSpans: Array<{ scope: { name: string }; spans: OtlpSpan[] }> }> }

/** Half a character (a lone surrogate, which JSON may hold) is no UTF-8. */
const stringValue = (text: string): AnyValue => ({ stringValue: text.toWellFormed() });

/** NaN and the infinities are strings in protobuf's JSON. */
const doubleValue = (value: number): AnyValue => ({ doubleValue: Number.isFinite(value) ? value : String(value) });

function anyValue(key: string, value: Attributes[string]): AnyValue {
  if (typeof value === 'string') return stringValue(value);
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return isDouble(key) || !Number.isSafeInteger(value) ? doubleValue(value) : { intValue: String(value) };
  // Numbers in lists are vectors: mixing integers and doubles within one is what receivers refuse.
  return { arrayValue: { values: value.map((item) => typeof item === 'string' ? stringValue(item) : doubleValue(item)) } };
}

const keyValues = (attributes: Attributes): KeyValue[] => Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(key, value) }));

/** Epoch ms to ns. A double cannot hold ns since 1970: the whole and the fraction go their own ways. */
function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)));
}

/** There is no convention for the first token; this is the name LangChain's and Arize's instrumentations use. */
const FIRST_TOKEN = 'First Token Stream Event';

function eventsOf(span: SpanRow, endMs: number): OtlpSpan['events'] {
  const events: OtlpSpan['events'] = [];
  if (span.firstTokenMs !== undefined) events.push({ timeUnixNano: nanos(span.startMs + span.firstTokenMs), name: FIRST_TOKEN, attributes: [] });
  // As an event too: Phoenix shows failures by it.
  if (span.status === 'error') events.push({ timeUnixNano: nanos(endMs), name: 'exception', attributes: keyValues({ 'exception.type': span.errorType ?? 'error', 'exception.message': span.statusMessage ?? '' }) });
  return events;
}

/** @param end epoch ms; a page that turned its clock back may have it before the start */
export function spanOf(span: SpanRow, end: number, attributes: Attributes): OtlpSpan {
  const endMs = Math.max(span.startMs, end);
  // OTLP counts kinds from 1, the API from 0. The page is the client of its model calls; the rest happens in it.
  const kind = (isWire(span) ? SpanKind.CLIENT : SpanKind.INTERNAL) + 1;
  return {
    traceId: span.traceId, spanId: span.spanId, ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name.toWellFormed(), kind,
    startTimeUnixNano: nanos(span.startMs), endTimeUnixNano: nanos(endMs),
    attributes: keyValues(attributes), events: eventsOf(span, endMs),
    links: span.retryOf === undefined ? [] : [{ traceId: span.traceId, spanId: span.retryOf, attributes: keyValues({ 'spanlight.link.relation': 'retries' }) }],
    status: span.status === 'error' ? { code: SpanStatusCode.ERROR, message: (span.statusMessage ?? span.errorType ?? '').toWellFormed() } : { code: SpanStatusCode.UNSET },
  };
}

const SCOPE = { name: 'spanlight' };

function resourceFor(spans: readonly SpanRow[], resource: Attributes): { attributes: KeyValue[] } {
  const running = spans.filter(({ endMs }) => endMs === undefined).length;
  return { attributes: keyValues(running === 0 ? resource : { ...resource, 'spanlight.running_spans_left_out': running }) };
}

/** Spans of one resource; its attributes: see resource.ts. */
export interface OtlpGroup { spans: readonly SpanRow[]; resource: Attributes }

/** `OtlpTraces` as JSON text, a span at a time and each on its line: every call repeats its conversation's messages, so that
 *  all spans at once may be more than one text, or the memory, can hold.
 *  @param attributes flat OpenInference attributes of one span */
export async function* otlpText(groups: readonly OtlpGroup[], attributes: (span: SpanRow) => Promise<Attributes>): AsyncGenerator<string> {
  yield '{"resourceSpans":[';
  for (const [at, { spans, resource }] of groups.entries()) {
    yield `${at === 0 ? '' : ','}\n{"resource":${JSON.stringify(resourceFor(spans, resource))},"scopeSpans":[{"scope":${JSON.stringify(SCOPE)},"spans":[`;
    let separator = '\n';
    for (const span of spans) {
      if (span.endMs === undefined) continue;
      yield separator + JSON.stringify(spanOf(span, span.endMs, await attributes(span)));
      separator = ',\n';
    }
    yield '\n]}]}';
  }
  yield '\n]}\n';
}

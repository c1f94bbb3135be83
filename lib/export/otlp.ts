/** Spans as OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
import type { SpanRow } from '../model/span.ts';
import type { Attributes } from '../trace/attributes.ts';

/** JSON-ready: `JSON.stringify` of it is a valid export request. */
export interface OtlpTraces { resourceSpans: object[] }

/** @param attributes flat OpenInference attributes of one span
 *  @param resource attributes of the resource: `service.name`, ... */
export function toOtlp(spans: readonly SpanRow[], attributes: (span: SpanRow) => Attributes, resource: Attributes): OtlpTraces {
  void spans; void attributes; void resource;
  return { resourceSpans: [] };
}

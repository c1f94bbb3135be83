/** An export request held against opentelemetry-proto's trace.proto, common.proto and resource.proto in their JSON mapping: every
 *  field known and of its type. Written from the .proto files, not from our exporter. */

type Check = (value: unknown, at: string) => string[];

const fail = (at: string, wants: string): string[] => [`${at}: ${wants}`];
const matching = (pattern: RegExp, wants: string): Check => (value, at) => typeof value === 'string' && pattern.test(value) ? [] : fail(at, wants);
const oneOf = (...values: unknown[]): Check => (value, at) => values.includes(value) ? [] : fail(at, `one of ${values.join(', ')}`);
const list = (check: Check): Check => (value, at) => Array.isArray(value) ? value.flatMap((item, index) => check(item, `${at}[${index}]`)) : fail(at, 'a list');
const message = (fields: Record<string, Check>, required: string[] = []): Check => (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(at, 'a message');
  const unknown = Object.keys(value).filter((key) => !(key in fields)).map((key) => `${at}.${key}: no such field`);
  const absent = required.filter((key) => !(key in value)).map((key) => `${at}.${key}: missing`);
  return [...unknown, ...absent, ...Object.entries(value).flatMap(([key, item]) => fields[key]?.(item, `${at}.${key}`) ?? [])];
};

const string: Check = (value, at) => typeof value === 'string' && value.isWellFormed() ? [] : fail(at, 'a string');
const uint32: Check = (value, at) => Number.isInteger(value) && Number(value) >= 0 ? [] : fail(at, 'an unsigned integer');
const int64 = matching(/^-?\d{1,19}$/, 'an integer in a string');
const nanos = matching(/^[1-9]\d{9,18}$/, 'nanoseconds since 1970 in a string');
const traceId = matching(/^(?!0+$)[0-9a-f]{32}$/, '32 hex digits');
const spanId = matching(/^(?!0+$)[0-9a-f]{16}$/, '16 hex digits');
const double: Check = (value, at) => typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(String(value)) ? [] : fail(at, 'a double');

const anyValue: Check = (value, at) => {
  const inner = message({
    stringValue: string, boolValue: oneOf(true, false), intValue: int64, doubleValue: double, bytesValue: matching(/^[\w+/]*={0,2}$/, 'base64'),
    arrayValue: message({ values: list((item, where) => anyValue(item, where)) }), kvlistValue: message({ values: list((item, where) => keyValue(item, where)) }),
  })(value, at);
  return [...inner, ...(Object.keys(Object(value)).length === 1 ? [] : fail(at, 'exactly one value'))];
};
const keyValue = message({ key: string, value: anyValue }, ['key', 'value']);
const attributes: Check = (value, at) => {
  const keys = Array.isArray(value) ? value.map((each: { key?: unknown }) => each.key) : [];
  return [...list(keyValue)(value, at), ...(new Set(keys).size === keys.length ? [] : fail(at, 'each key once'))];
};

const span = message({
  traceId, spanId, traceState: string, parentSpanId: spanId, flags: uint32, name: string, kind: oneOf(0, 1, 2, 3, 4, 5), startTimeUnixNano: nanos, endTimeUnixNano: nanos, attributes,
  droppedAttributesCount: uint32, events: list(message({ timeUnixNano: nanos, name: string, attributes, droppedAttributesCount: uint32 }, ['timeUnixNano', 'name'])), droppedEventsCount: uint32,
  links: list(message({ traceId, spanId, traceState: string, attributes, droppedAttributesCount: uint32, flags: uint32 }, ['traceId', 'spanId'])), droppedLinksCount: uint32,
  status: message({ message: string, code: oneOf(0, 1, 2) }),
}, ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano']);

const request = message({
  resourceSpans: list(message({
    resource: message({ attributes, droppedAttributesCount: uint32 }), schemaUrl: string,
    scopeSpans: list(message({ scope: message({ name: string, version: string, attributes }), schemaUrl: string, spans: list(span) }, ['spans'])),
  }, ['scopeSpans'])),
}, ['resourceSpans']);

interface SpanLike { spanId?: string; parentSpanId?: string; traceId?: string; startTimeUnixNano?: string; endTimeUnixNano?: string }

/** Faults that a receiver would refuse or misread, as sentences; none in a good file. */
export function faultsOf(file: { resourceSpans?: Array<{ scopeSpans?: Array<{ spans?: SpanLike[] }> }> }): string[] {
  const shape = request(file, 'file');
  if (shape.length > 0) return shape;
  const spans = (file.resourceSpans ?? []).flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans: inner = [] }) => inner));
  const byId = new Map(spans.map((each) => [each.spanId, each]));
  return [
    ...(byId.size === spans.length ? [] : ['span ids are not unique']),
    ...spans.filter(({ parentSpanId, traceId: trace }) => parentSpanId !== undefined && byId.get(parentSpanId)?.traceId !== trace).map(({ spanId: id }) => `${id}: its parent is not in its trace`),
    ...spans.filter(({ startTimeUnixNano: start = '', endTimeUnixNano: end = '' }) => BigInt(end) < BigInt(start)).map(({ spanId: id }) => `${id}: ends before it starts`),
  ];
}

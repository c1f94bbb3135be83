/** What the spans of an export say of calls, in the form in which the page tells what its app got. It reads the file as a
 *  receiver would, by OpenInference's names, and shares nothing with lib/. */
import { atLeastOne, type Call, type Refusal, type ToolUse } from './got.ts';

interface Value { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean }
interface OtlpSpan {
  traceId: string; spanId: string; parentSpanId?: string; startTimeUnixNano: string;
  attributes: Array<{ key: string; value: Value }>;
  events: Array<{ name: string; attributes: Array<{ key: string; value: Value }> }>;
  status: { code: number; message?: string };
}
interface Otlp { resourceSpans: Array<{ scopeSpans: Array<{ spans: OtlpSpan[] }> }> }

type Attributes = ReadonlyMap<string, string | number>;
export interface Span { traceId: string; spanId: string; parentSpanId?: string; kind: string; start: bigint; isError: boolean; message: string; exceptions: Attributes[]; attributes: Attributes }

const ERROR = 2;

const attributesOf = (list: OtlpSpan['attributes']): Attributes => new Map(list.map(({ key, value }) => [key, value.intValue === undefined ? value.doubleValue ?? value.stringValue ?? '' : Number(value.intValue)]));

/** In order of starts; tools that start together in that of the answer. */
export function spansIn(file: string): Span[] {
  const spans = (JSON.parse(file) as Otlp).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)).map((span): Span => {
    const attributes = attributesOf(span.attributes);
    return {
      traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId, start: BigInt(span.startTimeUnixNano), kind: textOf(attributes, 'openinference.span.kind'), isError: span.status.code === ERROR, message: span.status.message ?? '',
      exceptions: span.events.filter(({ name }) => name === 'exception').map((event) => attributesOf(event.attributes)), attributes,
    };
  });
  const place = ({ attributes }: Span): number => Number(attributes.get('spanlight.tool.index') ?? 0);
  return spans.toSorted((a, b) => Number(a.start - b.start) || place(a) - place(b));
}

export const textOf = (attributes: Attributes, key: string): string => String(attributes.get(key) ?? '');
const maybeText = (attributes: Attributes, key: string): string | undefined => attributes.has(key) ? textOf(attributes, key) : undefined;
const maybeNumber = (attributes: Attributes, key: string): number | undefined => attributes.has(key) ? Number(attributes.get(key)) : undefined;

/** The items at `prefix.0`, `prefix.1`, ... */
function itemsOf(attributes: Attributes, prefix: string): Attributes[] {
  const items: Map<string, string | number>[] = [];
  for (const [key, value] of attributes) {
    const [, index, rest] = key.startsWith(`${prefix}.`) ? /^(\d+)\.(.+)$/.exec(key.slice(prefix.length + 1)) ?? [] : [];
    if (index !== undefined && rest !== undefined) (items[Number(index)] ??= new Map()).set(rest, value);
  }
  return items;
}

function wordsOf(message: Attributes, type: 'text' | 'reasoning'): string {
  const parts = itemsOf(message, 'message.contents').filter((part) => part.get('message_content.type') === type).map((part) => textOf(part, 'message_content.text'));
  return (type === 'text' ? textOf(message, 'message.content') : '') + parts.join('');
}

const toolsOf = (message: Attributes): ToolUse[] => itemsOf(message, 'message.tool_calls').map((call) => ({ id: maybeText(call, 'tool_call.id'), name: textOf(call, 'tool_call.function.name'), arguments: JSON.parse(textOf(call, 'tool_call.function.arguments')) as unknown }));

function tokensOf({ attributes }: Span): Call['tokens'] {
  const [input, output, total] = ['prompt', 'completion', 'total'].map((name) => maybeNumber(attributes, `llm.token_count.${name}`));
  if (input === undefined || output === undefined || total === undefined) return undefined;
  return { input, output, total, cacheRead: atLeastOne(maybeNumber(attributes, 'llm.token_count.prompt_details.cache_read')), reasoning: atLeastOne(maybeNumber(attributes, 'llm.token_count.completion_details.reasoning')) };
}

const ENDS: Record<string, Call['ended']> = { complete: 'complete', aborted: 'aborted', cancelled: 'aborted', cut: 'cut' };

/** Said three times: in the status, as an event, as attributes. */
function failureOf({ message, exceptions, attributes }: Span): { type: string; message: string } {
  const told = exceptions.map((exception) => ({ type: textOf(exception, 'exception.type'), message: textOf(exception, 'exception.message') }));
  const status = { type: textOf(attributes, 'error.type'), message };
  if (told.length !== 1 || JSON.stringify(told[0]) !== JSON.stringify(status)) throw new Error(`the span tells of its error differently: ${JSON.stringify({ told, status })}`);
  return status;
}

function askedIn({ kind, attributes }: Span): Call['asked'] {
  if (kind === 'EMBEDDING') return itemsOf(attributes, 'embedding.embeddings').map((item) => textOf(item, 'embedding.text'));
  const user = itemsOf(attributes, 'llm.input_messages').findLast((message) => message.get('message.role') === 'user');
  return user && wordsOf(user, 'text');
}

/** A span of kind LLM or EMBEDDING. `reason` is left out: see `reasonIn`. */
export function callIn(span: Span): Call {
  const { kind, attributes } = span;
  const outputs = itemsOf(attributes, 'llm.output_messages');
  if (outputs.length > 1) throw new Error('the span has several answers');
  const output = outputs[0] ?? new Map<string, string>();
  const ended = ENDS[textOf(attributes, 'spanlight.end.cause')];
  if (ended === undefined) throw new Error(`the span ended: ${textOf(attributes, 'spanlight.end.cause')}`);
  const failure = span.isError ? failureOf(span) : undefined;
  const refusal: Refusal | undefined = failure && ended !== 'cut' ? { status: Number(attributes.get('http.response.status_code')), ...failure } : undefined;
  const vectors = { count: Number(attributes.get('spanlight.embedding.count')), size: Number(attributes.get('spanlight.embedding.size')) };
  return {
    asked: askedIn(span), model: textOf(attributes, kind === 'EMBEDDING' ? 'embedding.model_name' : 'llm.model_name'), id: maybeText(attributes, 'spanlight.response.id'),
    text: wordsOf(output, 'text'), reasoning: wordsOf(output, 'reasoning'), tools: toolsOf(output), finish: maybeText(attributes, 'llm.finish_reason'),
    tokens: tokensOf(span), vectors: kind === 'EMBEDDING' ? vectors : undefined, refusal, ended,
    thrown: failure && refusal === undefined ? { name: failure.type, message: failure.message } : undefined,
  };
}

export const reasonIn = ({ attributes }: Span): string | undefined => maybeText(attributes, 'spanlight.finish.reason');

/** A span of kind TOOL. */
export const ranIn = ({ attributes }: Span): ToolUse & { result: string } =>
  ({ id: maybeText(attributes, 'tool.id'), name: textOf(attributes, 'tool.name'), arguments: JSON.parse(textOf(attributes, 'tool.parameters')), result: textOf(attributes, 'output.value') });

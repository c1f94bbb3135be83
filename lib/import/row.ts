/** One OTLP span as a row, checked value by value: a file is as hostile as a page. Other tools' spans, which lack our own
 *  attributes, get what OpenInference's and OpenTelemetry's names tell. */
import {
  EMBEDDING_MODEL_NAME, LLM_MODEL_NAME, LLM_PROVIDER, LLM_TOKEN_COUNT_COMPLETION, LLM_TOKEN_COUNT_COMPLETION_DETAILS_AUDIO, LLM_TOKEN_COUNT_COMPLETION_DETAILS_REASONING,
  LLM_TOKEN_COUNT_PROMPT, LLM_TOKEN_COUNT_PROMPT_DETAILS_AUDIO, LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ, LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE,
  LLM_TOKEN_COUNT_TOTAL, SESSION_ID, SemanticConventions,
} from '@arizeai/openinference-semantic-conventions';
import type { FinishReason, Usage } from '../model/call.ts';
import { limits } from '../model/limits.ts';
import { endCauses } from '../model/record.ts';
import type { Link, SpanKind, SpanRow } from '../model/span.ts';
import { countOf, objectOf, objectsOf, stringOf, type JsonObject } from '../providers/json.ts';
import type { Attributes } from '../trace/attributes.ts';
import { previewOf } from '../trace/preview.ts';
import { attributesIn } from './key-values.ts';

/** A row whose references (`exchange` and its kin) still name what the file calls them. */
export interface ReadSpan { row: SpanRow; attributes: Attributes }

const KINDS: ReadonlySet<string> = new Set<SpanKind>(['LLM', 'TOOL', 'AGENT', 'CHAIN', 'EMBEDDING', 'RETRIEVER', 'RERANKER', 'GUARDRAIL']);
/** `gen_ai.operation.name` */
const OPERATIONS: ReadonlyMap<string, SpanKind> = new Map([['chat', 'LLM'], ['text_completion', 'LLM'], ['generate_content', 'LLM'], ['embeddings', 'EMBEDDING'], ['execute_tool', 'TOOL'], ['invoke_agent', 'AGENT'], ['retrieval', 'RETRIEVER']]);
const FINISHES = ['stop', 'length', 'tool_calls', 'content_filter', 'error', 'other'] as const satisfies readonly FinishReason[];
const RELATIONS = ['root', 'continues', 'retries', 'uses', 'turn'] as const satisfies ReadonlyArray<Link['relation']>;
const EVIDENCES = ['none', 'response_id', 'history', 'history_tail', 'tool_call_id', 'same_request', 'vector', 'passage'] as const satisfies ReadonlyArray<Link['evidence']>;

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined => values.find((each) => each === value);
/** a measure: finite, not negative, below what anything here counts or lasts */
const amountOf = (value: unknown): number | undefined => typeof value === 'number' && value >= 0 && value < limits.latestMs ? value : undefined;
const textOf = (value: unknown, most: number): string | undefined => typeof value === 'string' ? value.slice(0, most) : undefined;
const nameOf = (value: unknown): string | undefined => textOf(value, limits.nameLength);
/** Names of spans hold two names and a verb. */
const LONG_NAME = 3 * limits.nameLength;
/** Ids of exchanges are a document's id and a number. */
const ID_LENGTH = limits.nameLength;

const hexOf = (value: unknown, digits: number): string | undefined => {
  const hex = stringOf(value).toLowerCase();
  return hex.length === digits && /^[0-9a-f]+$/.test(hex) && !/^0+$/.test(hex) ? hex : undefined;
};

/** Nanoseconds since 1970 as epoch ms. A double holds them to 244 ns, which is what Spanlight's own times had to begin with. */
function msOf(nanos: unknown): number | undefined {
  const text = typeof nanos === 'number' && Number.isSafeInteger(Math.trunc(nanos / 1000)) ? String(BigInt(Math.trunc(nanos))) : stringOf(nanos);
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const whole = Number(BigInt(text) / 1_000_000n);
  return whole < limits.latestMs ? whole + Number(BigInt(text) % 1_000_000n) / 1e6 : undefined;
}

function kindOf(attributes: Attributes): SpanKind {
  const told = String(attributes[SemanticConventions.OPENINFERENCE_SPAN_KIND] ?? '').toUpperCase();
  return KINDS.has(told) ? told as SpanKind : OPERATIONS.get(String(attributes['gen_ai.operation.name'])) ?? 'CHAIN';
}

function usageOf(attributes: Attributes): Usage | undefined {
  const count = (...keys: string[]): number | undefined => keys.map((key) => countOf(attributes[key])).find((each) => each !== undefined);
  const input = count(LLM_TOKEN_COUNT_PROMPT, 'gen_ai.usage.input_tokens');
  const output = count(LLM_TOKEN_COUNT_COMPLETION, 'gen_ai.usage.output_tokens');
  const total = count(LLM_TOKEN_COUNT_TOTAL);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const parts = {
    cacheRead: count(LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ), cacheWrite: count(LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE), audioInput: count(LLM_TOKEN_COUNT_PROMPT_DETAILS_AUDIO),
    reasoning: count(LLM_TOKEN_COUNT_COMPLETION_DETAILS_REASONING), audioOutput: count(LLM_TOKEN_COUNT_COMPLETION_DETAILS_AUDIO),
  };
  const told = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { input: input ?? 0, output: output ?? 0, total: total ?? (input ?? 0) + (output ?? 0), ...told };
}

function linkOf(attributes: Attributes): Link {
  const confidence = amountOf(attributes['spanlight.link.confidence']);
  return {
    relation: oneOf(RELATIONS, attributes['spanlight.link.relation']) ?? 'root', evidence: oneOf(EVIDENCES, attributes['spanlight.link.evidence']) ?? 'none',
    to: textOf(attributes['spanlight.link.to'], ID_LENGTH), turnOf: textOf(attributes['spanlight.link.turn_of'], ID_LENGTH),
    confidence: Math.min(confidence ?? 1, 1), detail: textOf(attributes['spanlight.link.detail'], limits.errorLength) ?? '',
  };
}

function statusOf(span: JsonObject, attributes: Attributes): Pick<SpanRow, 'status' | 'statusMessage' | 'errorType'> {
  const { code, message } = objectOf(span['status']);
  if (code !== 2 && code !== 'STATUS_CODE_ERROR') return { status: 'unset' };
  const exception = objectsOf(span['events']).find(({ name }) => name === 'exception');
  const told = exception && attributesIn(exception['attributes']);
  const errorType = nameOf(attributes['error.type']) ?? (told && nameOf(told['exception.type']));
  // Without a message the status carries the type; the exception tells.
  const said = told !== undefined && 'exception.message' in told ? told['exception.message'] : message;
  return { status: 'error', errorType, statusMessage: said === '' && message === errorType ? undefined : textOf(said, limits.errorLength) };
}

function retryOf(span: JsonObject, attributes: Attributes): string | undefined {
  const link = objectsOf(span['links']).find(({ attributes: told }) => attributesIn(told)['spanlight.link.relation'] === 'retries');
  return hexOf(attributes['spanlight.retry.of'], 16) ?? hexOf(link?.['spanId'], 16);
}

const FIRST_TOKEN = 'First Token Stream Event';

function firstTokenOf(span: JsonObject, attributes: Attributes, startMs: number): number | undefined {
  const told = amountOf(attributes['spanlight.stream.first_token_ms']);
  if (told !== undefined) return told;
  const event = objectsOf(span['events']).find(({ name }) => name === FIRST_TOKEN);
  const at = event && msOf(event['timeUnixNano']);
  return at === undefined ? undefined : amountOf(at - startMs);
}

/** @param span parsed JSON of one element of `spans` @returns why it is none, in words, where it cannot be kept */
export function readSpan(span: unknown, source: string): ReadSpan | string {
  const told = objectOf(span);
  const [spanId, traceId] = [hexOf(told['spanId'], 16), hexOf(told['traceId'], 32)];
  if (spanId === undefined) return 'its spanId is not 16 hex digits';
  if (traceId === undefined) return 'its traceId is not 32 hex digits';
  const startMs = msOf(told['startTimeUnixNano']);
  if (startMs === undefined || startMs === 0) return 'its startTimeUnixNano is no time';
  const endMs = Math.max(startMs, msOf(told['endTimeUnixNano']) ?? 0);
  const attributes = attributesIn(told['attributes']);
  const kind = kindOf(attributes);
  const name = textOf(told['name'], LONG_NAME) ?? '';
  const model = nameOf(attributes[LLM_MODEL_NAME] ?? attributes[EMBEDDING_MODEL_NAME] ?? attributes['spanlight.model'] ?? attributes['gen_ai.response.model'] ?? attributes['gen_ai.request.model']);
  const parentSpanId = hexOf(told['parentSpanId'], 16);
  const tab = attributes['spanlight.tab_session.id'];
  const conversation = textOf(attributes[SESSION_ID], ID_LENGTH);
  const number = (key: string): number | undefined => amountOf(attributes[key]);
  const count = (key: string): number | undefined => countOf(attributes[key]);
  const vectors = { count: count('spanlight.embedding.count'), size: count('spanlight.embedding.size') };
  return {
    attributes,
    row: {
      source, spanId, traceId, parentSpanId: parentSpanId === spanId ? undefined : parentSpanId, kind, name,
      label: textOf(attributes['spanlight.label'], LONG_NAME) || previewOf(name) || kind,
      title: textOf(attributes['spanlight.title'], LONG_NAME),
      startMs, endMs, ...statusOf(told, attributes),
      httpStatus: count('http.response.status_code'), endCause: oneOf(endCauses, attributes['spanlight.end.cause']),
      exchange: textOf(attributes['spanlight.exchange.id'], ID_LENGTH) ?? '', resultExchange: textOf(attributes['spanlight.result_exchange.id'], ID_LENGTH),
      toolIndex: count('spanlight.tool.index'),
      model, provider: nameOf(attributes[LLM_PROVIDER] ?? attributes['spanlight.provider'] ?? attributes['gen_ai.provider.name']),
      usage: usageOf(attributes),
      vectors: vectors.count !== undefined && vectors.size !== undefined ? { count: vectors.count, size: vectors.size } : undefined,
      documents: count('spanlight.retrieval.count'), finish: oneOf(FINISHES, attributes['spanlight.finish.reason']),
      headMs: number('spanlight.stream.head_ms'), firstByteMs: number('spanlight.stream.first_byte_ms'), firstTokenMs: firstTokenOf(told, attributes, startMs),
      attempt: count('spanlight.retry.attempt'), retryOf: retryOf(told, attributes), missingBytes: count('spanlight.missing_bytes'),
      link: linkOf(attributes), conversation: conversation === tab ? undefined : conversation, rev: 0,
    },
  };
}

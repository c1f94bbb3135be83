/**
 * Flat attributes of a span, derived when read or exported: OpenInference names (constants of its npm package), the stable
 * OpenTelemetry names for HTTP and errors, and our own `spanlight.*`.
 *
 * Tokens stand on the spans of calls alone, because receivers add up what they find; `input.value` and `output.value` stand both or
 * neither, because Langfuse reads messages only where both are absent.
 */
import {
  AGENT_NAME, DOCUMENT_SCORE, INPUT_MIME_TYPE, INPUT_VALUE, LLM_FINISH_REASON, LLM_INPUT_MESSAGES, LLM_INVOCATION_PARAMETERS, LLM_MODEL_NAME, LLM_OUTPUT_MESSAGES,
  LLM_PROVIDER, LLM_REQUEST_MODEL_NAME, LLM_RESPONSE_MODEL_NAME, LLM_SYSTEM, LLM_TOKEN_COUNT_COMPLETION, LLM_TOKEN_COUNT_COMPLETION_DETAILS_AUDIO,
  LLM_TOKEN_COUNT_COMPLETION_DETAILS_REASONING, LLM_TOKEN_COUNT_PROMPT, LLM_TOKEN_COUNT_PROMPT_DETAILS_AUDIO, LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ,
  LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE, LLM_TOKEN_COUNT_TOTAL, LLM_TOOLS, MimeType, OUTPUT_MIME_TYPE, OUTPUT_VALUE, SESSION_ID, SemanticConventions,
  TOOL_DESCRIPTION, TOOL_ID, TOOL_JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS,
} from '@arizeai/openinference-semantic-conventions';
import type { Message, ModelCall, ToolDefinition, Usage } from '../model/call.ts';
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { isWire, type SpanRow } from '../model/span.ts';
import { isObject, jsonOf, parseJson } from '../providers/json.ts';
import { lastUserText } from './facts.ts';
import { textIn } from './turns.ts';
import { embeddedText, embeddingOf, searchOf } from './retrieval-attributes.ts';
import { beyond } from './attribute-messages.ts';
import { messageAttributes } from './message-attributes.ts';
import { sourceOf, type ReadExchange } from './reading.ts';
import { rowAttributes } from './row-attributes.ts';
import { resultOf } from './tool-results.ts';
import { tailOf } from './turns.ts';

export type Attributes = Record<string, string | number | boolean | string[] | number[]>;

/** Keys that are doubles whatever their value: a receiver that has seen `0.5` refuses the integer `1` under the same key.
 *  Every other number is an integer. */
const doubleKeys: ReadonlySet<string> = new Set(['spanlight.link.confidence', 'spanlight.stream.head_ms', 'spanlight.stream.first_byte_ms', 'spanlight.stream.first_token_ms']);
export const isDouble = (key: string): boolean => doubleKeys.has(key) || key.endsWith(`.${DOCUMENT_SCORE}`);

type Loose = Record<string, Attributes[string] | undefined>;
const defined = (loose: Loose): Attributes => Object.fromEntries(Object.entries(loose).filter((entry): entry is [string, Attributes[string]] => entry[1] !== undefined));

interface Value { text: string; isJson: boolean }

function values(input: Value, output: Value): Loose {
  const mime = ({ isJson }: Value): string => isJson ? MimeType.JSON : MimeType.TEXT;
  return { [INPUT_VALUE]: input.text, [INPUT_MIME_TYPE]: mime(input), [OUTPUT_VALUE]: output.text, [OUTPUT_MIME_TYPE]: mime(output) };
}

function rawValue(bytes: Uint8Array): Value {
  const text = new TextDecoder().decode(bytes);
  return { text, isJson: parseJson(text).ok };
}

const asText = (text: string): Value => ({ text, isJson: false });

/** The body as it came where it is JSON; of a stream what it amounts to: the text, or the calls. */
function outputOf({ call, response }: ReadExchange): Value {
  const raw = rawValue(response);
  if (raw.isJson) return raw;
  const text = textIn(call.output[0]);
  if (text !== '') return asText(text);
  const calls = call.output.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool_call');
  if (calls.length > 0) return { text: jsonOf(calls.map(({ id, name, arguments: given }) => ({ id, name, arguments: given }))), isJson: true };
  return asText(call.error?.message ?? '');
}

function usageAttributes(usage: Usage | undefined): Loose {
  return usage === undefined ? {} : {
    [LLM_TOKEN_COUNT_PROMPT]: usage.input, [LLM_TOKEN_COUNT_COMPLETION]: usage.output, [LLM_TOKEN_COUNT_TOTAL]: usage.total,
    [LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ]: usage.cacheRead, [LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE]: usage.cacheWrite,
    [LLM_TOKEN_COUNT_PROMPT_DETAILS_AUDIO]: usage.audioInput, [LLM_TOKEN_COUNT_COMPLETION_DETAILS_REASONING]: usage.reasoning,
    [LLM_TOKEN_COUNT_COMPLETION_DETAILS_AUDIO]: usage.audioOutput,
  };
}

/** Tool definitions are told in OpenAI's form whatever the dialect. */
function schemaOf({ name, description, json }: ToolDefinition): string {
  const tool = parseJson(json);
  if (!tool.ok || !isObject(tool.value)) return json;
  const { input_schema: anthropic, parameters, parametersJsonSchema: gemini } = tool.value;
  const schema = anthropic ?? parameters ?? gemini;
  return schema === undefined ? json : jsonOf({ type: 'function', function: { name, description, parameters: schema } });
}

function llmAttributes(span: SpanRow, read: ReadExchange | undefined): Loose {
  if (read === undefined) return { [LLM_MODEL_NAME]: span.model, [LLM_PROVIDER]: span.provider, ...usageAttributes(span.usage) };
  const { call } = read;
  const { modelAsked: asked, modelAnswered: answered } = call;
  const differ = asked !== undefined && answered !== undefined && asked !== answered;
  return {
    [LLM_SYSTEM]: call.system, [LLM_PROVIDER]: call.provider, [LLM_MODEL_NAME]: answered ?? asked,
    [LLM_REQUEST_MODEL_NAME]: differ ? asked : undefined, [LLM_RESPONSE_MODEL_NAME]: differ ? answered : undefined,
    [LLM_INVOCATION_PARAMETERS]: jsonOf(call.parameters),
    ...messagesOf(LLM_INPUT_MESSAGES, call.input, 'spanlight.input_messages'), ...messagesOf(LLM_OUTPUT_MESSAGES, call.output, 'spanlight.output_messages'),
    ...Object.fromEntries(call.tools.flatMap((tool, index) => [[`${LLM_TOOLS}.${index}.${TOOL_JSON_SCHEMA}`, schemaOf(tool)], [`${LLM_TOOLS}.${index}.${TOOL_NAME}`, tool.name], [`${LLM_TOOLS}.${index}.${TOOL_DESCRIPTION}`, tool.description]])),
    [LLM_FINISH_REASON]: call.finish?.raw, ...usageAttributes(call.usage), ...values(rawValue(read.request), outputOf(read)),
    'spanlight.dialect': call.dialect, 'spanlight.response.id': call.responseId, 'spanlight.request.id': call.requestId, ...problemsOf(call),
    ...httpAttributes(read.exchange), ...streamAttributes(read.exchange),
  };
}

/** @param whole key under which they stand as JSON where the flat attributes lose something */
function messagesOf(prefix: string, messages: readonly Message[], whole: string): Loose {
  const flat = messageAttributes(prefix, messages);
  return { ...flat, [whole]: beyond(flat, prefix, messages) };
}

const problemsOf = ({ problems }: ModelCall): Loose => ({ 'spanlight.problems': problems.length > 0 ? problems : undefined });

/** What is embedded or sought as messages, where it is more than texts (tokens, images). */
function retrievalWords({ kind }: SpanRow, { input }: ModelCall): string | undefined {
  const plain = input.every(({ role, parts }) => role === 'user' && parts.length === 1 && parts[0]?.type === 'text');
  return plain && (kind === 'EMBEDDING' || input.length <= 1) ? undefined : JSON.stringify(input);
}

/** An embedding or a search. */
function retrievalAttributes(span: SpanRow, read: ReadExchange | undefined, source: ModelCall | undefined): Loose {
  if (read === undefined) return usageAttributes(span.usage);
  const { call, exchange } = read;
  const { input, output, outputIsJson, attributes } = span.kind === 'EMBEDDING' ? embeddingOf(call) : searchOf(call, source && embeddedText(source));
  return {
    ...attributes, ...usageAttributes(call.usage), ...values({ text: input, isJson: parseJson(input).ok && input.startsWith('[') }, { text: output, isJson: outputIsJson }),
    'spanlight.parameters': jsonOf(call.parameters), 'spanlight.input_messages': retrievalWords(span, call), 'spanlight.dialect': call.dialect, 'spanlight.request.id': call.requestId, ...problemsOf(call), ...httpAttributes(exchange), ...streamAttributes(exchange),
  };
}

function httpAttributes({ method, url, pageUrl }: Exchange): Loose {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return {
    'http.request.method': method, 'url.full': url, 'server.address': parsed?.hostname,
    'server.port': parsed === undefined ? undefined : Number(parsed.port) || (parsed.protocol === 'http:' ? 80 : 443),
    'browser.document.url.full': pageUrl,
  };
}

function streamAttributes({ transport, frameId, request, response, removedSecrets }: Exchange): Loose {
  const missing = [...(request.missing > 0 ? ['request'] : []), ...(response.missing > 0 ? ['response'] : [])];
  return {
    'spanlight.transport': transport, 'spanlight.frame.id': frameId, 'spanlight.stream.bytes': response.read,
    'spanlight.redacted.count': removedSecrets, 'spanlight.truncated': missing.length > 0 ? missing : undefined,
  };
}

/** The call stands in the answer of one exchange, its result in the request of a later one. */
function toolAttributes(span: SpanRow, asked: ReadExchange | undefined, followed: ReadExchange | undefined): Loose {
  const calls = asked?.call.output.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool_call') ?? [];
  const call = calls[span.toolIndex ?? 0];
  if (call === undefined) return { [TOOL_NAME]: span.label };
  const result = resultOf(calls, span.toolIndex ?? 0, followed === undefined ? [] : tailOf(followed.call.input).results);
  return {
    [TOOL_NAME]: call.name, [TOOL_ID]: call.id, [TOOL_PARAMETERS]: call.arguments,
    [TOOL_DESCRIPTION]: asked?.call.tools.find(({ name }) => name === call.name)?.description,
    ...values({ text: call.arguments, isJson: parseJson(call.arguments).ok }, { text: result?.text ?? '', isJson: result !== undefined && parseJson(result.text).ok }),
  };
}

/** A run: what the user said at its beginning, what was answered at its end. */
function runAttributes(span: SpanRow, first: ModelCall | undefined, last: ModelCall | undefined): Loose {
  const answer = last === undefined ? '' : textIn(last.output[0]);
  return { [AGENT_NAME]: span.kind === 'AGENT' ? span.label : undefined, ...(first === undefined ? {} : values(asText(lastUserText(first)), asText(answer))) };
}

function ownAttributes(span: SpanRow, read: ReadonlyMap<ExchangeId, ReadExchange>): Loose {
  const first = read.get(span.exchange);
  const later = span.resultExchange === undefined ? undefined : read.get(span.resultExchange);
  if (span.kind === 'LLM') return llmAttributes(span, first);
  if (isWire(span)) return retrievalAttributes(span, first, read.get(sourceOf(span) ?? '')?.call);
  if (span.kind === 'TOOL') return toolAttributes(span, first, later);
  return runAttributes(span, first?.call, (later ?? first)?.call);
}

/** @param read the exchanges that `neededExchanges(span)` names, as far as they are still stored */
export function attributesOf(span: SpanRow, read: ReadonlyMap<ExchangeId, ReadExchange>): Attributes {
  return defined({
    [SemanticConventions.OPENINFERENCE_SPAN_KIND]: span.kind,
    [SESSION_ID]: span.conversation ?? span.source,
    ...ownAttributes(span, read),
    ...rowAttributes(span),
  });
}

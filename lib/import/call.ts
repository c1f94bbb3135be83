/** The model call that a span's attributes tell of: what the panel shows where the bytes are not there to be read. */
import {
  DOCUMENT_CONTENT, DOCUMENT_ID, DOCUMENT_METADATA, DOCUMENT_SCORE, EMBEDDING_EMBEDDINGS, EMBEDDING_TEXT, INPUT_VALUE, LLM_FINISH_REASON, LLM_INPUT_MESSAGES, LLM_INVOCATION_PARAMETERS,
  LLM_OUTPUT_MESSAGES, LLM_REQUEST_MODEL_NAME, LLM_RESPONSE_MODEL_NAME, LLM_SYSTEM, LLM_TOOLS, OUTPUT_VALUE, RETRIEVAL_DOCUMENTS, TOOL_DESCRIPTION, TOOL_ID, TOOL_JSON_SCHEMA, TOOL_NAME, TOOL_PARAMETERS,
} from '@arizeai/openinference-semantic-conventions';
import type { Found, Message, ModelCall, Part, ToolDefinition } from '../model/call.ts';
import { limits } from '../model/limits.ts';
import type { SpanRow } from '../model/span.ts';
import { countOf, isObject, listOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../providers/json.ts';
import { messagesIn, numbered } from '../trace/attribute-messages.ts';
import type { Attributes } from '../trace/attributes.ts';

const jsonIn = (text: unknown): unknown => {
  const json = typeof text === 'string' ? parseJson(text) : undefined;
  return json?.ok === true ? json.value : undefined;
};

const PARTS: Readonly<Record<string, readonly string[]>> = { text: ['text'], reasoning: ['text'], refusal: ['text'], tool_call: ['name', 'arguments'], tool_result: ['text'], media: ['modality'], other: ['name', 'json'] };
const OPTIONAL: Readonly<Record<string, readonly string[]>> = { reasoning: ['signature'], tool_call: ['id'], tool_result: ['id', 'name'], media: ['mimeType', 'url', 'name'] };

/** A part as `beyond` wrote it; nothing where a file says what no reader of ours would. */
function partOf(value: unknown): Part[] {
  const told = objectOf(value);
  const type = stringOf(told['type']);
  const needs = Object.hasOwn(PARTS, type) ? PARTS[type] ?? [] : undefined;
  if (needs === undefined || !needs.every((key) => typeof told[key] === 'string')) return [];
  const kept = [...needs, ...(OPTIONAL[type] ?? [])].flatMap((key) => typeof told[key] === 'string' ? [[key, told[key]]] : []);
  return [{ type, ...Object.fromEntries(kept), ...(type === 'tool_result' && typeof told['isError'] === 'boolean' ? { isError: told['isError'] } : {}) } as Part];
}

function messagesOf(attributes: Attributes, prefix: string, whole: string): Message[] {
  const told = jsonIn(attributes[whole]);
  if (!Array.isArray(told)) return messagesIn(attributes, prefix);
  return objectsOf(told).map(({ role, name, parts }) => ({ role: textOf(role) ?? 'assistant', ...(typeof name === 'string' ? { name } : {}), parts: listOf(parts).flatMap(partOf) }));
}

const said = (role: string, text: unknown): Message[] => typeof text === 'string' && text !== '' ? [{ role, parts: [{ type: 'text', text }] }] : [];

function toolsOf(attributes: Attributes): ToolDefinition[] {
  return numbered(Object.entries(attributes), LLM_TOOLS).flatMap((item) => {
    const json = item.get(TOOL_JSON_SCHEMA);
    if (json === undefined) return [];
    const told = objectOf(jsonIn(json));
    const within = isObject(told['function']) ? told['function'] : told;
    const [name, description] = [item.get(TOOL_NAME) ?? within['name'], item.get(TOOL_DESCRIPTION) ?? within['description']];
    return [{ name: stringOf(name), ...(typeof description === 'string' ? { description } : {}), json }];
  });
}

function documentsOf(attributes: Attributes): Found[] | undefined {
  const found = numbered(Object.entries(attributes), RETRIEVAL_DOCUMENTS).map((item): Found => {
    const [id, score, metadata] = [item.get(DOCUMENT_ID), item.get(DOCUMENT_SCORE), item.get(DOCUMENT_METADATA)];
    return {
      ...(id === undefined ? {} : { id }), ...(score === undefined || Number.isNaN(Number(score)) ? {} : { score: Number(score) }),
      text: item.get(DOCUMENT_CONTENT) ?? '', ...(metadata === undefined ? {} : { metadata }),
    };
  });
  return found.length > 0 || countOf(attributes['spanlight.retrieval.count']) === 0 ? found : undefined;
}

/** What each kind says and is told. */
function wordsOf({ kind }: SpanRow, attributes: Attributes): Pick<ModelCall, 'operation' | 'input' | 'output'> & Partial<ModelCall> {
  const [asked, answered] = [attributes[INPUT_VALUE], attributes[OUTPUT_VALUE]];
  const whole = messagesOf(attributes, '', 'spanlight.input_messages');
  if (kind === 'EMBEDDING') {
    const texts = numbered(Object.entries(attributes), EMBEDDING_EMBEDDINGS).map((item) => item.get(EMBEDDING_TEXT) ?? '');
    return { operation: 'embed', input: whole.length > 0 ? whole : texts.map((text) => ({ role: 'user', parts: [{ type: 'text', text }] })), output: [] };
  }
  if (kind === 'RETRIEVER') {
    const marks = Math.min(countOf(attributes['spanlight.retrieval.vectors']) ?? 0, limits.toolCalls);
    // The attribute says "(a vector)" where there are no words.
    const words = marks > 0 && /^\((?:a vector|\d+ vectors)\)$/.test(String(asked)) ? [] : said('user', asked);
    return { operation: 'search', input: whole.length > 0 ? whole : words, output: [], documents: documentsOf(attributes), collection: textOf(attributes['db.collection.name']), ...(marks > 0 ? { vectorMarks: Array.from({ length: marks }, () => '') } : {}) };
  }
  if (kind === 'TOOL') {
    const call: Part = { type: 'tool_call', id: textOf(attributes[TOOL_ID]), name: stringOf(attributes[TOOL_NAME]), arguments: stringOf(attributes[TOOL_PARAMETERS] ?? asked) };
    return { operation: 'chat', input: typeof answered === 'string' ? [{ role: 'tool', parts: [{ type: 'tool_result', id: call.id, name: call.name, text: answered }] }] : [], output: [{ role: 'assistant', parts: [call] }] };
  }
  const input = messagesOf(attributes, LLM_INPUT_MESSAGES, 'spanlight.input_messages');
  const output = messagesOf(attributes, LLM_OUTPUT_MESSAGES, 'spanlight.output_messages');
  // An agent's attributes hold what was said at its two ends; so do the calls of other tools that write no messages. Of our own
  // calls they hold the bodies.
  if (input.length + output.length > 0 || attributes['spanlight.source'] === 'wire') return { operation: 'chat', input, output };
  return { operation: 'chat', input: said('user', asked), output: said('assistant', answered) };
}

export function callIn(row: SpanRow, attributes: Attributes): ModelCall {
  const text = (key: string): string | undefined => textOf(attributes[key]);
  const asked = text(LLM_REQUEST_MODEL_NAME) ?? text('gen_ai.request.model') ?? row.model;
  const finish = attributes[LLM_FINISH_REASON];
  return {
    dialect: text('spanlight.dialect') ?? text(LLM_SYSTEM) ?? 'imported', system: text(LLM_SYSTEM) ?? text('db.system.name') ?? '', provider: row.provider,
    modelAsked: asked, modelAnswered: text(LLM_RESPONSE_MODEL_NAME) ?? text('gen_ai.response.model') ?? row.model,
    streaming: row.firstTokenMs !== undefined, parameters: objectOf(jsonIn(attributes[LLM_INVOCATION_PARAMETERS] ?? attributes['spanlight.parameters'])),
    tools: toolsOf(attributes), vectors: row.vectors, usage: row.usage,
    ...(typeof finish !== 'string' ? {} : { finish: { raw: finish, reason: row.finish ?? 'other' } }),
    responseId: text('spanlight.response.id'), requestId: text('spanlight.request.id'),
    ...(row.status === 'error' ? { error: { type: row.errorType ?? '', message: row.statusMessage ?? '' } } : {}),
    problems: listOf(attributes['spanlight.problems']).map(String).slice(0, limits.problems),
    ...wordsOf(row, attributes),
  };
}

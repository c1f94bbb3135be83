/** Which rows ask a model to generate, embed or rerank, and in which dialect: by path and body alone, whatever the host.
 *  Names of dialects are those of the field; what the product calls them is no matter here. */
import { isObject, list, object, objects, type Json } from './look.ts';

export type Kind = 'generate' | 'embed' | 'rerank';
export interface Label { dialect: string; kind: Kind }
/** `aside`: images, audio, moderation, agents behind a protocol of their own; counted neither as inference nor against it */
export type Judged = Label | 'aside' | undefined;

/** Never a call of a model, whatever the body holds. */
const NEVER = /\/(?:count_tokens|input_tokens|tokenize|detokenize|batches|batch|cancel|ingest|traces|sessions|models|files|pull|show)$|:(?:countTokens|batchGenerateContent)$|\/(?:threads|vector_stores|files|fine_tuning|assistants)\/[^/]+\/(?:messages|files|file_batches|search)$/;

const ASIDE = /\/images?\/(?:generations?|edits?|variations?|generate)$|\/audio\/(?:speech|transcriptions|translations)$|\/moderations$|\/videos$|\/flux-[^/]*$|:predictLongRunning$|\/agents\/[^/]+\/agentAliases\//;

const isMessage = (value: unknown): boolean => isObject(value) && typeof value['role'] === 'string' && !('parts' in value);
const hasMessages = (body: Json): boolean => list(body['messages']).length > 0 && list(body['messages']).every(isMessage);
/** where the path is plain enough, also what the service will refuse */
const says = (body: Json): boolean => Array.isArray(body['messages']);
const has = (...keys: string[]) => (body: Json): boolean => keys.every((key) => body[key] !== undefined && body[key] !== null);
const always = (): boolean => true;

/** A UI's or an agent's protocol: its server may ask a model, or may not. Tools (MCP) are no models. */
const isAgents = (body: Json): boolean => ('jsonrpc' in body && /^(?:message\/|Send)/.test(String(body['method']))) || ('threadId' in body && 'runId' in body) || objects(body['messages']).some((message) => 'parts' in message);
const drawsPictures = (body: Json): boolean => 'textToImageParams' in body || 'text_prompts' in body || objects(body['instances']).some((instance) => 'prompt' in instance);

interface Rule { path: RegExp; asks: (body: Json) => boolean; dialect: string; kind?: Kind }

/** The first that fits. */
const RULES: readonly Rule[] = [
  { path: /\/(?:fim|agents)\/completions$/, asks: always, dialect: 'mistral' },
  { path: /\/conversations$/, asks: has('inputs'), dialect: 'mistral' },
  { path: /\/chat\/completions$/, asks: says, dialect: 'openai-chat' },
  { path: /\/openai$/, asks: hasMessages, dialect: 'openai-chat' },
  { path: /\/completions$/, asks: has('prompt'), dialect: 'openai-completions' },
  { path: /\/responses(?:\/compact)?$/, asks: (body) => !('messages' in body) && ('input' in body || 'prompt' in body || 'previous_response_id' in body), dialect: 'openai-responses' },
  { path: /\/api\/embed(?:dings)?$/, asks: (body) => 'model' in body && ('prompt' in body || ('input' in body && !('encoding_format' in body))), dialect: 'ollama', kind: 'embed' },
  { path: /\/embeddings$/, asks: has('input'), dialect: 'openai-embeddings', kind: 'embed' },
  { path: /\/messages$|:(?:stream)?rawPredict$/i, asks: says, dialect: 'anthropic' },
  { path: /\/complete$/, asks: has('prompt', 'max_tokens_to_sample'), dialect: 'anthropic-complete' },
  { path: /\/complete$/, asks: has('prompt'), dialect: 'alephalpha' },
  { path: /:(?:stream)?generateContent$/i, asks: has('contents'), dialect: 'gemini' },
  { path: /:embedContent$|:batchEmbedContents$|:predict$/, asks: (body) => 'content' in body || 'requests' in body || 'instances' in body, dialect: 'gemini-embeddings', kind: 'embed' },
  { path: /\/interactions$/, asks: has('input'), dialect: 'gemini-interactions' },
  { path: /\/model\/[^/]+\/(?:converse|invoke|converse-stream|invoke-with-response-stream)$/, asks: (body) => 'texts' in body || ('inputText' in body && !('textGenerationConfig' in body) && Object.keys(body).length <= 3), dialect: 'bedrock', kind: 'embed' },
  { path: /\/model\/[^/]+\/invoke$/, asks: has('query', 'documents'), dialect: 'bedrock', kind: 'rerank' },
  { path: /\/model\/[^/]+\/(?:converse|invoke|converse-stream|invoke-with-response-stream)$/, asks: always, dialect: 'bedrock' },
  { path: /\/v2\/chat$/, asks: hasMessages, dialect: 'cohere' },
  { path: /\/v1\/chat$/, asks: has('message'), dialect: 'cohere' },
  { path: /\/v1\/generate$/, asks: has('prompt'), dialect: 'cohere' },
  { path: /\/v[12]\/embed$/, asks: (body) => 'texts' in body || 'images' in body || 'inputs' in body, dialect: 'cohere', kind: 'embed' },
  { path: /\/rerank$/, asks: has('query', 'documents'), dialect: 'rerank', kind: 'rerank' },
  { path: /\/v1\/chat$/, asks: hasMessages, dialect: 'writer' },
  { path: /\/api\/chat$/, asks: (body) => 'model' in body && hasMessages(body), dialect: 'ollama' },
  { path: /\/api\/generate$/, asks: has('model', 'prompt'), dialect: 'ollama' },
  { path: /\/ml\/v1(?:-beta)?\/(?:text|generation)\//, asks: has('model_id'), dialect: 'watsonx' },
  { path: /\/ai\/run\//, asks: (body) => 'messages' in body || 'prompt' in body || 'text' in body, dialect: 'cloudflare' },
  { path: /\/cortex\/inference:complete$/, asks: hasMessages, dialect: 'cortex' },
  { path: /\/predictions$/, asks: (body) => isObject(body['input']), dialect: 'replicate' },
  { path: /\/endpoints\/[^/]+\/invocations$/, asks: has('inputs'), dialect: 'sagemaker' },
  { path: /\/feature-extraction(?:$|\/)/, asks: has('inputs'), dialect: 'hf', kind: 'embed' },
  { path: /\/pipeline\/|\/models\/[^:]+$|\/generate(?:_stream)?$|^\/?$/, asks: has('inputs'), dialect: 'hf' },
  { path: /\/threads\/(?:[^/]+\/)?runs$/, asks: has('assistant_id'), dialect: 'assistants' },
  { path: /\/submit_tool_outputs$/, asks: has('tool_outputs'), dialect: 'assistants' },
];

/** Path without trailing slashes, colons unescaped. */
export function pathOf(url: string): string {
  const path = /^[a-z][a-z+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? url.split(/[?#]/)[0] ?? '';
  return path.replace(/%3A/gi, ':').replace(/\/+$/, '');
}

/** A server of its own path that says by its answer that it is a model. */
function byAnswer(body: Json, values: readonly unknown[]): Label | undefined {
  const answer = object(values[0]);
  if (!hasMessages(body) || typeof body['model'] !== 'string') return undefined;
  if ('choices' in answer) return { dialect: 'openai-chat', kind: 'generate' };
  if (answer['type'] === 'message' || answer['type'] === 'message_start') return { dialect: 'anthropic', kind: 'generate' };
  return 'message' in answer || 'content' in answer || 'output' in answer ? { dialect: 'unknown', kind: 'generate' } : undefined;
}

/** @param body the parsed request body
 *  @param values what the response holds; asked only where the path says nothing */
export function labelOf(url: string, body: unknown, values: readonly unknown[]): Judged {
  const path = pathOf(url);
  // At a model's path: a form, or JSON that does not parse and cannot be judged.
  if (!isObject(body)) return ASIDE.test(path) || (path !== '' && RULES.some((rule) => rule.path.test(path))) ? 'aside' : undefined;
  if (NEVER.test(path)) return undefined;
  if (ASIDE.test(path) || isAgents(body) || drawsPictures(body)) return 'aside';
  const rule = RULES.find(({ path: end, asks }) => end.test(path) && asks(body));
  return rule === undefined ? byAnswer(body, values) : { dialect: rule.dialect, kind: rule.kind ?? 'generate' };
}

/** Which rows ask a model to generate, embed or rerank, and in which dialect: by path and body alone, whatever the host.
 *  Names of dialects are those of the field; what the product calls them is no matter here. */
import { isObject, list, object, objects, tellsError, type Json } from './look.ts';
import { wordsIn } from './words.ts';

export type Kind = 'generate' | 'embed' | 'rerank';
export interface Label { dialect: string; kind: Kind }
/** `aside`: images, audio, moderation, agents behind a protocol of their own; counted neither as inference nor against it */
export type Judged = Label | 'aside' | undefined;

/** Never a call of a model, whatever the body holds. */
const NEVER = /\/(?:count_tokens|input_tokens|tokenize|detokenize|tokenizer|batches|batch|cancel|ingest|traces|sessions|models|files|pull|show|create)$|\/public\/generations$|:(?:countTokens|batchGenerateContent)$|\/(?:threads|vector_stores|files|fine_tuning|assistants)\/[^/]+\/(?:messages|files|file_batches|search)$/;

/** Pictures, films, music, speech; judgements on a text (moderation, classes). */
const ASIDE = /\/generations(?:\/(?:image|video))?$|\/images?\/(?:generation|edits?|variations?|generate)$|\/(?:image|video|music)_generation$|\/video\/(?:submit|queue)$|\/(?:text2image|image2image|text2video|video-generation)\/|\/audio\/(?:speech|transcriptions|translations)$|\/(?:moderations|classifications?|classify|train|pooling|score)$|\/videos$|\/flux-[^/]*$|:predictLongRunning$|\/agents\/[^/]+\/agentAliases\/|\/v\d\/agent$/;

const isMessage = (value: unknown): boolean => isObject(value) && typeof value['role'] === 'string' && !('parts' in value);
const hasMessages = (body: Json): boolean => list(body['messages']).length > 0 && list(body['messages']).every(isMessage);
/** where the path is plain enough, also what the service will refuse */
const says = (body: Json): boolean => 'messages' in body;
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
  { path: /\/messages$|:(?:stream)?rawPredict$/i, asks: (body) => says(body) && ('max_tokens' in body || 'model' in body || 'anthropic_version' in body), dialect: 'anthropic' },
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
  { path: /\/rerank(?:ing)?$/, asks: (body) => has('query')(body) && ('documents' in body || 'input' in body), dialect: 'rerank', kind: 'rerank' },
  { path: /\/services\/embeddings\//, asks: has('input'), dialect: 'dashscope', kind: 'embed' },
  { path: /\/services\/rerank\//, asks: has('input'), dialect: 'dashscope', kind: 'rerank' },
  { path: /\/v1\/chat$/, asks: hasMessages, dialect: 'writer' },
  { path: /\/api\/chat$/, asks: (body) => 'model' in body && (hasMessages(body) || list(body['messages']).length === 0 && 'messages' in body), dialect: 'ollama' },
  { path: /\/api\/generate$/, asks: (body) => has('model', 'prompt')(body) || isObject(body['options']) || 'keep_alive' in body, dialect: 'ollama' },
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

/** What a model answers, by its shape. */
const ANSWERS: ReadonlyArray<{ shows: (value: Json) => boolean; label: Label }> = [
  { shows: (value) => Array.isArray(value['choices']), label: { dialect: 'openai-chat', kind: 'generate' } },
  { shows: ({ type }) => type === 'message' || type === 'message_start', label: { dialect: 'anthropic', kind: 'generate' } },
  { shows: ({ object: name, type }) => name === 'response' || String(type).startsWith('response.'), label: { dialect: 'openai-responses', kind: 'generate' } },
  { shows: (value) => Array.isArray(value['candidates']), label: { dialect: 'gemini', kind: 'generate' } },
  { shows: (value) => typeof value['done'] === 'boolean' && (isObject(value['message']) || typeof value['response'] === 'string'), label: { dialect: 'ollama', kind: 'generate' } },
  { shows: (value) => objects(value['data']).some((item) => 'embedding' in item), label: { dialect: 'openai-embeddings', kind: 'embed' } },
  { shows: (value) => Array.isArray(list(value['embeddings'])[0]) || (Array.isArray(value['embedding']) && Object.keys(value).length === 1), label: { dialect: 'ollama', kind: 'embed' } },
  { shows: (value) => Array.isArray(value['embedding']) || Array.isArray(object(value['data'])['embedding']), label: { dialect: 'unknown', kind: 'embed' } },
];

/** A server of its own path: its answer says that it is a model, or a refusal of what only a model is asked. */
function byAnswer(path: string, body: Json, values: readonly unknown[], status: number): Judged {
  if ('generationConfig' in body && 'contents' in body) return { dialect: 'gemini', kind: 'generate' };
  const asks = typeof body['model'] === 'string' && (['messages', 'prompt', 'input'].some((key) => has(key)(body)) || /\/api\/(?:chat|generate)$/.test(path));
  if (!asks) return undefined;
  const told = ANSWERS.find(({ shows }) => values.filter(isObject).some(shows));
  if (told !== undefined) return told.label;
  // Its answer was not recorded.
  if (values.length === 0 && status === 200) return 'aside';
  // What a refused prompt would have given (a text, a picture) nobody can tell.
  if (status >= 400 || values.some((value) => tellsError(object(value)))) return hasMessages(body) ? { dialect: 'unknown', kind: 'generate' } : 'aside';
  return wordsIn(values) === '' ? undefined : { dialect: 'unknown', kind: 'generate' };
}

/** @param body the parsed request body
 *  @param values what the response holds; asked only where the path says nothing, as is the status */
export function labelOf(url: string, body: unknown, values: readonly unknown[], status: number): Judged {
  const path = pathOf(url);
  // At a model's path: a form, or JSON that does not parse and cannot be judged.
  if (!isObject(body)) return ASIDE.test(path) || (path !== '' && RULES.some((rule) => rule.path.test(path))) ? 'aside' : undefined;
  if (NEVER.test(path)) return undefined;
  if (ASIDE.test(path) || isAgents(body) || drawsPictures(body)) return 'aside';
  const rule = RULES.find(({ path: end, asks }) => end.test(path) && asks(body));
  return rule === undefined ? byAnswer(path, body, values, status) : { dialect: rule.dialect, kind: rule.kind ?? 'generate' };
}

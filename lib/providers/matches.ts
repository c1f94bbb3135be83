/**
 * How calls are recognised in the page: data only, all dialects. The shim imports this file, so nothing here may need a
 * reader: each line names the `match` of one provider file, and the bundler drops the rest of that file (a test looks
 * for readers in the built shim). The readers are listed in registry.ts.
 */
import { match as anthropic } from './anthropic.ts';
import { match as chroma } from './chroma.ts';
import { match as gemini } from './gemini.ts';
import type { Match } from './match.ts';
import { match as ollamaEmbed } from './ollama-embed.ts';
import { match as ollama } from './ollama.ts';
import { match as openaiChat } from './openai-chat.ts';
import { match as openaiEmbeddings } from './openai-embeddings.ts';
import { match as openaiResponses } from './openai-responses.ts';
import { match as qdrant } from './qdrant.ts';
import { match as unknown } from './unknown.ts';

export const matches: readonly Match[] = [openaiChat, openaiResponses, openaiEmbeddings, gemini, ollamaEmbed, ollama, anthropic, qdrant, chroma, unknown];

/** Ends of paths that are never a model call, whatever the body looks like: counting tokens (`/count_tokens`,
 *  `:countTokens`), batches of later calls, administration, telemetry that carries model data. */
export const neverPathEnds: readonly string[] = ['okens', '/tokenize', '/tokenizer', 'token-count', 'token_counter', '/api/create', '/batches', '/batch', '/traces', '/ingest', 'events', '/realtime/sessions'];

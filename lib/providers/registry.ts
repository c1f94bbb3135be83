/** Which reader reads a call. The path and the body of the request make a guess; the shape of the response decides, since
 *  gateways answer in a dialect of their own choice. The host decides nothing. */
import { match as anthropicMatch, reader as anthropic } from './anthropic.ts';
import { match as chromaMatch, reader as chroma } from './chroma.ts';
import { match as geminiMatch, reader as gemini } from './gemini.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import { match as ollamaEmbedMatch, reader as ollamaEmbed } from './ollama-embed.ts';
import { match as ollamaMatch, reader as ollama } from './ollama.ts';
import { match as openaiChatMatch, reader as openaiChat } from './openai-chat.ts';
import { match as openaiEmbeddingsMatch, reader as openaiEmbeddings } from './openai-embeddings.ts';
import { match as openaiResponsesMatch, reader as openaiResponses } from './openai-responses.ts';
import type { Asked, Reader } from './provider.ts';
import { match as qdrantMatch, reader as qdrant } from './qdrant.ts';
import { unknown } from './unknown.ts';

/** From the plainest to the one with most marks of its own. */
const dialects: ReadonlyArray<{ match: Match; reader: Reader }> = [
  { match: openaiChatMatch, reader: openaiChat },
  { match: openaiEmbeddingsMatch, reader: openaiEmbeddings },
  { match: ollamaEmbedMatch, reader: ollamaEmbed },
  { match: ollamaMatch, reader: ollama },
  { match: openaiResponsesMatch, reader: openaiResponses },
  { match: geminiMatch, reader: gemini },
  { match: anthropicMatch, reader: anthropic },
  { match: qdrantMatch, reader: qdrant },
  { match: chromaMatch, reader: chroma },
];

const pathOf = (url: string): string => (url.split(/[?#]/)[0] ?? '').replace(/\/+$/, '').replace(/%3A/i, ':');

/** @param body the parsed request body; undefined where it is not known or not JSON */
export function readerForRequest(body: unknown, asked: Asked): Reader {
  const path = pathOf(asked.url);
  const given: JsonObject = isObject(body) ? body : {};
  const byPath = dialects.filter(({ match }) => match.pathEnds.some((end) => path.endsWith(end)));
  const fits = byPath.find(({ match }) => match.bodyKeys.every((keys) => keys.some((key) => key.slice(1, -1) in given)));
  // Most marks first: an Anthropic request has all that a chat request has.
  const looks = fits ?? dialects.toReversed().find(({ reader }) => reader.asks(given, asked));
  return (looks ?? byPath[0])?.reader ?? unknown;
}

/** The reader whose dialect a value of the response speaks, if any. A search is known by its request alone: a "result" may
 *  be anyone's. */
export function readerForAnswer(value: JsonObject, guessed: Reader): Reader | undefined {
  return guessed.answers(value) ? guessed : dialects.find(({ reader }) => reader !== qdrant && reader !== chroma && reader.answers(value))?.reader;
}

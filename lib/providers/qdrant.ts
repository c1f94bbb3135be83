/**
 * Qdrant's vector search (https://api.qdrant.tech/api-reference/search).
 *
 *   POST /collections/guides/points/search  {"vector":[0.1,...],"limit":3,"with_payload":true}
 *   {"result":[{"id":7,"version":1,"score":0.91,"payload":{"text":"Trams ..."}}],"status":"ok","time":0.001}
 */
import type { Found } from '../model/call.ts';
import { foundOf } from './found.ts';
import { isObject, listOf, objectOf, objectsOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import type { Answer, Reader } from './provider.ts';
import { vectorMark } from './vectors.ts';

export const match: Match = { dialect: 'qdrant', method: 'POST', pathEnds: ['/points/search', '/points/query'], bodyKeys: [], shape: [] };

const collectionIn = (url: string): string | undefined => /\/collections\/([^/?#]+)\/points\//.exec(url)?.[1];

/** `[0.1, ...]`, `{"name":"text","vector":[...]}`, `{"nearest":[...]}` */
function queryVector(body: JsonObject): unknown {
  const asked = body['vector'] ?? body['query'];
  const inner = isObject(asked) ? asked['vector'] ?? asked['nearest'] : asked;
  return Array.isArray(inner) ? inner : undefined;
}

/** Qdrant embeds words itself where a model is named: `{"text":"trams","model":"..."}`. */
const queryText = (body: JsonObject): string | undefined => {
  const asked = objectOf(body['query']);
  return textOf(asked['text']) ?? textOf(objectOf(asked['nearest'])['text']);
};

function startAnswer(): Answer {
  let documents: Found[] | undefined;
  let refused: string | undefined;
  return {
    take(value) {
      const { result } = value;
      refused = textOf(objectOf(value['status'])['error']) ?? refused;
      const points = Array.isArray(result) ? result : listOf(objectOf(result)['points']);
      if (result !== undefined && result !== null) documents = objectsOf(points).map(({ id, score, payload }) => foundOf(id, score, objectOf(payload)));
      return [];
    },
    read: () => ({ output: [], problems: [], ...(documents === undefined ? {} : { documents }), ...(refused === undefined ? {} : { error: { type: 'error', message: refused } }) }),
  };
}

export const reader: Reader = {
  dialect: match.dialect,
  system: 'qdrant',
  asks: () => false, // only its path tells
  readRequest(body, { url }) {
    const collection = collectionIn(url);
    const mark = vectorMark(queryVector(body));
    const text = queryText(body);
    return {
      operation: 'search', streaming: false, tools: [],
      parameters: without(body, ['vector', 'query']),
      input: text === undefined ? [] : [{ role: 'user', parts: [{ type: 'text', text }] }],
      ...(collection === undefined ? {} : { collection }),
      ...(mark === undefined ? {} : { vectorMarks: [mark] }),
    };
  },
  answers: ({ result, ...value }) => Array.isArray(result) || Array.isArray(objectOf(result)['points']) || textOf(objectOf(value['status'])['error']) !== undefined,
  startAnswer,
};

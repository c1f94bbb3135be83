/**
 * Chroma's query (https://docs.trychroma.com/reference), whose answer comes in columns, a row a query:
 *
 *   POST /api/v2/tenants/t/databases/d/collections/{uuid}/query  {"query_embeddings":[[0.1,...]],"n_results":3,"include":[...]}
 *   {"ids":[["a","b"]],"distances":[[0.1,0.2]],"documents":[["Trams ...","Ferries ..."]],"metadatas":[[{...},null]]}
 *
 * A distance is no similarity: it stands among the document's other fields.
 */
import type { Found } from '../model/call.ts';
import { foundOf } from './found.ts';
import { listOf, objectOf, textOf, without } from './json.ts';
import type { Match } from './match.ts';
import type { Answer, Reader } from './provider.ts';
import { MARKED_VECTORS, vectorMark } from './vectors.ts';

export const match: Match = { dialect: 'chroma', method: 'POST', pathEnds: ['/query'], bodyKeys: [['"query_embeddings"']], shape: [] };

const collectionIn = (url: string): string | undefined => /\/collections\/([^/?#]+)\/query/.exec(url)?.[1];

/** What a column says of one document that one query found. */
const cell = (column: unknown, query: number, place: number): unknown => listOf(listOf(column)[query])[place];

function startAnswer(): Answer {
  let documents: Found[] | undefined;
  return {
    take(value) {
      if (Array.isArray(value['ids'])) documents = value['ids'].flatMap((ids, query) => listOf(ids).map((id, place) => {
        const distance = cell(value['distances'], query, place);
        const fields = { ...objectOf(cell(value['metadatas'], query, place)), ...(typeof distance === 'number' ? { distance } : {}) };
        return foundOf(id, undefined, fields, textOf(cell(value['documents'], query, place)));
      }));
      return [];
    },
    read: () => ({ output: [], problems: [], ...(documents === undefined ? {} : { documents }) }),
  };
}

export const reader: Reader = {
  dialect: match.dialect,
  system: 'chroma',
  asks: (body) => Array.isArray(body['query_embeddings']),
  readRequest(body, { url }) {
    const collection = collectionIn(url);
    const vectorMarks = listOf(body['query_embeddings']).slice(0, MARKED_VECTORS).map(vectorMark).filter((mark) => mark !== undefined);
    return { operation: 'search', streaming: false, tools: [], parameters: without(body, ['query_embeddings']), input: [], vectorMarks, ...(collection === undefined ? {} : { collection }) };
  },
  answers: (value) => Array.isArray(value['ids']) && Array.isArray(listOf(value['ids'])[0]),
  startAnswer,
};

/** Attributes of embeddings and searches. The numbers of vectors are in no attribute: they are long, and say nothing to a
 *  person; how many there are does. */
import {
  DOCUMENT_CONTENT, DOCUMENT_ID, DOCUMENT_METADATA, DOCUMENT_SCORE, EMBEDDING_EMBEDDINGS, EMBEDDING_MODEL_NAME, EMBEDDING_TEXT, RETRIEVAL_DOCUMENTS,
} from '@arizeai/openinference-semantic-conventions';
import type { Found, ModelCall, Vectors } from '../model/call.ts';
import { jsonOf } from '../providers/json.ts';
import { textIn } from './turns.ts';

type Loose = Record<string, string | number | undefined>;

/** What was embedded: one text, or a JSON list of them. */
export function embeddedText({ input }: ModelCall): string {
  const texts = input.map(textIn);
  return texts.length === 1 ? texts[0] ?? '' : jsonOf(texts);
}

/** What went in and what came out, without vectors. */
export interface Told { input: string; output: string; outputIsJson: boolean; attributes: Loose }

export function embeddingOf(call: ModelCall): Told {
  const texts = call.input.map(textIn);
  return {
    input: embeddedText(call), output: call.vectors === undefined ? call.error?.message ?? '' : vectorsSay(call.vectors), outputIsJson: false,
    attributes: {
      [EMBEDDING_MODEL_NAME]: call.modelAnswered ?? call.modelAsked,
      ...Object.fromEntries(texts.map((text, index) => [`${EMBEDDING_EMBEDDINGS}.${index}.${EMBEDDING_TEXT}`, text])),
      'spanlight.embedding.count': call.vectors?.count, 'spanlight.embedding.size': call.vectors?.size,
    },
  };
}

/** @param question what was embedded to make the query's vector, where that is known */
export function searchOf(call: ModelCall, question?: string): Told {
  const words = call.input.map(textIn).filter((text) => text !== '').join('\n') || question;
  const input = words ?? (call.vectorMarks === undefined ? '' : `(${call.vectorMarks.length === 1 ? 'a vector' : `${call.vectorMarks.length} vectors`})`);
  return {
    input, output: call.documents === undefined ? call.error?.message ?? '' : jsonOf(call.documents), outputIsJson: call.documents !== undefined,
    attributes: { 'spanlight.retrieval.vectors': call.vectorMarks?.length, 'db.collection.name': call.collection, 'db.system.name': call.system, ...documentAttributes(call.documents ?? []) },
  };
}

/** Of any number: as arguments of one call they would be too many. */
const documentAttributes = (documents: readonly Found[]): Loose => Object.fromEntries(documents.flatMap(({ id, score, text, metadata }, index) => {
  const at = `${RETRIEVAL_DOCUMENTS}.${index}`;
  const told: Array<[string, string | number | undefined]> = [[`${at}.${DOCUMENT_ID}`, id], [`${at}.${DOCUMENT_SCORE}`, score], [`${at}.${DOCUMENT_CONTENT}`, text], [`${at}.${DOCUMENT_METADATA}`, metadata]];
  return told.filter(([, value]) => value !== undefined);
}));

const vectorsSay = ({ count, size }: Vectors): string => `${count} ${count === 1 ? 'vector' : 'vectors'} of ${size} numbers`;

/** What an answer says, as texts to search: of a stream its frames hold them in crumbs. */
import type { Message, ModelCall, Part } from '../model/call.ts';

interface AnswerField { key: string; text: string }

function fieldsOf(part: Part): AnswerField[] {
  switch (part.type) {
    case 'text': case 'refusal': return [{ key: 'content', text: part.text }];
    case 'reasoning': return [{ key: 'reasoning', text: part.text }];
    case 'tool_call': return [{ key: 'tool', text: part.name }, { key: 'arguments', text: part.arguments }];
    case 'tool_result': return [{ key: 'result', text: part.text }];
    case 'media': return [{ key: part.modality, text: part.name ?? '' }, { key: part.modality, text: part.url?.startsWith('data:') === true ? '' : part.url ?? '' }];
    case 'other': return [{ key: part.name, text: part.json }];
  }
}

export function answerFields({ output, documents = [], error, finish }: ModelCall): AnswerField[] {
  const said = output.flatMap(({ parts }: Message) => parts).flatMap(fieldsOf);
  const found = documents.flatMap(({ id = '', text, metadata = '' }) => [{ key: 'document', text }, { key: 'document id', text: id }, { key: 'metadata', text: metadata }]);
  return [...said, ...found, { key: 'error', text: error?.message ?? '' }, { key: 'finish', text: finish?.raw ?? '' }].filter(({ text }) => text !== '');
}

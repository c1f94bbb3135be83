/**
 * Passages: sentences by which a text is known again inside a larger one. A prompt made of retrieved documents holds their
 * sentences, though the app has numbered, titled and joined the documents in its own way.
 */
import { textHash } from './ids.ts';

/** Characters; shorter sentences come from anywhere. */
const TELLING = 24;
/** Of a document and of a prompt the longest sentences are compared: what is longest in a prompt made of documents is among
 *  the longest of its document. */
const OF_DOCUMENT = 3;
const OF_PROMPT = 16;
/** Characters of a text that are looked at. */
const READ = 64_000;

/** Sentences and lines, without what stands before their first letter (`[1] `, `- `); with one behind a `Title: ` also
 *  what follows it. */
function sentencesOf(text: string): string[] {
  const pieces = text.slice(0, READ).split(/(?<=[.!?。!?])\s+|(?<=[。!?])|[\r\n]+/);
  return pieces.flatMap((piece) => {
    const sentence = piece.replace(/^[^\p{L}]+/u, '').trim();
    const colon = sentence.indexOf(': ');
    return colon > 0 && colon < 80 ? [sentence, sentence.slice(colon + 2).replace(/^[^\p{L}]+/u, '').trim()] : [sentence];
  }).filter((sentence) => sentence.length >= TELLING);
}

function longest(sentences: readonly string[], most: number): string[] {
  return [...new Set(sentences)].toSorted((a, b) => b.length - a.length).slice(0, most).map((sentence) => `passage:${textHash(sentence)}`);
}

/** Keys of a text that may reappear in a prompt. */
export const passagesOfDocument = (text: string): string[] => longest(sentencesOf(text), OF_DOCUMENT);

/** Keys of a prompt, in which earlier texts may reappear. */
export const passagesOfPrompt = (texts: readonly string[]): string[] => longest(texts.flatMap(sentencesOf), OF_PROMPT);

/** Vectors as the wire has them: lists of numbers, or base64 of 32-bit floats (OpenAI's `encoding_format`). */
import type { Vectors } from '../model/call.ts';
import { listOf } from './json.ts';

/** Numbers of the beginning that tell one vector from another. */
const TELLING = 8;
/** Vectors of one call that are fingerprinted: a query is one or a few; a thousand are an index being built. */
export const MARKED_VECTORS = 16;

/** Clients decode floats of 32 bits into doubles and write those: compared as what both can hold. */
const rounded = (number: number): string => Math.fround(number).toPrecision(6);

/** The same for the same vector, however it is written; undefined for what is no vector. */
export function vectorMark(vector: unknown): string | undefined {
  const numbers = listOf(typeof vector === 'string' ? floatsOf(vector, TELLING) : vector).slice(0, TELLING);
  return numbers.length === 0 || !numbers.every((number) => typeof number === 'number') ? undefined : numbers.map(rounded).join(' ');
}

/** How many numbers the vector has; 0 for what is no vector. */
export function vectorSize(vector: unknown): number {
  if (typeof vector !== 'string') return listOf(vector).length;
  return Math.floor(vector.replace(/=+$/, '').length * 3 / 16);
}

/** The first floats of a base64 text; none where it is not base64. */
function floatsOf(base64: string, count: number): number[] {
  try {
    const bytes = Uint8Array.from(atob(base64.slice(0, Math.ceil(count * 4 / 3) * 4)), (character) => character.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Array.from({ length: Math.min(count, Math.floor(bytes.length / 4)) }, (_, index) => view.getFloat32(index * 4, true));
  } catch {
    return [];
  }
}

/** What is told of the vectors of an answer: how many, how large, and the marks of the first. */
export function vectorsRead(vectors: readonly unknown[]): { vectors: Vectors; vectorMarks: string[] } {
  const marks = vectors.slice(0, MARKED_VECTORS).map(vectorMark).filter((mark) => mark !== undefined);
  return { vectors: { count: vectors.length, size: vectorSize(vectors[0]) }, vectorMarks: marks };
}

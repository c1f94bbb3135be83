/** One vector has one mark, however it is written. */
import { expect, test } from 'vitest';
import { vectorMark, vectorSize } from '../../lib/providers/vectors.ts';

const numbers = Array.from({ length: 12 }, (_, index) => Math.sin(index + 1) / 7);
const base64 = btoa(String.fromCharCode(...new Uint8Array(Float32Array.from(numbers).buffer)));

test('as numbers, as the floats a client made of them, as base64', () => {
  expect(vectorMark(Array.from(Float32Array.from(numbers)))).toBe(vectorMark(numbers));
  expect(vectorMark(base64)).toBe(vectorMark(numbers));
  expect([vectorSize(numbers), vectorSize(base64)]).toEqual([12, 12]);
});

test('another vector has another; what is no vector has none', () => {
  expect(vectorMark(numbers.map((number) => number + 0.001))).not.toBe(vectorMark(numbers));
  expect([vectorMark('no base64!'), vectorMark([]), vectorMark(['a']), vectorMark(undefined), vectorMark({})]).toEqual(Array.from({ length: 5 }));
});

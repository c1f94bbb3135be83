import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyHash, spanIdOf, textHash, traceIdOf } from '../../lib/trace/ids.ts';

test('ids are valid in OpenTelemetry, the same every time, and each another', () => {
  const ids = ['llm', 'tool', 'run'].flatMap((role) => [0, 1].map((ordinal) => spanIdOf('doc', 'doc/1', role as 'llm', ordinal)));
  for (const id of ids) expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
  expect(new Set(ids).size).toBe(6);
  expect(traceIdOf('doc/1')).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect(spanIdOf('doc', 'doc/1', 'llm', 0)).toBe(ids[0]);
  // Rows written by an earlier version must be met by later ones: the derivation is part of the stored format.
  expect(spanIdOf('doc', 'doc/1', 'llm', 0)).toBe(createHash('sha256').update('4:span3:doc5:doc/13:llm1:0').digest('hex').slice(0, 16));
});

test('keys tell lists of parts apart, and texts whatever their white space', () => {
  expect(keyHash('ab', 'c')).not.toBe(keyHash('a', 'bc'));
  expect(textHash('Grüße,\n  Welt ')).toBe(textHash('Grüße, Welt'));
  expect(textHash('Grüße')).not.toBe(textHash('Grusse'));
});

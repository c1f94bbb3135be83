/** The values of secret keys are found however the bytes are cut. */
import { describe, expect, test } from 'vitest';
import { jsonStrings, SECRET } from '../../lib/capture/json-strings.ts';
import { secretJsonKeys } from '../../lib/capture/secret-names.ts';

const harmless = 'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":" a } \\" key, a token"}}]}\n\n';
const spellings = (key: string): string[] => [key, key.toUpperCase(), key.replace(/(key|token|secret|authorization)$/, '_$1'), key.replace(/(Key|key|token|secret)$/, (end) => end.charAt(0).toUpperCase() + end.slice(1))];

/** What is left of the text when it arrives in these pieces, and the values found. */
function scanned(pieces: string[]): { text: string; found: string[] } {
  const scan = jsonStrings();
  const found: string[] = [];
  let value = '';
  const text = pieces.map((piece) => {
    const bytes = new TextEncoder().encode(piece);
    scan(new TextDecoder('latin1').decode(bytes), 0, (kind, from, to, ended) => {
      if (kind !== SECRET) return;
      value += new TextDecoder().decode(bytes.subarray(from, to));
      bytes.fill(0x2a, from, to);
      if (ended) {
        found.push(value);
        value = '';
      }
    });
    return new TextDecoder().decode(bytes);
  }).join('');
  return { text, found };
}

describe('JSON secrets', () => {
  test.each(secretJsonKeys)('%s, in every spelling, among harmless lines', (key) => {
    for (const spelled of spellings(key)) {
      const secret = `${harmless}data: {"${spelled}" : "s3cr3t-value"}\n\n${harmless}`;
      expect(scanned([secret])).toEqual({ text: secret.replace('s3cr3t-value', '*'.repeat(12)), found: ['s3cr3t-value'] });
    }
  });

  test('wherever the bytes are cut', () => {
    const secret = `${harmless}{"a":"}\n"}\n{"client_secret":\n{"value":"s3cr3t-value"}\n}\n${harmless}`;
    const expected = { text: secret.replace('s3cr3t-value', '*'.repeat(12)), found: ['s3cr3t-value'] };
    for (let cut = 0; cut <= secret.length; cut++) expect(scanned([secret.slice(0, cut), secret.slice(cut)]), `cut at ${cut}`).toEqual(expected);
  });

  test('words like them stay', () => {
    const innocent = '{"max_tokens":5,"token":"of log probabilities","key":"value","tokens":"x"}\n';
    expect(scanned([innocent])).toEqual({ text: innocent, found: [] });
  });
});

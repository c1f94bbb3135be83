/** The code that runs in the page after its scripts uses captured natives only: what a page may have replaced or polluted
 *  is not named. (test/browser/capture/hostile.test.ts shows the effect; this catches the slip.) */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FORBIDDEN: Array<[what: string, pattern: RegExp]> = [
  ['a global', /\b(?:Object|Reflect|Array|String|Number|Boolean|Math|JSON|Promise|Date|Symbol|WeakMap|WeakRef|Map|URL|Blob|Text(?:En|De)coder|Float64Array|Uint(?:8|32)Array|performance|setTimeout|queueMicrotask|structuredClone)(?:\.|\()/],
  ['a global made new', /\bnew (?:Error|TypeError|Array|Map|WeakMap|WeakRef|Proxy|URL|Uint8Array|Uint32Array|Float64Array|ReadableStream|WritableStream|TextDecoder|TextEncoder|Promise)\b/],
  ['an iteration', /\bfor \([^;]* of |\[\.\.\.|\(\.\.\.|const \[|await |async /],
  ['a regular expression', /[(=,] ?\/[^/*\s][^/]*\/[a-z]*[.,)]/],
  ['a method of text, arrays or promises', /\.(?:map|filter|forEach|reduce|push|some|every|slice|indexOf|includes|split|join|replace|startsWith|endsWith|toLowerCase|then|catch|call|apply|bind|charCodeAt)\(/],
];
/** Runs once, before the page: natives.ts whole, and these lines. */
const AT_START = [/^export const firstStack/, /^secretJsonKeys.forEach/, /^saidKeys.forEach/, /^  const hash = toUtf8/, /^const dialects/, /^const sample = new NativeError/, /\[Symbol\.asyncIterator\]: iterate/];

test('nothing of the page is named', () => {
  const files = globSync('lib/capture/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('natives.ts'));
  expect(files.length).toBeGreaterThan(15);
  const found = files.flatMap((file) => {
    const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '');
    return code.split('\n').filter((line) => !AT_START.some((pattern) => pattern.test(line)))
      .flatMap((line) => FORBIDDEN.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${file}: ${what}: ${line.trim()}`));
  });
  expect(found).toEqual([]);
});

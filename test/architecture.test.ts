/** The walls of ARCHITECTURE.md: who may import whom. Type imports count: a wall is about knowledge, not bundles. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Folder -> folders (or single files) of ours and npm packages it may import. The longest matching key counts. */
const MAY_IMPORT: Record<string, { ours: string[]; npm: string[] }> = {
  'lib/model': { ours: [], npm: [] },
  'lib/capture': { ours: ['lib/model', 'lib/providers/matches.ts', 'lib/providers/match.ts'], npm: [] },
  'lib/wire': { ours: ['lib/model'], npm: [] },
  'lib/framing': { ours: ['lib/model'], npm: ['eventsource-parser'] },
  'lib/providers': { ours: ['lib/framing', 'lib/model'], npm: [] },
  'lib/trace': { ours: ['lib/providers', 'lib/model'], npm: ['@noble/hashes', '@arizeai/openinference-semantic-conventions', '@opentelemetry/api'] },
  'lib/store': { ours: ['lib/model'], npm: ['idb', '@noble/hashes'] },
  'lib/record': { ours: ['lib/trace', 'lib/store', 'lib/wire/record-check.ts', 'lib/wire/rescue.ts', 'lib/model'], npm: [] },
  'lib/export': { ours: ['lib/trace', 'lib/model'], npm: ['@opentelemetry/api', '@arizeai/openinference-semantic-conventions'] },
  'lib/import': { ours: ['lib/trace', 'lib/providers/json.ts', 'lib/model'], npm: ['@arizeai/openinference-semantic-conventions'] },
  'lib/panel': { ours: ['lib/store', 'lib/trace', 'lib/model', 'lib/import'], npm: ['zustand', 'react'] },
  'components': { ours: ['lib/panel', 'lib/model'], npm: ['react', 'react-dom', '@tanstack/react-virtual', 'zustand'] },
  // The demo is a stranger's app, and the oracle must not share a misreading with what it judges.
  'test/lab/app': { ours: [], npm: ['react', 'react-dom', 'openai', '@anthropic-ai/sdk'] },
  'test/browser/expected-calls.ts': { ours: [], npm: [] },
  'test/conformance/checker': { ours: [], npm: [] },
  'entrypoints': { ours: ['lib', 'components'], npm: ['react', 'react-dom', 'wxt'] },
};

interface Import { from: string; to: string; ours: boolean }

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = [...text.matchAll(/(?<!['"])\b(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map((match) => match[1] ?? '');
  return found.map((to) => to.startsWith('.') ? { from: file, to: normalize(join(dirname(file), to)), ours: true } : { from: file, to, ours: false });
}

const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const roomOf = (file: string): string | undefined => Object.keys(MAY_IMPORT).filter((room) => within(file, room)).toSorted((a, b) => b.length - a.length)[0];

/** The imports of one file that break a wall, as sentences. */
function breaches(file: string, imports: Import[]): string[] {
  const room = roomOf(file);
  const law = room === undefined ? undefined : MAY_IMPORT[room];
  if (room === undefined || law === undefined) return [`${file} lies in no room`];
  return imports.filter(({ to, ours }) => ours ? !within(to, room) && !law.ours.some((allowed) => within(to, allowed)) : !law.npm.includes(packageOf(to)))
    .map(({ to }) => `${file} must not import ${to}`);
}

const product = globSync('{lib,components,entrypoints}/**/*.{ts,tsx}', { cwd: ROOT }).toSorted();
const files = [...product, ...globSync('test/lab/app/**/*.{ts,tsx}', { cwd: ROOT }).toSorted(), 'test/browser/expected-calls.ts', ...globSync('test/conformance/checker/*.ts', { cwd: ROOT }).toSorted()];

describe('architecture', () => {
  test('every file keeps to the walls of its room', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => breaches(file, importsOf(file)))).toEqual([]);
  });

  test('the law catches a breach', () => {
    expect(breaches('lib/model/record.ts', [{ from: '', to: 'lib/trace/fold.ts', ours: true }])).toHaveLength(1);
    expect(breaches('lib/panel/rows.ts', [{ from: '', to: 'idb', ours: false }])).toHaveLength(1);
    expect(breaches('lib/new-room/x.ts', [])).toHaveLength(1);
  });

  test('a provider imports no other provider', () => {
    const providers = files.filter((file) => within(file, 'lib/providers')).filter((file) => /export const match\b/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(providers.length).toBeGreaterThanOrEqual(2);
    const wrong = providers.flatMap((file) => importsOf(file).filter(({ to }) => providers.includes(to)));
    expect(wrong).toEqual([]);
  });

  // A quote before it makes it the name of an attribute (`browser.document.url.full`).
  test('chrome.* is known only at the edges', () => {
    const inside = files.filter((file) => !within(file, 'entrypoints'));
    const named = inside.filter((file) => /(?<!['"])\b(?:chrome|browser)\.[a-z]/.test(readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')));
    expect(named).toEqual([]);
  });

  test('the pure rooms ask neither clock nor chance nor network', () => {
    const pure = files.filter((file) => ['lib/framing', 'lib/providers', 'lib/trace', 'lib/export', 'lib/import'].some((room) => within(file, room)));
    const impure = pure.filter((file) => /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.now|fetch\(|indexedDB|(?<!['"]browser\.)document\.|window\.)/.test(readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')));
    expect(impure).toEqual([]);
  });

  test('no file is longer than 300 lines, none is named for nothing', () => {
    const all = [...product, ...globSync('test/**/*.{ts,tsx}', { cwd: ROOT, exclude: ['test/output/**'] })];
    expect(all.filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 300)).toEqual([]);
    expect(all.filter((file) => /(?:^|\/)(?:utils?|helpers?|manager|common|misc)(?:\/|\.|$)/.test(file))).toEqual([]);
  });
});

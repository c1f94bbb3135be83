/** The build as it is loaded: what every page gets of it, and what its manifest lets in. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { EXTENSION } from './launch.ts';

const built = (file: string): string => readFileSync(join(EXTENSION, file), 'utf8');

test('the shim, which runs in every page, is at most 10 KB', () => {
  expect(gzipSync(built('content-scripts/shim.js'), { level: 9 }).length).toBeLessThanOrEqual(10 * 1024);
});

test('of the providers, only what recognises a call is in the shim', () => {
  const readers = ['message_delta', 'finish_reason', 'prompt_tokens', 'stop_reason'];
  const wordsIn = (code: string): string[] => readers.filter((word) => code.includes(word));
  expect(wordsIn(built('content-scripts/shim.js'))).toEqual([]);
  expect(built('content-scripts/shim.js')).toContain('/completions');
  // Where readers are, these words are: no minifier takes them.
  expect(wordsIn(globSync('{background.js,chunks/*.js}', { cwd: EXTENSION }).map(built).join('\n'))).toEqual(readers);
});

test('no page can load a file of the extension or connect to it, private windows are apart, its pages load nothing remote', () => {
  const manifest = JSON.parse(built('manifest.json')) as Record<string, unknown>;
  expect(Object.keys(manifest)).toContain('content_scripts');
  expect(manifest).not.toHaveProperty('web_accessible_resources');
  expect(manifest).not.toHaveProperty('externally_connectable');
  expect(manifest).toMatchObject({
    incognito: 'split',
    content_security_policy: { extension_pages: "default-src 'self'; img-src 'self' data: blob:; media-src blob:; object-src 'none'; frame-src 'none'; connect-src 'self'" },
  });
});

// Each with its reason in PRIVACY.md, in the words of the manifest: who adds one must say there what for.
test('the manifest asks for what is used, and PRIVACY.md says why', () => {
  const manifest = JSON.parse(built('manifest.json')) as { permissions: string[]; optional_host_permissions: string[] };
  expect(manifest.permissions.toSorted()).toEqual(['scripting', 'storage', 'unlimitedStorage']);
  expect(manifest.optional_host_permissions).toEqual(['http://*/*', 'https://*/*']);
  expect(manifest).not.toHaveProperty('host_permissions');
  expect(manifest).not.toHaveProperty('optional_permissions');
  const reasons = readFileSync(join(import.meta.dirname, '../../PRIVACY.md'), 'utf8').split('\n').flatMap((line) => /^\| (.+) \| .{20,} \|$/.exec(line)?.[1] ?? []);
  const named = reasons.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((name) => name[1]));
  expect(named.toSorted()).toEqual([...manifest.permissions, ...manifest.optional_host_permissions, ...(JSON.parse(built('manifest.json')) as { content_scripts: Array<{ matches: string[] }> }).content_scripts[0]?.matches ?? []].toSorted());
});

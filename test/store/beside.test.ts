/** What is kept beside the database, and under which names: ARCHITECTURE.md against the code. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openAnnouncer, onChange } from '../../lib/store/changes.ts';
import { bareRescueKey, rescueKey } from '../../lib/wire/rescue.ts';

const ROOT = join(import.meta.dirname, '../..');
const files = globSync('{lib,components,entrypoints}/**/*.{ts,tsx}', { cwd: ROOT });
const code = files.map((file) => readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')).join('\n');

/** Rows of the table: place and name. */
function told(): string[] {
  const table = /<!-- beside:begin[^>]*-->\n([\s\S]*?)<!-- beside:end -->/.exec(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'))?.[1] ?? '';
  return table.trim().split('\n').slice(2).map((row) => row.split('|').slice(1, 3).map((cell) => cell.replaceAll('`', '').trim()).join(' '));
}

/** The ways the code spells a key it writes. */
const KEYS: Record<string, string> = { run: 'run', '[key]': rescueKey('<relay>'), '[bareKey]': bareRescueKey('<relay>') };

/** Every key that the code puts into an area of chrome.storage. */
function written(): string[] {
  return [...code.matchAll(/\bstorage\.(\w+)\.set\(\{\s*([^:]+):/g)].map(([, area, key = '']) => `chrome.storage.${area} ${KEYS[key] ?? `an unknown key ${key}`}`);
}

afterEach(() => vi.unstubAllGlobals());

test('ARCHITECTURE.md tells every key of chrome.storage and the name of the channel', () => {
  const channels: string[] = [];
  vi.stubGlobal('BroadcastChannel', class { constructor(name: string) { channels.push(`BroadcastChannel ${name}`); } addEventListener(): void {} });
  openAnnouncer();
  onChange(() => {}, new AbortController().signal);
  expect(channels).toHaveLength(2);
  expect(told().toSorted()).toEqual([...new Set([...written(), ...channels])].toSorted());
});

test('nothing is kept in any other way than these', () => {
  // Each write was read above; other spellings would have gone unseen.
  expect([...code.matchAll(/\bchrome\.storage\b(?!\.session\b)/g)].map(([found]) => found)).toEqual([]);
  expect(code.match(/\bstorage\.session\.set\(/g)).toHaveLength(written().length);
  expect(code.match(/\bnew BroadcastChannel\(/g)).toHaveLength(2);
  expect(code.match(/\b(?:localStorage|sessionStorage|caches\.|cookieStore|document\.cookie|indexedDB\.|storage\.getDirectory)/g)).toBeNull();
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DATABASE_VERSION } from '../../lib/model/versions.ts';
import { storeNames, stores, type IndexPath } from '../../lib/store/schema.ts';

const path = (key: IndexPath): string => typeof key === 'string' ? `\`${key}\`` : Array.isArray(key) ? `\`[${key.join(', ')}]\`` : `each of ${path(key.each)}`;

/** The table as ARCHITECTURE.md must have it. */
function tableOfStores(): string {
  const rows = storeNames.map((name) => {
    const { key, indexes, holds } = stores[name];
    const named = Object.entries(indexes).map(([index, on]) => index === on || (typeof on === 'object' && 'each' in on && on.each === index) ? path(on) : `\`${index}\` ${path(on)}`);
    return `| \`${name}\` | ${path(key)} | ${named.join(', ')} | ${holds} |`;
  });
  return ['| store | key | indexes | holds |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

test('ARCHITECTURE.md tells the version, every store, key and index', () => {
  const text = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const told = /<!-- stores:begin[^>]*-->\n([\s\S]*?)<!-- stores:end -->/.exec(text)?.[1]?.trim();
  expect(told).toBe(tableOfStores());
  expect(text).toContain(`version ${DATABASE_VERSION}.`);
});

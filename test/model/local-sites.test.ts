import { expect, test } from 'vitest';
import { isLocalSite, localSites } from '../../lib/model/local-sites.ts';

test('the own machine is local, look-alikes are not', () => {
  for (const url of ['http://localhost:5173/', 'https://app.localhost/', 'http://127.0.0.1:8080/x', 'http://[::1]:3000/']) expect(isLocalSite(url), url).toBe(true);
  for (const url of ['http://127.0.0.2/', 'https://localhost.example.com/', 'https://notlocalhost/', 'https://example.com/localhost']) expect(isLocalSite(url), url).toBe(false);
});

test('the manifest names each local site once for http and once for https', () => {
  expect(new Set(localSites).size).toBe(localSites.length);
  expect(localSites).toContain('http://*.localhost/*');
  expect(localSites).toContain('https://[::1]/*');
});

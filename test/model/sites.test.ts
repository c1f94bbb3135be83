import { expect, test } from 'vitest';
import { matchesSite, patternOf, siteName } from '../../lib/model/sites.ts';

test('the pattern of a page holds all of its site, whatever the port, and nothing else', () => {
  const pattern = patternOf('https://chat.example.org:8443/a/b?c#d');
  expect(pattern).toBe('https://chat.example.org/*');
  expect(['https://chat.example.org', 'https://chat.example.org:8443'].map((origin) => matchesSite(pattern, origin))).toEqual([true, true]);
  expect(['http://chat.example.org', 'https://example.org', 'https://a.chat.example.org', 'https://chat.example.org.evil', 'null'].map((origin) => matchesSite(pattern, origin))).toEqual([false, false, false, false, false]);
  expect(matchesSite(patternOf('http://[::1]:3000/'), 'http://[::1]:3000')).toBe(true);
});

test('wide patterns, as the browser writes them', () => {
  expect(['<all_urls>', '*://*/*', 'https://*/*', '*://*.example.org/*'].map((pattern) => matchesSite(pattern, 'https://chat.example.org'))).toEqual([true, true, true, true]);
  expect(['http://*/*', '*://*.other.org/*', '*://*.ample.org/*'].map((pattern) => matchesSite(pattern, 'https://chat.example.org'))).toEqual([false, false, false]);
  expect(['https://a.b/*', 'https://*/*', '*://*/*', '<all_urls>'].map(siteName)).toEqual(['https://a.b', 'all sites (https)', 'all sites', 'all sites']);
});

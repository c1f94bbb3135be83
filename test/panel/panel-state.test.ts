import { describe, expect, test } from 'vitest';
import { type Situation, panelStateOf, recordSwitchOf } from '../../lib/panel/panel-state.ts';

const status = { session: 's', paused: false, watching: true, orphaned: false };
const fine: Situation = { url: 'https://chat.example.org/a', siteAllowed: true, status, hasTraces: false, alive: true };
const kind = (change: Partial<Situation>): string => panelStateOf({ ...fine, ...change }).kind;

describe('panel state', () => {
  test('one state for every situation', () => {
    expect(kind({})).toBe('nothing_yet');
    expect(kind({ hasTraces: true })).toBe('recording');
    expect(kind({ siteAllowed: false })).toBe('site_not_allowed');
    expect(kind({ status: { ...status, paused: true } })).toBe('paused');
    expect(kind({ status: { ...status, watching: false } })).toBe('needs_reload');
    expect(kind({ status: { ...status, watching: false, orphaned: true } })).toBe('page_orphaned');
    expect(kind({ alive: false })).toBe('panel_orphaned');
  });

  test('says nothing while it does not know', () => {
    expect(kind({ url: undefined })).toBe('asking');
    expect(kind({ siteAllowed: undefined })).toBe('asking');
    expect(kind({ status: undefined })).toBe('asking');
  });

  test('what comes first: a dead panel, then a page that cannot be recorded, then permission', () => {
    expect(kind({ alive: false, url: null, siteAllowed: false })).toBe('panel_orphaned');
    expect(kind({ url: 'chrome://extensions/', siteAllowed: false })).toBe('unrecordable');
    expect(kind({ siteAllowed: false, status: { ...status, paused: true } })).toBe('site_not_allowed');
    expect(kind({ status: { ...status, paused: true, watching: false } })).toBe('paused');
  });

  test.each(['chrome://settings/', 'devtools://devtools/x', 'file:///home/a.html', 'about:blank', 'view-source:https://a.b/', 'chrome-extension://abc/panel.html', 'https://chromewebstore.google.com/detail/x', 'data:text/html,x', 'no address'])('%s cannot be recorded, and it says why', (url) => {
    const state = panelStateOf({ ...fine, url });
    expect(state).toMatchObject({ kind: 'unrecordable', why: expect.stringMatching(/\w{3}.*\./) });
    expect(recordSwitchOf(state)).toBeUndefined();
  });

  test('a page the browser does not name cannot be recorded either', () => {
    expect(kind({ url: null })).toBe('unrecordable');
  });

  test('the record button is on, off, or has nothing to switch', () => {
    expect(recordSwitchOf(panelStateOf(fine))).toBe(true);
    expect(recordSwitchOf(panelStateOf({ ...fine, status: { ...status, paused: true } }))).toBe(false);
    expect(recordSwitchOf(panelStateOf({ ...fine, siteAllowed: false }))).toBeUndefined();
  });
});

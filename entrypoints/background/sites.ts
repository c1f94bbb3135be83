/** Sites the user allowed beside the local ones: their scripts are registered at run time, and stay registered while the
 *  permission stays. The worker starts with the browser, an install, an update and a change of permissions (it listens to
 *  each), and looks here whenever it starts: what the browser dropped is registered anew. */
import type { SiteRemoved } from '../../lib/model/command.ts';
import { isLocalSite } from '../../lib/model/local-sites.ts';
import { patternOf } from '../../lib/model/sites.ts';

const RELAY = 'a-relay'; // scripts of one call run in the order of their ids, and the relay must listen first
const SHIM = 'b-shim';

let last: Promise<void> = Promise.resolve();

/** Makes the registered scripts match the permissions. Calls follow one another. */
export function registerSites(): Promise<void> {
  return last = last.catch(() => {}).then(register);
}

async function register(): Promise<void> {
  const local = chrome.runtime.getManifest().content_scripts?.[0]?.matches ?? [];
  const { origins = [] } = await chrome.permissions.getAll();
  const matches = origins.filter((origin) => !local.includes(origin)).toSorted();
  const registered = await chrome.scripting.getRegisteredContentScripts({ ids: [RELAY, SHIM] });
  // Between taking them away and registering them anew a page could load unseen: only where something changed.
  if (registered.length === (matches.length > 0 ? 2 : 0) && registered.every((script) => script.matches?.toSorted().join(' ') === matches.join(' '))) return;
  if (registered.length > 0) await chrome.scripting.unregisterContentScripts({ ids: registered.map(({ id }) => id) });
  if (matches.length === 0) return;
  const common = { matches, excludeMatches: local, runAt: 'document_start', allFrames: true, matchOriginAsFallback: true, persistAcrossSessions: true } as const;
  await chrome.scripting.registerContentScripts([
    { ...common, id: RELAY, js: ['content-scripts/relay.js'] },
    { ...common, id: SHIM, js: ['content-scripts/shim.js'], world: 'MAIN' },
  ]);
}

/** Tells the pages of a site that was taken back: what is in them already would go on. */
export async function stopRemoved(removed: readonly string[]): Promise<void> {
  // What a wider permission still allows stays.
  const gone = (await Promise.all(removed.map(async (pattern) => (await chrome.permissions.contains({ origins: [pattern] })) ? [] : [pattern]))).flat();
  if (gone.length === 0) return;
  const message: SiteRemoved = { type: 'site_removed', patterns: gone };
  const tabs = await chrome.tabs.query({});
  await Promise.all(tabs.map(({ id }) => id !== undefined && chrome.tabs.sendMessage(id, message).catch(() => {})));
}

/** A page that slept while its site was removed (back-forward cache) was not told: it is when it sends something. */
export async function stopIfRemoved({ origin, tab, documentId }: chrome.runtime.MessageSender): Promise<boolean> {
  // A sandboxed page has no origin that could be asked for.
  if (!origin?.startsWith('http') || isLocalSite(origin) || await chrome.permissions.contains({ origins: [patternOf(origin)] })) return false;
  const message: SiteRemoved = { type: 'site_removed', patterns: [patternOf(origin)] };
  if (tab?.id !== undefined && documentId !== undefined) await chrome.tabs.sendMessage(tab.id, message, { documentId }).catch(() => {});
  return true;
}

/** Where DevTools cannot ask (Firefox, bug 1796933) a page of ours does. */
export async function askOnPage(message: unknown): Promise<boolean> {
  if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'ask_site' || !('url' in message) || typeof message.url !== 'string') return false;
  await chrome.tabs.create({ url: `${chrome.runtime.getURL('/allow.html')}?${new URLSearchParams({ site: message.url })}` });
  return true;
}

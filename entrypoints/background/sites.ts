/** Sites the user allowed beside the local ones: their scripts are registered at run time, and stay registered while the
 *  permission stays. */

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
  const present = registered[0]?.matches?.toSorted() ?? [];
  // Between taking them away and registering them anew a page could load unseen: only where something changed.
  if (present.join(' ') === matches.join(' ')) return;
  if (registered.length > 0) await chrome.scripting.unregisterContentScripts({ ids: registered.map(({ id }) => id) });
  if (matches.length === 0) return;
  const common = { matches, excludeMatches: local, runAt: 'document_start', allFrames: true, matchOriginAsFallback: true } as const;
  await chrome.scripting.registerContentScripts([
    { ...common, id: RELAY, js: ['content-scripts/relay.js'] },
    { ...common, id: SHIM, js: ['content-scripts/shim.js'], world: 'MAIN' },
  ]);
}

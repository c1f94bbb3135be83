/** The browser as the recorder needs it. */
import type { RescueShelf } from '../../lib/record/rescues.ts';
import type { Sender } from '../../lib/record/tab-session.ts';
import { RECORD_VERSION } from '../../lib/model/versions.ts';
import { isRescueKey } from '../../lib/wire/rescue.ts';

/** Random id of this run of the browser: lives as long as chrome.storage.session, which ends with the browser's run and
 *  with the extension's. */
export async function browserRun(): Promise<string> {
  // Relays put there what their page could not send while it was left.
  await chrome.storage.session.setAccessLevel({ accessLevel: 'TRUSTED_AND_UNTRUSTED_CONTEXTS' });
  const { run } = await chrome.storage.session.get('run');
  if (typeof run === 'string') return run;
  const id = crypto.randomUUID();
  await chrome.storage.session.set({ run: id });
  return id;
}

/** One of our own windows', private or not. */
export const isOwnRescue = (key: string): boolean => isRescueKey(key, chrome.extension.inIncognitoContext);

export const shelf: RescueShelf = {
  async all() {
    return Object.fromEntries(Object.entries(await chrome.storage.session.get()).filter(([key]) => isOwnRescue(key)));
  },
  get: async (key) => (await chrome.storage.session.get(key))[key],
  remove: (key) => chrome.storage.session.remove(key),
};

export async function freeBytes(): Promise<number> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return quota - usage;
}

/** Does a relay of this version answer? */
export async function ping(tabId: number, where: { documentId: string } | { frameId: number }): Promise<boolean> {
  try {
    const pong: unknown = await chrome.tabs.sendMessage(tabId, { type: 'ping' }, where);
    return typeof pong === 'object' && pong !== null && 'version' in pong && pong.version === RECORD_VERSION;
  } catch {
    return false; // no such tab, document or listener
  }
}

export async function tabOpen(tabId: number): Promise<boolean> {
  return chrome.tabs.get(tabId).then(() => true, () => false);
}

/** Our panel, told by the browser. A page cannot pretend to be it, nor a content script in the page. */
export function isOurPage(sender: chrome.runtime.MessageSender): boolean {
  return sender.id === chrome.runtime.id && sender.origin === new URL(chrome.runtime.getURL('')).origin;
}

/** Query and fragment may hold secrets, which the page's own record has without them. */
function placeOf(url: string): string {
  const { origin, pathname, protocol } = new URL(url);
  return protocol.startsWith('http') ? origin + pathname : '';
}

/** The document of a content script of ours. */
export function senderOf({ id, documentId, documentLifecycle, tab, frameId, url }: chrome.runtime.MessageSender): Sender | undefined {
  if (id !== chrome.runtime.id || documentId === undefined || tab?.id === undefined || frameId === undefined) return undefined;
  // A page that is loaded ahead has a frame number of its own until it is shown.
  return { documentId, tabId: tab.id, frameId, framed: frameId !== 0 && documentLifecycle !== 'prerender', ...(url !== undefined && { url: placeOf(url) }) };
}

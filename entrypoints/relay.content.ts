/** The relay: takes what the page's shim tells and gets it to the background, whatever happens to either. */
import { defineContentScript } from 'wxt/utils/define-content-script';
import type { SiteRemoved } from '../lib/model/command.ts';
import { limits } from '../lib/model/limits.ts';
import { matchesSite } from '../lib/model/sites.ts';
import { RECORD_VERSION } from '../lib/model/versions.ts';
import { acceptShim } from '../lib/wire/channel-relay.ts';
import { createOutbox } from '../lib/wire/outbox.ts';
import { checkRecord } from '../lib/wire/record-check.ts';
import { bareRescueKey, encodeRescue, rescueKey } from '../lib/wire/rescue.ts';

/** The built script calls this by name, without the definition below (see wxt.config.ts). */
export function main(): void {
  const relay = crypto.getRandomValues(new Uint8Array(16)).toHex();
  /** number after the last rescued record, while the rescue is stored */
  let rescued: number | undefined;
  /** the browser leaves this page */
  let leaving = false;
  let rescuing = false;
  /** the user took the site back */
  let removed = false;
  const inPrivate = chrome.extension.inIncognitoContext;
  const [key, bareKey] = [rescueKey(relay, inPrivate), bareRescueKey(relay, inPrivate)];

  const shim = acceptShim(document, {
    onHello: () => chrome.runtime.onMessage.addListener(hear),
    onRecords: (records) => outbox.add(records.map(checkRecord).filter((record) => record !== undefined)),
    onLeaving() {
      // Before our own listener below nothing is stored: a page that holds the channel could have us store at its pleasure.
      // After it, what the page still does while it is left is told call by call: stored once, when its listener is through.
      if (!leaving || rescuing) return;
      rescuing = true;
      queueMicrotask(rescue);
    },
  });

  const outbox = createOutbox({
    relay,
    send: (batch) => chrome.runtime.sendMessage(batch),
    // `chrome.runtime` itself goes in some versions when the extension does.
    gone: () => removed || chrome.runtime?.id === undefined,
    now: () => performance.now(),
    setTimer: (call, ms) => setTimeout(call, ms),
    clearTimer: (timer) => clearTimeout(timer),
    onStored(next) {
      if (rescued === undefined || next < rescued) return;
      rescued = undefined;
      chrome.storage.session.remove([key, bareKey]).catch(() => {});
    },
    onStop: () => shim.stop(),
  });

  /** From then on nobody answers for this document, as if the extension were gone. */
  function hear(message: unknown, sender: chrome.runtime.MessageSender, answer: (pong: unknown) => void): void {
    answerPing(message, sender, answer);
    if (!isRemovalHere(message)) return;
    chrome.runtime.onMessage.removeListener(hear);
    removed = true;
    outbox.add([]);
  }

  function rescue(): void {
    rescuing = false;
    try {
      storeRescue();
    } catch { /* then there is nobody to tell */ }
  }

  /** What tells most with least comes first: the browser may end the page at any moment of this. Throws where the extension
   *  is gone. */
  function storeRescue(): void {
    const { first, records } = outbox.held();
    if (records.length === 0) return;
    rescued = first + records.length;
    const left = { relay, at: Date.now(), first, records };
    chrome.storage.session.set({ [bareKey]: encodeRescue(left, limits.rescueLeastBytes) }).catch(() => {});
    chrome.storage.session.set({ [key]: encodeRescue(left) }).catch(() => {});
    outbox.leave();
  }

  // Trusted: a page that says so itself would have us send at its pleasure. Later than the shim, which must be the first to
  // hear of it: Chromium fails the page's requests between two listeners (which it calls in order, whatever their phase).
  setTimeout(() => window.addEventListener('pagehide', (event) => {
    if (!event.isTrusted) return;
    leaving = true;
    rescue();
  }));
  window.addEventListener('pageshow', (event) => {
    if (!event.isTrusted) return;
    leaving = false;
    if (event.persisted) outbox.resume();
  });
}

export default defineContentScript({
  matches: ['http://localhost/*'],
  runAt: 'document_start',
  allFrames: true,
  matchOriginAsFallback: true,
  globalName: false,
  main,
});

/** Documents without an address of their own (about:blank, srcdoc) have their parent's origin, sandboxed ones none. */
function isRemovalHere(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== ('site_removed' satisfies SiteRemoved['type'])) return false;
  const origin = self.origin === 'null' ? location.ancestorOrigins?.[0] ?? '' : self.origin;
  const { patterns } = message as SiteRemoved;
  return patterns.some((pattern) => matchesSite(pattern, origin));
}

/** How the panel and the background find out that this document is watched. */
function answerPing(message: unknown, _sender: chrome.runtime.MessageSender, answer: (pong: unknown) => void): void {
  if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ping') answer({ type: 'pong', version: RECORD_VERSION });
}

import { defineContentScript } from 'wxt/utils/define-content-script';
import { endOfOwnScript } from '../lib/capture/error-stacks.ts';
import { installCapture } from '../lib/capture/install.ts';
import { openToRelay } from '../lib/wire/channel-page.ts';

/** In the page's own world, before its first script: watches its model calls. The built script calls this by name, without
 *  the definition below (see wxt.config.ts). */
export function main(): void {
  try {
    // No relay: this document is not recorded, and nothing in it is touched.
    const relay = openToRelay(document);
    if (relay) installCapture(window, relay);
  } catch { /* the platform was changed before us, by the page that made this frame: not recorded either */ }
  endOfOwnScript(new Error().stack); // last, since the built script has the rest within this function
}

export default defineContentScript({
  matches: ['http://localhost/*'],
  runAt: 'document_start',
  world: 'MAIN',
  allFrames: true,
  matchOriginAsFallback: true,
  globalName: false,
  main,
});

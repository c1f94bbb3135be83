import { defineContentScript } from 'wxt/utils/define-content-script';
import { installCapture } from '../lib/capture/install.ts';
import { openToRelay } from '../lib/wire/channel-page.ts';

/** In the page's own world, before its first script: watches its model calls. */
export default defineContentScript({
  matches: ['http://localhost/*'],
  runAt: 'document_start',
  world: 'MAIN',
  allFrames: true,
  matchOriginAsFallback: true,
  globalName: false,
  main() {
    // No relay: this document is not recorded, and nothing in it is touched.
    const relay = openToRelay(document);
    if (relay) installCapture(window, relay);
  },
});

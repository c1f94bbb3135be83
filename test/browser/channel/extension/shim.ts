/** A shim that captures nothing: it hands the channel to the page, which no real shim would, so that tests can use it. */
import type { PageRecord } from '../../../../lib/model/record.ts';
import { openToRelay, type ToRelay } from '../../../../lib/wire/channel-page.ts';

export interface TestShim {
  toRelay: ToRelay | undefined;
  open: typeof openToRelay;
  /** posted in pagehide just before the page leaves, so that the port cannot carry them any more */ last: PageRecord[];
}

const toRelay = openToRelay(document);
toRelay?.post([{ kind: 'document', at: Date.now(), url: location.href, top: window === window.top }]);
const shim: TestShim = { toRelay, open: openToRelay, last: [] };
Object.assign(window, { shim });
window.addEventListener('pagehide', () => {
  toRelay?.post(shim.last);
  toRelay?.leaving([{ kind: 'leave', at: Date.now(), clock: performance.now() }]);
}, { capture: true });

/** Which one thing the panel has to say about recording this tab. Pure and total: every input has exactly one answer. */
import type { TabStatus } from '../model/command.ts';

export interface Situation {
  /** page URL; undefined: not asked yet; null: the browser does not tell it (its own pages) */ url: string | null | undefined;
  /** the user or the manifest allows the site; undefined: not asked yet */ siteAllowed: boolean | undefined;
  /** undefined: the background has not answered yet */ status: TabStatus | undefined;
  /** this tab has recorded calls */ hasTraces: boolean;
  /** the panel's extension still runs */ alive: boolean;
}

export type PanelState =
  /** still asking: nothing to say */
  | { kind: 'asking' }
  /** this panel belongs to an extension that was updated or removed */
  | { kind: 'panel_orphaned' }
  | { kind: 'unrecordable'; why: string }
  | { kind: 'site_not_allowed'; site: string }
  | { kind: 'paused' }
  /** the extension was updated under the page */
  | { kind: 'page_orphaned' }
  /** the page was there before recording */
  | { kind: 'needs_reload' }
  | { kind: 'nothing_yet'; site: string }
  | { kind: 'recording' };

export function panelStateOf({ url, siteAllowed, status, hasTraces, alive }: Situation): PanelState {
  if (!alive) return { kind: 'panel_orphaned' };
  if (url === undefined) return { kind: 'asking' };
  const why = whyUnrecordable(url);
  if (why !== undefined || url === null) return { kind: 'unrecordable', why: why ?? '' };
  if (siteAllowed === undefined) return { kind: 'asking' };
  if (!siteAllowed) return { kind: 'site_not_allowed', site: new URL(url).host };
  if (!status) return { kind: 'asking' };
  if (status.paused) return { kind: 'paused' };
  if (status.orphaned) return { kind: 'page_orphaned' };
  if (!status.watching) return { kind: 'needs_reload' };
  return hasTraces ? { kind: 'recording' } : { kind: 'nothing_yet', site: new URL(url).host };
}

/** What the record button shows: on, off, or that there is nothing to switch. */
export function recordSwitchOf(state: PanelState): boolean | undefined {
  if (state.kind === 'paused') return false;
  return state.kind === 'recording' || state.kind === 'nothing_yet' || state.kind === 'needs_reload' || state.kind === 'page_orphaned' ? true : undefined;
}

const SCHEMES: Record<string, string> = {
  'chrome:': 'Pages of the browser itself do not let extensions in.',
  'edge:': 'Pages of the browser itself do not let extensions in.',
  'about:': 'This tab has no web page yet.',
  'devtools:': 'DevTools cannot be recorded from DevTools.',
  'chrome-extension:': 'Pages of extensions do not let other extensions in.',
  'moz-extension:': 'Pages of extensions do not let other extensions in.',
  'file:': 'Files opened from disk cannot be recorded. Serve the folder, for example with `npx serve`, and open it on localhost.',
  'view-source:': 'This is the source view of a page. Open the page itself.',
};
/** Hosts where no browser runs content scripts. */
const STORES = new Set(['chromewebstore.google.com', 'addons.mozilla.org']);

function whyUnrecordable(url: string | null): string | undefined {
  if (url === null) return 'The browser lets no extension into this page.';
  if (!URL.canParse(url)) return 'This tab has no web page yet.';
  const { protocol, host } = new URL(url);
  if (STORES.has(host)) return 'Extension stores do not let extensions in.';
  if (protocol === 'http:' || protocol === 'https:') return undefined;
  return SCHEMES[protocol] ?? `Pages with an address that begins with “${protocol}” cannot be recorded, only http and https.`;
}

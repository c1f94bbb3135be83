/** Why a model call that DevTools saw is not recorded, as far as that can be known, and what to do. Pure. */
import { formatSite } from './format.ts';
import type { NetworkRequest } from './network.ts';

export interface UnseenSurroundings {
  /** scripts known to be workers' */ workers: ReadonlySet<string>;
  /** of the inspected page at the time; not told by the browser's own pages */ pageUrl: string | null | undefined;
  /** is a site (as an origin) recorded? */ allowed(origin: string): boolean;
  /** a recorder answered in the page */ watching: boolean;
  paused: boolean;
  /** the tab or one of its pages is past its quota */ full: boolean;
}

type UnseenReason = 'worker' | 'other_frame' | 'not_fetch' | 'site_not_allowed' | 'page_was_there' | 'paused' | 'full' | 'unknown';

export interface WhyUnseen {
  reason: UnseenReason;
  /** "from a worker (worker.js)": ends the sentence "1 model call not seen: ..." */ brief: string;
  why: string;
  fix: string;
  /** a site whose recording would show it */ site?: string;
}

export interface UnseenCall extends WhyUnseen { request: NetworkRequest }

const SENT_BY: Record<string, string> = { xhr: 'XMLHttpRequest', ping: 'sendBeacon' };

export function whyUnseen(request: NetworkRequest, { workers, pageUrl, allowed, watching, paused, full }: UnseenSurroundings): WhyUnseen {
  const worker = request.scripts.find((script) => workers.has(script));
  if (worker !== undefined) {
    const name = fileName(worker);
    return { reason: 'worker', brief: 'from a worker', why: `A worker${name && ` (${name})`} made the call. Workers are not recorded yet.`, fix: 'To see it here, make the call in the page itself.' };
  }
  const pageOrigin = pageUrl && URL.canParse(pageUrl) ? new URL(pageUrl).origin : undefined;
  const origin = request.origin !== undefined && URL.canParse(request.origin) ? request.origin : pageOrigin;
  const framed = origin !== undefined && origin !== pageOrigin;
  if (origin !== undefined && !allowed(origin)) {
    const site = formatSite(origin);
    // Pages of other extensions can be allowed by nobody.
    if (!/^https?:/.test(origin)) return { reason: 'other_frame', brief: `from a page of ${site}`, why: `A page of ${site} made the call, which the browser lets nobody record.`, fix: 'DevTools’ Network panel shows the call.' };
    return framed
      ? { reason: 'other_frame', brief: `from a frame of ${site}`, why: `A frame of ${site} made the call, a site that is not recorded.`, fix: 'Record this site as well, and reload the page.', site: origin }
      : { reason: 'site_not_allowed', brief: `by ${site}, which is not recorded`, why: `The page of ${site} made the call, a site that is not recorded.`, fix: 'Record this site, and reload the page.', site: origin };
  }
  const sentBy = SENT_BY[request.sentBy];
  if (sentBy !== undefined) return { reason: 'not_fetch', brief: `sent with ${sentBy}`, why: `The call was sent with ${sentBy}. Only fetch is recorded so far.`, fix: 'Let the client use fetch, if it can.' };
  if (paused) return { reason: 'paused', brief: 'while recording was paused', why: 'Recording was paused for this tab.', fix: 'Resume recording, and make the call again.' };
  if (!watching || framed) return { reason: 'page_was_there', brief: 'by a page that was there before recording began', why: `The ${framed ? 'frame' : 'page'} was loaded before recording began.`, fix: 'Reload the page, and make the call again.' };
  if (full) return { reason: 'full', brief: 'past the quota', why: 'The tab or its page is past what is kept of one.', fix: 'Clear the session, or reload the page.' };
  return { reason: 'unknown', brief: 'for a reason that is not known', why: 'No recorder told of this call. A worker, or a frame without an address of its own, may have made it.', fix: 'DevTools’ Network panel shows who made it (Initiator).' };
}

/** "2 model calls not seen: 1 from a worker, 1 sent with XMLHttpRequest" */
export function unseenSummary(calls: readonly UnseenCall[]): string {
  return [...Map.groupBy(calls, ({ brief }) => brief)].map(([brief, same]) => `${same.length} ${brief}`).join(', ');
}

/** "worker.js"; nothing for a script without a name (blob:) */
function fileName(script: string): string {
  if (script.startsWith('blob:') || !URL.canParse(script)) return '';
  return new URL(script).pathname.split('/').at(-1) ?? '';
}

/** Tab sessions and their documents. */
import type { Totals } from './trace.ts';

/** One tab's life from opening to closing; key = hash(browser run, tab id). `rev` counts every change of anything in
 *  it, in the same transaction; a reader that has seen `rev` n asks for rows with rev > n. */
export interface TabSession {
  id: string;
  tabId: number;
  /** random id of the browser's run, from chrome.storage.session */ run: string;
  /** epoch ms */ startedMs: number;
  /** epoch ms of the last record */ lastMs: number;
  /** the tab was closed, epoch ms */ closedMs?: number;
  /** page URL of the top document seen last */ url: string;
  /** recording is off for this tab: new calls are acknowledged and dropped */ paused: boolean;
  rev: number;
  /** traces were removed at this rev (clear, delete, trees that joined): a reader older than it starts anew */ removedRev: number;
  /** mark of clear, epoch ms: an exchange that started at or before it is acknowledged and dropped */ clearedMs: number;
  /** bytes of all bodies as the page sent and read them, against limits.sessionBytes */ bytes: number;
  /** what it takes on the disk, as an estimate (lib/store/disk.ts) */ diskBytes: number;
  /** how the user calls it */ name?: string;
  /** the user keeps it: it does not go by itself */ pinned?: true;
  /** it is being removed since then (epoch ms), some rows at a time: nobody is shown it */ removing?: number;
  /** what was written up to `rev` is forgotten: nobody is shown it, nothing goes on from it, and its rows go, some at a time; of
   *  `diskBytes` so much is theirs */ clearing?: { rev: number; disk: number; /** some of it went before, uncounted */ partly?: true };
  /** the same of one large trace */ dropping?: Array<{ traceId: string; rev: number }>;
  /** traces went at this rev, and what only they had has not yet */ unswept?: number;
  /** its tab lives long: when traces too old were looked for, epoch ms */ trimmedMs?: number;
  /** stored calls */ exchanges: number;
  /** over its traces; absent before the first */ totals?: Totals;
  /** these spans came out of a file, not of a tab; `resource`: attributes of its resource, JSON */ imported?: { file: string; atMs: number; resource: string };
  /** calls past a bound (of the tab, of a document): nothing of them is stored but this number */ unrecorded: number;
}

/** Does this row, of a call, span or trace, belong to what was forgotten and has not gone yet? */
export function isForgotten({ clearing, dropping = [] }: Pick<TabSession, 'clearing' | 'dropping'>, row: { rev: number; traceId?: string }): boolean {
  return (clearing !== undefined && row.rev <= clearing.rev) || dropping.some(({ traceId, rev }) => row.traceId === traceId && row.rev <= rev);
}

/** One document of a tab (frames too). `nextSeq`: every record below is stored or deliberately dropped. */
export interface PageDocument {
  documentId: string;
  session: string;
  tabId: number;
  frameId: number;
  top: boolean;
  url: string;
  /** epoch ms */ openedMs: number;
  /** epoch ms; absent while it lives */ leftMs?: number;
  nextSeq: number;
  /** bytes stored for it, against limits.documentBytes */ bytes: number;
  exchanges: number;
  rev: number;
}

/** Note on the BroadcastChannel: something of this session changed; rows with a rev up to this one are readable. */
export interface ChangeNote { session: string; rev: number }
/** In place of a session's id: the settings changed, or all sessions. */
export const NO_SESSION = '';

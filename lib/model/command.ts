/** What the panel asks of the background, the only writer. Answers are plain data; a refused command answers `error`. */
import type { Budget } from './settings.ts';
import type { SpanRow } from './span.ts';

/** Part of an imported file: spans of one session, in their order, each with its attributes as the file has them (JSON).
 *  The first part makes the session. */
export interface ImportPart { session: string; file: string; site: string; resource: string; spans: Array<{ row: SpanRow; content: string }> }

/** Ids of imported sessions begin so. */
const IMPORT = 'import-';
export const importId = (unique: string): string => IMPORT + unique;
export const isImport = (session: string): boolean => session.startsWith(IMPORT);

export type Command =
  | { type: 'status'; tabId: number }
  | { type: 'record'; tabId: number; on: boolean }
  /** forget everything of one session (and drop what its open calls still bring) */
  | { type: 'clear'; session: string }
  | { type: 'delete_trace'; session: string; traceId: string }
  /** the session itself too; of a tab that is open it goes on from nothing */
  | { type: 'delete_session'; session: string }
  | { type: 'delete_everything' }
  /** an empty name is none */
  | { type: 'rename'; session: string; name: string }
  | { type: 'pin'; session: string; on: boolean }
  | { type: 'budget'; budget: Budget }
  | { type: 'import'; part: ImportPart };

export interface TabStatus {
  /** the tab's session id, also before anything was recorded */ session: string;
  paused: boolean;
  /** a relay of this version answers in the tab's top document */ watching: boolean;
  /** the tab's present top document was recorded once, but its relay is silent: the extension was updated under it, or its
   *  site was removed */ orphaned: boolean;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; error: string };

/** Panel to background, where DevTools cannot ask the user itself: opens the page that does. */
export interface AskSite { type: 'ask_site'; url: string }

/** Background to the relays of all pages: recording of these sites ends now. Match patterns. */
export interface SiteRemoved { type: 'site_removed'; patterns: string[] }

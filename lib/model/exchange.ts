/** An exchange: one request and its response as they crossed the wire, with what was derived from it for linking. */
import type { BodyForm, EndCause, HeaderList } from './record.ts';
import type { CallFacts } from './call.ts';
import type { Link } from './span.ts';

/** `${documentId}/${ordinal}` */
export type ExchangeId = string;
export const exchangeId = (documentId: string, ordinal: number): ExchangeId => `${documentId}/${ordinal}`;

/** How many bytes of a body there are: `read` = `stored` + `missing`. */
export interface BodyCount { read: number; stored: number; missing: number }

/** Row of the store `exchanges`. No bodies: those lie in `segments`, found by the exchange's id. Times are ms from
 *  `startMs` (offsets of performance.now) unless named otherwise. */
export interface Exchange {
  id: ExchangeId;
  /** tab session */ session: string;
  documentId: string;
  ordinal: number;
  frameId: number;
  /** `Date.now()` at the start, epoch ms */ startMs: number;
  /** `performance.now()` at the start */ clock: number;
  transport: 'fetch';
  method: string;
  url: string;
  /** URL of the document that made the call */ pageUrl: string;
  requestHeaders: HeaderList;
  requestForm: BodyForm;
  request: BodyCount;
  response: BodyCount;
  /** response bytes were made from a parsed value */ responseReserialised?: true;
  head?: { atMs: number; status: number; type: string; url: string; headers: HeaderList };
  /** first response bytes reached the page */ firstByteMs?: number;
  end?: { atMs: number; how: EndCause; error?: { name: string; message: string } };
  /** small facts the provider read, kept for linking and rows; undefined until the request is read */
  facts?: CallFacts;
  /** where it hangs and why; decided at the start, revised when later evidence arrives */
  link?: Link;
  /** first exchange of the run (loop, retries) this one belongs to; itself when alone */
  run?: ExchangeId;
  /** conversation: id of the first exchange whose history this one extends */
  conversation?: string;
  traceId?: string;
  removedSecrets: number;
  rev: number;
}

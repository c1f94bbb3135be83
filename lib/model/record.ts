/**
 * Records: what the page's shim tells, in the order it happened. The only words that cross from the page to the
 * background. A record is structured data (no JSON of the page's making), at most `limits.recordBytes`.
 *
 * Bytes of a body come in `chunk` records; `size` says how many bytes the page read (or sent), `bytes` holds them, or
 * is absent when they were dropped on the way: then they count as missing. So always: read = stored + missing.
 */
import type { RECORD_VERSION } from './versions.ts';

/** How an exchange ended. `error`: fetch rejected, no response. `cut`: the body broke off (network). `aborted`: by an
 *  AbortSignal. `cancelled`: by reader.cancel and its kin. `page_left`: the document went away. `unread`: the app
 *  dropped the response unread. `unobserved`: read by means we do not watch, or as JSON that did not
 *  parse; or a fault of ours, after which nothing more of it is told. `recorder_gone`: the extension was updated or removed
 *  under the page. */
export const endCauses = ['complete', 'error', 'cut', 'aborted', 'cancelled', 'page_left', 'unread', 'unobserved', 'recorder_gone'] as const;
export type EndCause = (typeof endCauses)[number];

export type Side = 'request' | 'response';
export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>;

/** What the shim could see of a request body. `stream`: an upload stream, never touched. `reserialised`: bytes made
 *  from a parsed value (FormData, json()), so whitespace and number spelling may differ from the wire. */
export type BodyForm = 'none' | 'exact' | 'reserialised' | 'stream';

/** First record of every document: it exists and is watched. Sent at once, so the background knows the tab. */
interface DocumentRecord { kind: 'document'; /** epoch ms */ at: number; /** without fragment and secrets */ url: string; /** true in the top frame */ top: boolean }

/** A recorded call begins. Its request body follows in `chunk` records of side `request`, in the same turn. */
export interface StartRecord {
  kind: 'start';
  /** ordinal of the exchange in its document, from 1 */
  exchange: number;
  /** `Date.now()`, epoch ms */ at: number;
  /** `performance.now()` at the same moment, ms; every other `clock` is read from the same clock */ clock: number;
  transport: 'fetch';
  method: string;
  url: string;
  headers: HeaderList;
  body: BodyForm;
  /** bytes of the request body, when known at the start */ bodySize: number;
  /** how many secrets were removed from this record and its bodies so far */ removed: number;
}

/** Response headers arrived. */
export interface HeadRecord { kind: 'head'; exchange: number; clock: number; status: number; /** Response.type */ type: string; url: string; headers: HeaderList }

/** One or more reads of a body, in order: `times[i]` (clock, ms) is when the page got the bytes up to `ends[i]`
 *  (exclusive, counted from this record's first byte). `offset` is this record's first byte in the body. */
export interface ChunkRecord { kind: 'chunk'; exchange: number; side: Side; offset: number; size: number; bytes?: Uint8Array<ArrayBuffer>; times: Float64Array; ends: Uint32Array; /** set where the bytes were made from a parsed value */ reserialised?: true }

/** The exchange is over. `bytes`: response bytes the page read in all. */
export interface EndRecord { kind: 'end'; exchange: number; clock: number; how: EndCause; bytes: number; error?: { name: string; message: string } }

/** The document is being left (pagehide); `clock` as in its exchanges. It may come back (bfcache) and go on. */
interface LeaveRecord { kind: 'leave'; at: number; clock: number }

export type PageRecord = DocumentRecord | StartRecord | HeadRecord | ChunkRecord | EndRecord | LeaveRecord;

/** Relay to background: records `first`, `first + 1`, ... of one document. The background knows the document from the
 *  browser (`sender.documentId`), never from the message. `relay` names the relay (random), for the rescue. */
export interface Batch {
  type: 'batch';
  version: typeof RECORD_VERSION;
  relay: string;
  first: number;
  records: PageRecord[];
  /** The background asked for records below `first` that no longer exist (it lost its database): go on from `first`.
   *  Without it a `first` above the background's `next` is a gap, stored not at all and answered with `next`. */
  skipped?: true;
}

/** Background to relay: everything below `next` is stored (or deliberately dropped); send from `next`. */
export interface Ack { next: number; documentId: string }

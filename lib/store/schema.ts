/** The database as data: every store with its key and its indexes. ARCHITECTURE.md repeats this table, held by a test. */
import type { DBSchema } from 'idb';
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { Side } from '../model/record.ts';
import type { PageDocument, TabSession } from '../model/session.ts';
import type { SettingRow } from '../model/settings.ts';
import type { LivePiece } from '../model/span.ts';
import type { TraceRow } from '../model/trace.ts';
import type { ChainRow } from './chains.ts';
import type { EvidenceRow } from './evidence.ts';
import type { OutlineBlock } from './outline-blocks.ts';
import type { Hash, PieceRow } from './pieces.ts';
import type { BodyRow } from './request-bodies.ts';
import type { SignatureRow } from './search/signatures.ts';
import type { SpansRow } from './spans.ts';

/** `relay`: who numbers its records. `here`: the tab id, only while the document is not left, so that the index holds
 *  the living alone. */
export type DocumentRow = PageDocument & { relay: string; here?: number };

/** `open`: the document's id, only while the call runs. `requestSize`: bytes of the request as told at its start.
 *  `pieces`: number of live pieces written. `disk`: what the segments of its
 *  response take; `requestDisk`: what its request brought that was new; `answerDisk`: what the text of its answer takes.
 *  `gaps`: of a body that is left out in part, how many gaps are behind which bytes are kept, and whether it ends in one so far. */
export type ExchangeRow = Exchange & { open?: string; requestSize: number; pieces: number; disk?: number; requestDisk?: number; answerDisk?: number; gaps?: Partial<Record<Side, { count: number; open: boolean }>> };

/** Bytes of a response that arrived in one batch without a gap. `ends[i]` counts from this segment's first byte, `times[i]`
 *  is ms from the exchange's start. */
interface SegmentRow { exchange: ExchangeId; side: Side; offset: number; size: number; bytes: Uint8Array<ArrayBuffer>; times: Float64Array; ends: Uint32Array }

interface ContentRow { session: string; ref: string; bytes: Uint8Array<ArrayBuffer> }

interface TextRow { session: string; exchange: ExchangeId; bytes: Uint8Array<ArrayBuffer> }

/** `after`: the last exchange or imported span that was indexed. */
export interface UnindexedRow { session: string; after: string }

export interface Schema extends DBSchema {
  sessions: { key: string; value: TabSession };
  documents: { key: string; value: DocumentRow; indexes: { session: string; relay: string; here: number } };
  exchanges: { key: string; value: ExchangeRow; indexes: { open: string; run: string } };
  segments: { key: [string, Side, number]; value: SegmentRow };
  bodies: { key: [string, string, number]; value: BodyRow };
  chains: { key: [string, Hash, number]; value: ChainRow; indexes: { prefix: [string, Hash] } };
  pieces: { key: [string, Hash]; value: PieceRow; indexes: { more: string } };
  contents: { key: [string, string]; value: ContentRow };
  spans: { key: [string, string]; value: SpansRow; indexes: { trace: [string, string, number]; start: [string, number]; tool: string } };
  traces: { key: [string, string]; value: TraceRow; indexes: { rev: [string, number]; newest: [string, number, string] } };
  outlines: { key: [string, string, number]; value: OutlineBlock; indexes: { rev: [string, string, number] } };
  evidence: { key: [string, number, string]; value: EvidenceRow; indexes: { gives: string; seeks: string } };
  live: { key: [string, number]; value: LivePiece };
  settings: { key: string; value: SettingRow };
  signatures: { key: [string, number]; value: SignatureRow; indexes: { rev: [string, number] } };
  texts: { key: [string, string]; value: TextRow };
  unindexed: { key: string; value: UnindexedRow };
}

/** `each`: an entry for each item of the list */
export type IndexPath = string | string[] | { each: string };
/** `of`: what the key begins with, by which all that a session has is found. */
interface StoreShape { key: string | string[]; of: 'session' | 'exchange' | 'none'; indexes: Readonly<Record<string, IndexPath>>; holds: string }

export const stores = {
  sessions: { key: 'id', indexes: {}, of: 'none', holds: "one tab's life: its rev, pause, marks of clear, its quota and what is past it, what it takes on the disk, name and pin; or an imported file" },
  documents: { key: 'documentId', indexes: { session: 'session', relay: 'relay', here: 'here' }, of: 'none', holds: 'one document of a tab: `nextSeq`, its quota; `here` (the tab id) only while it is not left' },
  exchanges: { key: 'id', indexes: { open: 'open', run: 'run' }, of: 'none', holds: 'one request and response without bodies: heads, counts, end, facts, link; `open` (the document) only while it runs' },
  segments: { key: ['exchange', 'side', 'offset'], indexes: {}, of: 'exchange', holds: 'bytes of a response as one batch brought them, with the time of each read' },
  bodies: { key: ['session', 'exchange', 'offset'], indexes: {}, of: 'session', holds: 'a request: its bytes while they come, then references to pieces and chains' },
  chains: { key: ['session', 'chain', 'n'], indexes: { prefix: ['session', 'prefix'] }, of: 'session', holds: 'lists of pieces that grow: one row each time something was added, found by the hash of all before and in it' },
  pieces: { key: ['session', 'hash'], indexes: { more: { each: 'more' } }, of: 'session', holds: 'bytes of requests, each once a session; a row has what one request brought, named by the first of it' },
  contents: { key: ['session', 'ref'], indexes: {}, of: 'session', holds: 'attributes of an imported span, behind its id' },
  spans: { key: ['source', 'spanId'], indexes: { trace: ['source', 'traceId', 'startMs'], start: ['source', 'startMs'], tool: { each: 'toolNames' } }, of: 'session', holds: 'spans, without message text; in the row of a call the tools that it asked for' },
  traces: { key: ['source', 'traceId'], indexes: { rev: ['source', 'rev'], newest: ['source', 'newest', 'traceId'] }, of: 'session', holds: 'what a list says of a trace; `newest` is its start, negated' },
  outlines: { key: ['source', 'traceId', 'block'], indexes: { rev: ['source', 'traceId', 'rev'] }, of: 'session', holds: 'what a tree shows of spans, hundreds or (of files) thousands a row, packed in one buffer; only of traces with more than 64' },
  evidence: { key: ['session', 'startMs', 'exchange'], indexes: { gives: { each: 'gives' }, seeks: { each: 'seeks' } }, of: 'session', holds: 'the keys an exchange gives and seeks, as hashes' },
  live: { key: ['exchange', 'n'], indexes: {}, of: 'exchange', holds: 'text of a running call, piece by piece; gone when it ends' },
  settings: { key: 'name', indexes: {}, of: 'none', holds: 'the budget of room and days, and what was removed for it' },
  signatures: { key: ['session', 'n'], indexes: { rev: ['session', 'rev'] }, of: 'session', holds: 'what cannot be in which text, for the search; many texts a row' },
  texts: { key: ['session', 'exchange'], indexes: {}, of: 'session', holds: 'what a streamed answer amounts to, which its bytes hold in crumbs' },
  unindexed: { key: 'session', indexes: {}, of: 'none', holds: 'sessions stored before there was a search, until all of them is indexed' },
} satisfies Record<keyof Schema & string, StoreShape>;

export type StoreName = keyof typeof stores;
export const storeNames = Object.keys(stores) as StoreName[];

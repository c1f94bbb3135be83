/** What a reader of the store (the panel, the export) may ask. The writer's side is not part of it. Each answer is read in short
 *  transactions over only the stores it needs, since a writer waits for them; `signal` ends a reading that is no longer wanted. */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { Side } from '../model/record.ts';
import { isForgotten, type PageDocument, type TabSession } from '../model/session.ts';
import type { StorageSettings } from '../model/settings.ts';
import type { LivePiece, SpanRow } from '../model/span.ts';
import type { TraceRow } from '../model/trace.ts';
import { contentOf } from './contents.ts';
import { read, type Database } from './database.ts';
import type { OutlineBlock } from './outline-blocks.ts';
import { readOutline, type StoredOutline } from './read-outline.ts';
import { readSpans } from './read-spans.ts';
import { requestBytesOf } from './request-bodies.ts';
import { responseOf } from './segments.ts';
import { storageSettings } from './settings.ts';
import { spanOf } from './spans.ts';

export type { OutlineBlock, StoredOutline };

/** A body as far as it is stored: `bytes` in order with gaps left out; of a response `times[i]` (ms from the exchange's
 *  start) is when the page had read up to `ends[i]`; `missing` bytes were read by the page and are not here. */
export interface StoredBody { bytes: Uint8Array<ArrayBuffer>; times: Float64Array; ends: Uint32Array; missing: number }

/** Which traces: the newest, those older than `before`, or those that changed after `sinceRev`, at most `limit`. */
export interface TracesAsked { limit: number; before?: Pick<TraceRow, 'newest' | 'traceId'>; sinceRev?: number }

export interface StoreReader {
  /** but for those that are being removed */ sessions(): Promise<TabSession[]>;
  session(id: string): Promise<TabSession | undefined>;
  settings(): Promise<StorageSettings>;
  documents(session: string): Promise<PageDocument[]>;
  /** newest first, or in the order of their last change */
  traces(source: string, asked: TracesAsked, signal?: AbortSignal): Promise<TraceRow[]>;
  /** what changed after `sinceRev`; undefined: there is no such trace */
  outline(source: string, traceId: string, asked?: { sinceRev?: number }, signal?: AbortSignal): Promise<StoredOutline | undefined>;
  /** all rows of one source, or of one trace in it, in the order of their starts */
  spans(source: string, traceId?: string, signal?: AbortSignal): Promise<SpanRow[]>;
  /** ids of spans that began then, both ends included, but for those of tools */
  startedIn(source: string, fromMs: number, toMs: number): Promise<string[]>;
  span(source: string, spanId: string): Promise<SpanRow | undefined>;
  /** what is kept of an imported span beside its row */ content(source: string, ref: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  exchange(id: ExchangeId): Promise<Exchange | undefined>;
  body(id: ExchangeId, side: Side): Promise<StoredBody>;
  /** pieces n >= fromN of a running call */
  live(exchange: ExchangeId, fromN?: number): Promise<LivePiece[]>;
}

const BODY_STORES = { request: ['exchanges', 'bodies', 'chains', 'pieces'], response: ['exchanges', 'segments'] } as const;

const isShown = ({ removing }: TabSession): boolean => removing === undefined;

export function createReader(database: Database): StoreReader {
  return {
    sessions: () => read(database, ['sessions'], async (tx) => (await tx.objectStore('sessions').getAll()).filter(isShown)),
    session: (id) => read(database, ['sessions'], async (tx) => {
      const session = await tx.objectStore('sessions').get(id);
      return session && isShown(session) ? session : undefined;
    }),
    settings: () => read(database, ['settings'], storageSettings),
    documents: (id) => read(database, ['sessions', 'documents'], async (tx) => {
      const session = await tx.objectStore('sessions').get(id);
      const documents = await tx.objectStore('documents').index('session').getAll(id);
      return documents.filter((document) => document.leftMs === undefined || !session || !isForgotten(session, document));
    }),
    traces: (source, { limit, before, sinceRev }, signal) => read(database, ['sessions', 'traces'], async (tx) => {
      const traces = tx.objectStore('traces');
      const session = await tx.objectStore('sessions').get(source);
      if (sinceRev !== undefined) return traces.index('rev').getAll(IDBKeyRange.bound([source, Math.max(sinceRev, session?.clearing?.rev ?? 0)], [source, []], true), limit);
      const shown: TraceRow[] = [];
      for (let from: Array<string | number> = before ? [source, before.newest, before.traceId] : [source]; ;) {
        const rows = await traces.index('newest').getAll(IDBKeyRange.bound(from, [source, []], true), limit);
        for (const row of rows) if (!session || !isForgotten(session, row)) shown.push(row);
        const last = rows.at(-1);
        if (!last || rows.length < limit || shown.length >= limit) return shown.slice(0, limit);
        from = [source, last.newest, last.traceId];
      }
    }, signal),
    outline: (source, traceId, { sinceRev = 0 } = {}, signal) => readOutline(database, source, traceId, sinceRev, signal),
    spans: (source, traceId, signal) => readSpans(database, source, traceId, signal),
    startedIn: async (source, fromMs, toMs) => {
      const keys = await read(database, ['spans'], (tx) => tx.objectStore('spans').index('start').getAllKeys(IDBKeyRange.bound([source, fromMs], [source, toMs])));
      return keys.map(([, spanId]) => spanId);
    },
    span: (source, spanId) => read(database, ['spans'], (tx) => spanOf(tx, source, spanId)),
    content: (source, ref) => read(database, ['contents'], (tx) => contentOf(tx, source, ref)),
    exchange: (id) => read(database, ['exchanges'], (tx) => tx.objectStore('exchanges').get(id)),
    body: (id, side) => read(database, BODY_STORES[side], async (tx) => {
      const exchange = await tx.objectStore('exchanges').get(id);
      const untimed = { times: new Float64Array(), ends: new Uint32Array() };
      if (!exchange) return { bytes: new Uint8Array(), ...untimed, missing: 0 };
      const body = side === 'request' ? { bytes: await requestBytesOf(tx, exchange), ...untimed } : await responseOf(tx, exchange);
      return { ...body, missing: exchange[side].missing };
    }),
    live: (exchange, fromN = 0) => read(database, ['live'], (tx) => tx.objectStore('live').getAll(IDBKeyRange.bound([exchange, fromN], [exchange, []]))),
  };
}

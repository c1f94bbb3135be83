/** An imported span as if it had been read from bytes: the panel shows it like any other. */
import { attributesIn } from '../import/key-values.ts';
import { callIn } from '../import/call.ts';
import { spanOfExchange } from '../import/file.ts';
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import type { StoredBody, StoreReader } from '../store/reader.ts';
import type { Reading } from './reading.ts';

const noBody = (): StoredBody => ({ bytes: new Uint8Array(), times: new Float64Array(), ends: new Uint32Array(), missing: 0 });

/** @param id what an imported row calls an exchange: see lib/import/file.ts */
export async function readImported(reader: StoreReader, id: ExchangeId): Promise<Reading | undefined> {
  const { source, spanId } = spanOfExchange(id);
  const [row, content] = await Promise.all([reader.span(source, spanId), reader.content(source, spanId)]);
  if (!row || !content) return undefined;
  const imported = attributesIn(JSON.parse(new TextDecoder().decode(content)));
  return {
    exchange: exchangeOf(row, id, String(imported['http.request.method'] ?? ''), String(imported['url.full'] ?? '')), call: callIn(row, imported), imported,
    request: new Uint8Array(), response: new Uint8Array(), bodies: { request: noBody(), response: noBody() },
  };
}

function exchangeOf(row: SpanRow, id: ExchangeId, method: string, url: string): Exchange {
  const none = { read: 0, stored: 0, missing: 0 };
  return {
    id, session: row.source, documentId: row.source, ordinal: 0, frameId: 0, startMs: row.startMs, clock: 0, transport: 'fetch', method, url, pageUrl: '',
    requestHeaders: [], requestForm: 'none', request: none, response: none, end: { atMs: (row.endMs ?? row.startMs) - row.startMs, how: row.endCause ?? 'complete' },
    removedSecrets: 0, rev: row.rev,
  };
}

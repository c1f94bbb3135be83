/** A row put through the very code the extension runs: recognised as in the page, read and made a span as in the background. */
import { isCall } from '../../lib/capture/recognition.ts';
import type { ModelCall } from '../../lib/model/call.ts';
import type { Exchange } from '../../lib/model/exchange.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { attributesOf, type Attributes } from '../../lib/trace/attributes.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { readCall } from '../../lib/trace/fold.ts';
import { spansOf } from '../../lib/trace/synthesise.ts';
import { exchangeOf } from '../corpus/corpus.ts';
import type { Row } from './rows.ts';

export interface Bodies { request: Uint8Array; response: Uint8Array }

const MARK = 'base64:';

function bytesOf(body: string | null, isBinary: boolean): Uint8Array {
  const isMarked = body?.startsWith(MARK) === true;
  return isBinary || isMarked ? new Uint8Array(Buffer.from((body ?? '').slice(isMarked ? MARK.length : 0), 'base64')) : new TextEncoder().encode(body ?? '');
}

/** Bytes as they crossed the wire: binary ones are base64 in the file. */
export const bodiesOf = ({ request_body: request, response_body: response, framing }: Row): Bodies =>
  ({ request: bytesOf(request, false), response: bytesOf(response, framing.includes('eventstream')) });

/** As the shim decides: a POST with a body, by path and text. */
export const isRecognised = ({ method, url }: Row, { request }: Bodies): boolean =>
  method === 'POST' && url !== null && request.length > 0 && isCall(url, new TextDecoder().decode(request));

export interface OurReading { call: ModelCall; spans: SpanRow[]; attributes: Attributes[] }

const counted = ({ length }: Uint8Array): Exchange['request'] => ({ read: length, stored: length, missing: 0 });

export function readingOf(row: Row, { request, response }: Bodies): OurReading {
  const recorded = exchangeOf(row);
  const exchange: Exchange = { ...recorded, startMs: 1_700_000_000_000, request: counted(request), response: counted(response), ...(row.status === 0 ? { head: undefined } : {}) };
  const call = readCall(exchange, request.length === 0 ? undefined : request, response);
  const read: Exchange = { ...exchange, facts: factsOf(exchange, call, { ends: [response.length], times: [2] }) };
  const spans = spansOf([read]);
  const readings = new Map([[read.id, { exchange: read, call, request, response }]]);
  return { call, spans, attributes: spans.map((span) => attributesOf(span, readings)) };
}

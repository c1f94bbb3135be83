/** Exchanges as the recorder keeps them, read from wire JSON by the real readers. */
import type { Exchange } from '../../lib/model/exchange.ts';
import type { EndCause } from '../../lib/model/record.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { readCall } from '../../lib/trace/fold.ts';
import { anthropic, type Wire } from './wire.ts';

export interface Sent {
  wire: Wire;
  request: object;
  /** JSON, or text as it crossed the wire */ response?: object | string;
  /** ms */ start: number;
  /** ms; absent: still running */ end?: number;
  status?: number;
  how?: EndCause;
  headers?: Array<[string, string]>;
  document?: string;
  ordinal: number;
}

/** The id under which it is kept. */
export const idOf = ({ document = 'doc', ordinal }: Pick<Sent, 'document' | 'ordinal'>): string => `${document}/${ordinal}`;

const encode = (body: object | string | undefined): Uint8Array => new TextEncoder().encode(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
const countOf = ({ length }: Uint8Array): Exchange['request'] => ({ read: length, stored: length, missing: 0 });

/** The exchange as far as it had come when it ended, or while it runs.
 *  @param counts where not all bytes are stored */
export function exchangeOf({ wire, request, response, start, end, status = 200, how = 'complete', headers = [], document = 'doc', ordinal }: Sent, counts: Partial<Pick<Exchange, 'request' | 'response'>> = {}): Exchange {
  const [asked, answered] = [encode(request), encode(response)];
  const dialect: Array<[string, string]> = wire === anthropic ? [['anthropic-version', '2023-06-01']] : [];
  const exchange: Exchange = {
    id: idOf({ document, ordinal }), session: 'tab', documentId: document, ordinal, frameId: 0, startMs: start, clock: start, transport: 'fetch', method: 'POST',
    url: wire.url, pageUrl: 'http://localhost/', requestHeaders: [['content-type', 'application/json'], ...dialect, ...headers], requestForm: 'exact',
    request: countOf(asked), response: countOf(answered), ...counts, removedSecrets: 0, rev: 1,
    ...(end === undefined ? {} : {
      head: how === 'error' ? undefined : { atMs: 1, status, type: 'cors', url: wire.url, headers: [['content-type', typeof response === 'string' ? 'text/event-stream' : 'application/json']] },
      end: { atMs: end - start, how },
    }),
  };
  return { ...exchange, facts: factsOf(exchange, readCall(exchange, asked, answered)) };
}

/** The same call when its request had been sent and nothing had come back. */
export const atStart = (sent: Sent): Exchange => exchangeOf({ ...sent, response: undefined, end: undefined });

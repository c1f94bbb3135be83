/** Request and response exactly as they crossed the wire (secrets were removed in the page). */
import { useMemo, useState } from 'react';
import type { Exchange } from '../../lib/model/exchange.ts';
import type { HeaderList, Side } from '../../lib/model/record.ts';
import { formatBytes, prettyJson } from '../../lib/panel/format.ts';
import type { Reading } from '../../lib/panel/reading.ts';
import { LongText } from './LongText.tsx';

export function Raw({ reading, onCopy }: { reading: Reading; onCopy(text: string): void }) {
  const { exchange } = reading;
  return (
    <>
      <h3 className="section-head">Request</h3>
      <div className="code-block" data-testid="raw-request-line">{exchange.method} {exchange.url}</div>
      <Headers headers={exchange.requestHeaders} />
      <Body side="request" reading={reading} onCopy={onCopy} />
      <h3 className="section-head">Response</h3>
      <div className="code-block" data-testid="raw-response-line">{statusLine(exchange)}</div>
      <Headers headers={exchange.head?.headers ?? []} />
      <Body side="response" reading={reading} onCopy={onCopy} />
      {exchange.removedSecrets > 0 && <p className="dim">{exchange.removedSecrets} secret {exchange.removedSecrets === 1 ? 'value was' : 'values were'} removed in the page and never stored.</p>}
    </>
  );
}

function statusLine({ head, end }: Exchange): string {
  if (head) return `HTTP ${head.status || '(opaque)'}${head.url ? ` · ${head.url}` : ''}`;
  return end ? `no response: ${end.error ? `${end.error.name}: ${end.error.message}` : end.how}` : 'no response yet';
}

function Headers({ headers }: { headers: HeaderList }) {
  if (headers.length === 0) return null;
  return <dl className="pairs">{headers.map(([name, value], index) => [<dt key={`n${index}`}>{name}</dt>, <dd key={`v${index}`}>{value}</dd>])}</dl>;
}

function Body({ side, reading, onCopy }: { side: Side; reading: Reading; onCopy(text: string): void }) {
  const [pretty, setPretty] = useState(true);
  const { bytes, missing } = reading.bodies[side];
  const text = useMemo(() => new TextDecoder().decode(bytes), [bytes]);
  const indented = useMemo(() => (pretty ? prettyJson(text) : undefined), [pretty, text]);
  const remade = side === 'request' ? reading.exchange.requestForm === 'reserialised' : reading.exchange.responseReserialised === true;
  if (side === 'request' && reading.exchange.requestForm === 'stream') return <p className="dim">The body is an upload stream and was left untouched.</p>;
  return (
    <>
      <div className="section-head">
        <span>{formatBytes(bytes.length)}{missing > 0 ? `, ${formatBytes(missing)} not recorded` : ''}{remade ? ', made again from a parsed value' : ''}</span>
        <span className="spring" />
        <button type="button" className="link" aria-pressed={pretty} onClick={() => setPretty(!pretty)}>{pretty ? 'As on the wire' : 'Pretty'}</button>
        <button type="button" className="link" onClick={() => onCopy(text)}>Copy</button>
      </div>
      {bytes.length > 0 && <LongText as="pre" className="code-block" text={indented ?? text} key={String(pretty)} />}
    </>
  );
}

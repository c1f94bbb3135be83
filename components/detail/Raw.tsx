/** Request and response exactly as they crossed the wire (secrets were removed in the page). */
import { useMemo, useState } from 'react';
import type { Exchange } from '../../lib/model/exchange.ts';
import type { HeaderList, Side } from '../../lib/model/record.ts';
import type { OutlineSpan } from '../../lib/model/span.ts';
import { formatBytes, isLongJson, prettyJson } from '../../lib/panel/format.ts';
import type { Reading } from '../../lib/panel/reading.ts';
import { LongText } from './LongText.tsx';

export interface RawProps {
  reading: Reading;
  /** the call that is shown, where the span itself sent nothing: a tool's, an agent's */ of: OutlineSpan | undefined;
  onChoose(spanId: string): void;
  onCopy(text: string): void;
}

export function Raw({ reading, of, onChoose, onCopy }: RawProps) {
  const { exchange } = reading;
  if (reading.imported) return <p className="dim" data-testid="raw-imported">This span was imported. A file holds what was said, not the bytes of request and response.</p>;
  return (
    <>
      {of && <p className="dim">This span sent nothing itself. Shown is the call <button type="button" className="link" onClick={() => onChoose(of.spanId)}>{of.label}</button></p>}
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
  const long = isLongJson(text);
  const remade = side === 'request' ? reading.exchange.requestForm === 'reserialised' : reading.exchange.responseReserialised === true;
  if (side === 'request' && reading.exchange.requestForm === 'stream') return <p className="dim">The body is an upload stream and was left untouched.</p>;
  return (
    <>
      <div className="section-head">
        <span>{formatBytes(bytes.length)}{missing > 0 ? `, ${formatBytes(missing)} not recorded` : ''}{remade ? ', made again from a parsed value' : ''}</span>
        <span className="spring" />
        {!long && <button type="button" className="link" aria-pressed={pretty} onClick={() => setPretty(!pretty)}>{pretty ? 'As on the wire' : 'Pretty'}</button>}
        <button type="button" className="link" onClick={() => onCopy(text)}>Copy</button>
      </div>
      {long && <p className="dim" data-testid={`raw-long-${side}`}>Too long to be indented here: shown as on the wire. Copy takes all of it.</p>}
      {bytes.length > 0 && <LongText as="pre" className="code-block" text={indented ?? text} key={String(pretty)} />}
    </>
  );
}

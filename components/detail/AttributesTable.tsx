/** Names and values, with a filter; each can be copied. */
import { Fragment, type ReactNode, useState } from 'react';
import type { Attributes } from '../../lib/panel/reading.ts';
import { LongText } from './LongText.tsx';
import { Some } from './Some.tsx';

export function AttributesTable({ attributes, onCopy }: { attributes: Attributes; onCopy(text: string): void }) {
  const [filter, setFilter] = useState('');
  const wanted = filter.toLowerCase();
  const entries = Object.entries(attributes).filter(([key, value]) => key.toLowerCase().includes(wanted) || String(value).toLowerCase().includes(wanted));
  return (
    <>
      <div className="section-head">
        <input className="small-filter" type="search" placeholder="Filter attributes" aria-label="Filter attributes" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <span className="number">{entries.length}</span>
        <button type="button" className="link" onClick={() => onCopy(JSON.stringify(Object.fromEntries(entries), null, 2))}>Copy all</button>
      </div>
      <dl className="pairs pairs-wide" data-testid="attributes">
        <Some what="attributes" items={entries} render={([key, value]) => [
          <dt key={key}>{breakable(key)}</dt>,
          <dd key={`${key}=`}><LongText text={Array.isArray(value) ? JSON.stringify(value) : String(value)} /></dd>,
          <button key={`${key} copy`} type="button" className="link" aria-label={`Copy ${key}`} onClick={() => onCopy(String(value))}>Copy</button>,
        ]} />
      </dl>
    </>
  );
}

/** Keys are long words with dots: a line may end after one. */
function breakable(key: string): ReactNode {
  return key.split('.').map((part, index) => <Fragment key={index}>{index > 0 && <>.<wbr /></>}{part}</Fragment>);
}

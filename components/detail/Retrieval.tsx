/** An embedding or a search: what was asked with, and the documents that were found. */
import type { Found, ModelCall } from '../../lib/model/call.ts';
import { textOf } from '../../lib/panel/conversation.ts';
import { formatScore, formatVectors, shortName } from '../../lib/panel/format.ts';
import { Json } from './Json.tsx';
import { LongText } from './LongText.tsx';
import { Some } from './Some.tsx';

export interface RetrievalProps {
  call: ModelCall;
  /** the embedding that made the vector of this search */ source: ModelCall | undefined;
  running: boolean;
  onCopy(text: string): void;
}

export function Retrieval({ call, source, running, onCopy }: RetrievalProps) {
  const texts = call.input.length > 0 ? call.input : source?.input ?? [];
  return (
    <>
      <section className="message" data-role="query">
        <div className="message-head"><b>{call.operation === 'embed' ? 'text' : 'query'}</b>{texts.length > 1 && <span>{texts.length}</span>}{call.operation === 'search' && call.vectorMarks && texts.length > 0 && <span>as a vector</span>}</div>
        <div className="message-body">
          {texts.length === 0 && <span className="empty">{call.vectorMarks ? 'a vector: its numbers are in the raw request' : 'not read'}</span>}
          <Some what="texts" items={texts} render={(message, index) => <LongText key={index} text={textOf(message)} />} />
        </div>
      </section>
      {call.operation === 'embed' ? <Made call={call} running={running} /> : <Some what="documents" items={call.documents ?? []} render={(found, index) => <Document key={index} found={found} place={index + 1} onCopy={onCopy} />} />}
      {call.operation === 'search' && (call.documents ?? []).length === 0 && <section className="message" data-role="document"><div className="message-body"><span className="empty">{running ? 'searching…' : call.documents ? 'nothing was found' : 'no answer'}</span></div></section>}
      {call.problems.map((problem, index) => <p key={index} className="trouble" data-severity="warning"><b>Not read</b> {problem}</p>)}
    </>
  );
}

function Made({ call, running }: { call: ModelCall; running: boolean }) {
  return (
    <section className="message" data-role="vectors">
      <div className="message-head"><b>vectors</b></div>
      <div className="message-body">{call.vectors ? <div className="text">{formatVectors(call.vectors)}</div> : <span className="empty">{running ? 'waiting…' : 'no answer'}</span>}</div>
    </section>
  );
}

function Document({ found, place, onCopy }: { found: Found; place: number; onCopy(text: string): void }) {
  return (
    <section className="message" data-role="document">
      <div className="message-head">
        <b>{place}</b>
        {found.score !== undefined && <span title="score">{formatScore(found.score)}</span>}
        {found.id !== undefined && <span className="cut mono" title="id">{shortName(found.id)}</span>}
        <button type="button" className="link" onClick={() => onCopy(found.text)}>Copy</button>
      </div>
      <div className="message-body">
        {found.text === '' ? <span className="empty">no text</span> : <LongText text={found.text} />}
        {found.metadata !== undefined && <div className="call"><Json text={found.metadata} /></div>}
      </div>
    </section>
  );
}

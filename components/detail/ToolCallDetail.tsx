/** A tool call: what the model asked for and what the app gave back. */
import type { Part } from '../../lib/model/call.ts';
import { prettyJson, shortName } from '../../lib/panel/format.ts';
import { Json } from './Json.tsx';
import { LongText } from './LongText.tsx';

export interface ToolCallDetailProps {
  call?: Extract<Part, { type: 'tool_call' }>;
  result?: Extract<Part, { type: 'tool_result' }>;
  onCopy(text: string): void;
}

export function ToolCallDetail({ call, result, onCopy }: ToolCallDetailProps) {
  return (
    <>
      <section className="message" data-role="tool_call">
        <div className="message-head"><b>arguments</b>{call?.id !== undefined && <span className="cut">{shortName(call.id)}</span>}{call && <button type="button" className="link" onClick={() => onCopy(call.arguments)}>Copy</button>}</div>
        <div className="message-body">{call ? <div className="call" data-tool={shortName(call.name)}><span className="call-name">{shortName(call.name)}</span> <Json text={call.arguments || '{}'} /></div> : <span className="empty">not read</span>}</div>
      </section>
      <section className="message" data-role="tool_result">
        <div className="message-head"><b>result</b>{result?.isError === true && <span className="badge-error">error</span>}{result && <button type="button" className="link" onClick={() => onCopy(result.text)}>Copy</button>}</div>
        <div className="message-body">{!result ? <span className="empty">no result has been sent back</span> : prettyJson(result.text) === undefined ? <LongText text={result.text} className={result.isError ? 'text refusal' : 'text'} /> : <Json text={result.text} />}</div>
      </section>
    </>
  );
}

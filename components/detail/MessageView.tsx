/** One message of a conversation. Everything a model or a page wrote is put on the page as text, never as markup;
 *  only `data:` images are shown, nothing remote is loaded. */
import type { ReactNode } from 'react';
import type { Message, Part } from '../../lib/model/call.ts';
import { type ToolResult, textOf } from '../../lib/panel/conversation.ts';
import { formatCount, prettyJson, shortName } from '../../lib/panel/format.ts';
import { Json } from './Json.tsx';
import { LongText } from './LongText.tsx';
import { Some } from './Some.tsx';

export interface MessageContext {
  /** results by tool-call id, shown below their call */ results: ReadonlyMap<string, ToolResult>;
  /** a TOOL span of this call's answer, by index of the tool call */ toolLink?(index: number): ReactNode;
  onCopy(text: string): void;
}

export function MessageView({ message, context, note }: { message: Message; context: MessageContext; note?: string }) {
  const calls = message.parts.filter((part) => part.type === 'tool_call');
  return (
    <section className="message" data-role={shortName(message.role)}>
      <div className="message-head">
        <b>{shortName(message.role)}</b>
        {message.name !== undefined && <span>{shortName(message.name)}</span>}
        {calls.length > 0 && <span>{calls.length === 1 ? '1 tool call' : `${calls.length} tool calls`}</span>}
        {note !== undefined && <span>{note}</span>}
        <button type="button" className="link" onClick={() => context.onCopy(textOf(message))}>Copy</button>
      </div>
      <div className="message-body">
        {message.parts.length === 0 && <span className="empty">empty</span>}
        <Some what="parts" items={message.parts} render={(part, index) => <PartView key={index} part={part} context={context} callIndex={part.type === 'tool_call' ? calls.indexOf(part) : -1} />} />
      </div>
    </section>
  );
}

function PartView({ part, context, callIndex }: { part: Part; context: MessageContext; callIndex: number }) {
  switch (part.type) {
    case 'text': return part.text === '' ? <span className="empty">empty text</span> : <LongText text={part.text} />;
    case 'reasoning': return <LongText className="text reasoning" text={part.text || '(reasoning is not readable)'} />;
    case 'refusal': return <LongText className="text refusal" text={part.text} />;
    case 'tool_call': {
      const result = part.id === undefined ? undefined : context.results.get(part.id);
      return (
        <div className="call" data-tool={shortName(part.name)}>
          <span className="call-name">{shortName(part.name)}</span> <Json text={part.arguments || '{}'} /> {context.toolLink?.(callIndex)}
          {result && <ResultView result={result} />}
        </div>
      );
    }
    case 'tool_result': return <ResultView result={part} named />;
    case 'media': return <MediaView part={part} />;
    default: return <div className="call"><span className="call-id">{shortName(part.name)}</span> <Json text={part.json} /></div>;
  }
}

function ResultView({ result, named = false }: { result: ToolResult; named?: boolean }) {
  return (
    <div className="result mono" data-error={result.isError === true}>
      <span aria-label="result">→</span>
      <div>{named && result.name !== undefined && <span className="call-name">{shortName(result.name)} </span>}{result.text === '' ? <span className="empty">empty</span> : prettyJson(result.text) === undefined ? <LongText className="mono" text={result.text} /> : <Json text={result.text} />}</div>
    </div>
  );
}

function MediaView({ part }: { part: Extract<Part, { type: 'media' }> }) {
  const name = shortName([part.name, part.mimeType].filter(Boolean).join(' · ')) || part.modality;
  const inline = part.url?.startsWith('data:') === true;
  if (part.modality === 'image' && inline) return <img className="media" src={part.url} alt={name} />;
  return <span className="media-name">{part.modality}: {inline ? `${name}, ${formatCount(part.url?.length ?? 0)} characters inline` : shortName(part.url ?? name)}</span>;
}

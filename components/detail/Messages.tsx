/** A model call as a conversation: numbers, what went in, what came out. The answer grows while it streams. */
import { type ReactNode, useState } from 'react';
import type { Message, ModelCall } from '../../lib/model/call.ts';
import { resultsById, textOf, toConversation } from '../../lib/panel/conversation.ts';
import { formatCount, shortName } from '../../lib/panel/format.ts';
import type { Live } from '../../lib/panel/live.ts';
import { LongText } from './LongText.tsx';
import { type MessageContext, MessageView } from './MessageView.tsx';
import { Some } from './Some.tsx';

export interface MessagesProps {
  call: ModelCall;
  /** set while the answer is not read completely */ live: Live | undefined;
  running: boolean;
  toolLink?(index: number): ReactNode;
  onCopy(text: string): void;
  /** an agent's whole conversation: nothing is folded but the system message */ whole?: boolean;
}

export function Messages({ call, live, running, toolLink, onCopy, whole = false }: MessagesProps) {
  const talk = toConversation(call);
  const earlier = whole ? [] : talk.earlier;
  const fresh = whole ? [...talk.earlier, ...talk.fresh] : talk.fresh;
  const results = resultsById(fresh);
  const context: MessageContext = { results, onCopy };
  const answerContext: MessageContext = { results: new Map(), onCopy, toolLink };
  return (
    <>
      {talk.system.length > 0 && <Fold name="system" messages={talk.system} says={`${formatCount(talk.system.reduce((sum, message) => sum + textOf(message).length, 0))} chars`} preview={textOf(talk.system[0] as Message)} context={context} />}
      {call.tools.length > 0 && <ToolsFold tools={call.tools} />}
      {earlier.length > 0 && <Fold name="earlier" messages={earlier} says={`${earlier.length} earlier messages`} context={{ results: resultsById(earlier), onCopy }} />}
      <Some what="messages" items={withoutShownResults(fresh)} render={(message, index) => <MessageView key={index} message={message} context={context} />} />
      {live ? <LiveAnswer live={live} running={running} /> : <Some what="choices" items={talk.answer} render={(message, index) => <MessageView key={`a${index}`} message={message} context={answerContext} note={talk.answer.length > 1 ? `choice ${index + 1}` : undefined} />} />}
      {!live && talk.answer.length === 0 && <section className="message" data-role="assistant"><div className="message-head"><b>assistant</b></div><div className="message-body"><span className="empty">{running ? 'waiting for the first token…' : 'no answer'}</span></div></section>}
      {call.problems.map((problem, index) => <p key={index} className="trouble" data-severity="warning"><b>Not read</b> {problem}</p>)}
    </>
  );
}

/** All but the tool messages whose every result already stands below its call. */
function withoutShownResults(messages: readonly Message[]): Message[] {
  const asked = new Set(messages.flatMap(({ parts }) => parts).map((part) => (part.type === 'tool_call' ? part.id : undefined)));
  return messages.filter(({ parts }) => parts.length === 0 || !parts.every((part) => part.type === 'tool_result' && part.id !== undefined && asked.has(part.id)));
}

function Fold({ name, says, preview, messages, context }: { name: string; says: string; preview?: string; messages: readonly Message[]; context: MessageContext }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="message-fold" data-testid={`fold-${name}`} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="fold" data-open={open} aria-hidden="true">▶</span><b>{name}</b><span>{says}</span>{!open && preview !== undefined && <span className="cut">{preview.slice(0, 200)}</span>}
      </button>
      {open && <Some what="messages" items={withoutShownResults(messages)} render={(message, index) => <MessageView key={index} message={message} context={context} />} />}
    </>
  );
}

function ToolsFold({ tools }: { tools: ModelCall['tools'] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="message-fold" data-testid="fold-tools" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="fold" data-open={open} aria-hidden="true">▶</span><b>tools</b><span>{tools.length} offered</span>{!open && <span className="cut">{tools.map((tool) => tool.name).join(', ').slice(0, 200)}</span>}
      </button>
      {open && <div className="message-body"><Some what="tools" items={tools} render={(tool, index) => <div key={index} className="call"><span className="call-name">{shortName(tool.name)}</span> <LongText className="call-id" text={tool.description ?? ''} /></div>} /></div>}
    </>
  );
}

/** Stretches of a running answer that are on the page at once; the whole is there when it has ended. */
const STRETCHES = 500;

function LiveAnswer({ live, running }: { live: Live; running: boolean }) {
  const from = Math.max(0, live.texts.length - STRETCHES);
  const last = live.texts.length - 1;
  return (
    <section className="message" data-role="assistant" data-live="true" aria-live="off">
      <div className="message-head"><b>assistant</b>{running && <span className="live-dot">● streaming</span>}</div>
      <div className="message-body">
        <div className="text">{from > 0 && '…'}{live.texts.slice(from).map(({ kind, text }, index) => <span key={from + index} className={[kind === 'reasoning' ? 'dim' : kind === 'tool' ? 'mono' : '', running && from + index === last ? 'caret' : ''].join(' ')}>{text}</span>)}</div>
      </div>
    </section>
  );
}

import { useEffect, useRef } from 'react';
import type { Item } from './conversation.ts';

export function ConversationView({ items, busy }: { items: readonly Item[]; busy: boolean }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (items.length > 0) end.current?.scrollIntoView({ block: 'end' });
  }, [items]);
  const last = items.at(-1);
  const silent = busy && (last?.kind === 'user' || last?.kind === 'sources' || (last?.kind === 'tool' && last.output !== undefined) || (last?.kind === 'answer' && last.text === ''));
  return (
    <div className="conversation" aria-live="polite">
      {items.map((item, index) => <Piece key={index} item={item} live={busy && index === items.length - 1} />)}
      {silent && <p className="waiting" aria-label="Waiting"><i /><i /><i /></p>}
      <div ref={end} />
    </div>
  );
}

function Piece({ item, live }: { item: Item; live: boolean }) {
  switch (item.kind) {
    case 'user': return <p className="user">{item.text}</p>;
    case 'answer': return item.text === '' ? null : <div className={live ? 'answer live' : 'answer'}><Prose text={item.text} /><small>{item.model}</small></div>;
    case 'thinking': return <details className="thinking" open={live}><summary>Thinking</summary>{item.text}</details>;
    case 'tool': return (
      <details className="tool" data-done={item.output !== undefined}>
        <summary><code>{item.name}</code><span>{glance(item.input)}</span></summary>
        <pre>{item.input}{item.output !== undefined && `\n→ ${item.output}`}</pre>
      </details>
    );
    case 'sources': return <ol className="sources">{item.sources.map(({ id, title, text }) => <li key={id}><b>{title}</b>{text}</li>)}</ol>;
    case 'notice': return <p className={`notice ${item.tone}`} role="status">{item.text}</p>;
  }
}

/** The values of a tool's arguments in one line. */
function glance(input: string): string {
  return Object.values(JSON.parse(input) as Record<string, unknown>).join(' · ');
}

/** Paragraphs and bold, all that the answers use. */
function Prose({ text }: { text: string }) {
  return text.split('\n\n').filter(Boolean).map((paragraph, index) => (
    <p key={index}>{paragraph.split('**').map((run, at) => at % 2 === 1 ? <strong key={at}>{run}</strong> : run)}</p>
  ));
}

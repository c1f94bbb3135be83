/** The line of a session: what it is, and what can be done with it. It is renamed, and asked for before it is deleted, in place. */
import { type MouseEvent, type ReactNode, useState } from 'react';
import type { ListRow } from '../../lib/panel/list-rows.ts';
import { deleteIcon, pinIcon, renameIcon } from '../toolbar/icons.tsx';

export interface SessionActions { rename(session: string, name: string): void; pin(session: string, on: boolean): void; remove(session: string): void }

export interface SessionLineProps { row: Extract<ListRow, { kind: 'session' }>; id: string; place: { transform: string; height: number }; /** it has the list's focus */ at: boolean; actions: SessionActions; onPick(): void }

const still = (event: MouseEvent): void => event.stopPropagation();

export function SessionLine({ row, id, place, at, actions, onPick }: SessionLineProps) {
  const [doing, setDoing] = useState<'rename' | 'delete'>();
  const { session, title, name, pinned, current, open } = row;
  const done = (): void => setDoing(undefined);
  // The tabs of a list of many lines: only where one stands, and the line of this tab, on which one cannot stand.
  const tabIndex = at || current ? 0 : -1;
  const button = (testId: string, label: string, icon: ReactNode, act: () => void, pressed?: boolean): ReactNode =>
    <button type="button" className="tool" data-testid={testId} tabIndex={tabIndex} aria-label={label} title={label} aria-pressed={pressed} onClick={act}>{icon}</button>;
  const shown = current ? <span className="cut" title={title}>{title}</span> : <><span className="fold" data-open={open} aria-hidden="true">▶</span><span className="cut" title={title}>{title}</span></>;
  const content = doing === 'rename' ? <NameBox name={name} onDone={(given) => { done(); if (given !== undefined) actions.rename(session, given); }} />
    : doing === 'delete' ? (
      <span className="session-ask" onClick={still}>
        <span className="cut">Delete this session?</span>
        <button type="button" className="link bad" data-testid="confirm-delete-session" onClick={() => { done(); actions.remove(session); }}>Delete</button>
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- what was pressed is gone, and this harms nothing */}
        <button type="button" className="link" data-testid="keep-session" autoFocus onClick={done}>Keep</button>
      </span>
    ) : (
      <>
        {shown}
        <span className="session-actions" onClick={still}>
          {button('rename-session', 'Rename', renameIcon, () => setDoing('rename'))}
          {!current && button('delete-session', 'Delete this session', deleteIcon, () => setDoing('delete'))}
          {button('pin-session', pinned ? 'Pinned: it is kept until you delete it' : 'Pin: keep it until you delete it', pinIcon, () => actions.pin(session, !pinned), pinned)}
        </span>
      </>
    );
  if (current) return <div className="list-row list-session" data-session={session} style={place}>{content}</div>;
  return <div id={id} role="option" aria-selected={false} aria-expanded={open} data-at={at} data-fold data-inset data-session={session} data-testid="session" className="list-row list-session" style={place} onClick={doing ? undefined : onPick}>{content}</div>;
}

/** Enter takes the name, as leaving it does; Escape does not. */
function NameBox({ name, onDone }: { name: string; onDone(name: string | undefined): void }) {
  const [text, setText] = useState(name);
  return (
    // oxlint-disable-next-line jsx-a11y/no-autofocus -- the user asked to write here
    <input className="session-name" data-testid="session-name" aria-label="Name of the session" placeholder="Name" autoFocus value={text} onClick={still} onFocus={({ currentTarget }) => currentTarget.select()}
      onChange={({ target }) => setText(target.value)} onBlur={() => onDone(text === name ? undefined : text)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onDone(event.key === 'Enter' && text !== name ? text : undefined);
      }} />
  );
}

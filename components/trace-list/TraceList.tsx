/** Sessions and their traces. Knows only `PaneRow`s (lib/panel/list-rows.ts, found.ts); virtualised, one tab stop, arrow keys. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { FoundTrace, PaneRow } from '../../lib/panel/found.ts';
import type { TraceSummary } from '../../lib/panel/trace-summary.ts';
import { ListLine } from './ListLine.tsx';
import type { SessionActions } from './SessionLine.tsx';
import './trace-list.css';

const HEIGHT = { session: 23, trace: 44, found: 44, mark: 22, earlier: 23, hint: 31 };
/** What was not read yet takes the room it will need. */
const heightOf = (row: PaneRow | undefined): number => row?.kind === 'more' ? row.count * HEIGHT.trace : HEIGHT[row?.kind ?? 'trace'];

export interface TraceListProps {
  rows: readonly PaneRow[];
  /** `traceKey` of what is shown */ chosen: string | undefined;
  onChoose(trace: TraceSummary): void;
  onFound(found: FoundTrace): void;
  onToggle(key: string): void;
  /** traces that were not read yet have come into view */ onMore(session: string): void;
  /** Enter or arrow right on a trace */ onEnter(): void;
  /** what can be done with a session */ actions: SessionActions;
}

export function TraceList({ rows, chosen, onChoose, onFound, onToggle, onMore, onEnter, actions }: TraceListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtual = useVirtualizer({
    count: rows.length, overscan: 8, getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(rows[index]), getItemKey: (index) => rows[index]?.key ?? index,
  });
  const [at, setAt] = useState<string>();
  const chosenAt = rows.findIndex((row) => row.kind === 'trace' && row.key === chosen);
  const stoodOn = rows.findIndex((row) => row.key === at);
  const atIndex = rows[stoodOn]?.kind === 'found' ? stoodOn : Math.max(stoodOn, chosenAt, 0);

  // Sizes depend on the kind of a row, and rows of another kind may have taken an index over.
  useEffect(() => { virtual.measure(); }, [rows, virtual]);

  // Where the view is past what was read, page after page comes until it is not.
  const unread = virtual.getVirtualItems().map(({ index }) => rows[index]).find((row) => row?.kind === 'more');
  useEffect(() => { if (unread?.kind === 'more') onMore(unread.session); }, [unread]); // oxlint-disable-line react-hooks/exhaustive-deps -- `onMore` is another function at every rendering

  const show = (row: PaneRow): void => {
    if (row.kind === 'trace') onChoose(row.trace);
    if (row.kind === 'found') onFound(row.found);
  };
  const go = (index: number): void => {
    const row = rows[index];
    if (!row) return;
    setAt(row.key);
    virtual.scrollToIndex(index);
    show(row);
  };
  const act = (row: PaneRow | undefined): void => {
    if (row?.kind === 'trace' || row?.kind === 'found') onEnter();
    else if (row?.kind === 'earlier' || (row?.kind === 'session' && !row.current)) onToggle(row.key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return; // a button of a line has its own keys
    const row = rows[atIndex];
    const isFold = row?.kind === 'earlier' || (row?.kind === 'session' && !row.current);
    const open = (row?.kind === 'earlier' || row?.kind === 'session') && row.open;
    if (event.key === 'ArrowDown') go(step(rows, atIndex, 1));
    else if (event.key === 'ArrowUp') go(step(rows, atIndex, -1));
    else if (event.key === 'Home') go(step(rows, -1, 1));
    else if (event.key === 'End') go(step(rows, rows.length, -1));
    else if (event.key === 'Enter' || event.key === ' ') act(row);
    else if (event.key === 'ArrowRight' && !(isFold && open)) act(row);
    else if (event.key === 'ArrowLeft' && isFold && open) act(row);
    else return;
    event.preventDefault();
  };

  return (
    <div ref={scroller} className="trace-list" role="listbox" aria-label="Traces" tabIndex={0} data-testid="trace-list" aria-activedescendant={rows[atIndex] ? `${id}${rows[atIndex].key}` : undefined} onKeyDown={onKeyDown}>
      <div className="trace-list-space" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row && <ListLine key={row.key} row={row} id={`${id}${row.key}`} top={item.start} height={heightOf(row)} at={item.index === atIndex} chosen={item.index === chosenAt} actions={actions}
            onPick={() => { setAt(row.key); if (row.kind === 'trace' || row.kind === 'found') show(row); else act(row); }} />;
        })}
      </div>
    </div>
  );
}

/** The next row one can stand on: traces and folds. */
function step(rows: readonly PaneRow[], from: number, by: 1 | -1): number {
  for (let index = from + by; index >= 0 && index < rows.length; index += by) {
    const row = rows[index];
    if (row?.kind === 'trace' || row?.kind === 'found' || row?.kind === 'earlier' || (row?.kind === 'session' && !row.current)) return index;
  }
  return from;
}

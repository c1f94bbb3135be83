/**
 * The tree of a trace with its waterfall. Knows only `TreeRow`s (lib/panel/rows.ts): what they mean, and which are
 * there, is decided by pure functions. Fixed row height, virtualised, one tab stop; the keys of a DevTools tree.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, useEffect, useId, useRef } from 'react';
import type { TreeRow } from '../../lib/panel/rows.ts';
import { type TimeScale, ticksOf } from '../../lib/panel/time-scale.ts';
import { useSize } from '../use-size.ts';
import { TimeAxis } from './TimeAxis.tsx';
import { TreeLine } from './TreeLine.tsx';
import './trace-tree.css';

/** `--row` of tokens.css */
const ROW = 22;
/** px a label of the time axis needs */
const TICK = 46;

export interface TraceTreeProps {
  traceId: string;
  rows: readonly TreeRow[];
  scale: TimeScale;
  nowMs: number;
  chosen: string | undefined;
  /** why there are no rows, when there are none */ hint: string;
  onChoose(spanId: string): void;
  onCollapse(spanId: string, collapsed: boolean): void;
  /** Enter: to the detail */ onEnter(): void;
  /** Esc, or arrow left at a root: to the list */ onLeave(): void;
}

export function TraceTree({ traceId, rows, scale, nowMs, chosen, hint, onChoose, onCollapse, onEnter, onLeave }: TraceTreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtual = useVirtualizer({ count: rows.length, overscan: 12, getScrollElement: () => scroller.current, estimateSize: () => ROW, getItemKey: (index) => rows[index]?.span.spanId ?? index, scrollMargin: ROW, scrollPaddingStart: ROW });
  const axis = useRef<HTMLDivElement>(null);
  const { width } = useSize(axis);
  const ticks = ticksOf(scale.lengthMs, Math.max(Math.floor(width / TICK), 1));
  const at = rows.findIndex((row) => row.span.spanId === chosen);

  // A chosen span comes into view, however it was chosen (a finding, a link, following the newest).
  useEffect(() => { if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' }); }, [at, chosen, virtual]);

  const go = (index: number): void => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row) onChoose(row.span.spanId);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const page = Math.max(Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 1, 1);
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'PageDown') go(at + page);
    else if (event.key === 'PageUp') go(at - page);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(rows.length - 1);
    else if (event.key === 'Enter') onEnter();
    else if (event.key === 'Escape') onLeave();
    else if (event.key === 'ArrowRight' && row?.hasChildren) {
      if (row.collapsed) onCollapse(row.span.spanId, false);
      else go(at + 1);
    } else if (event.key === 'ArrowLeft' && row) {
      if (row.hasChildren && !row.collapsed) onCollapse(row.span.spanId, true);
      else if (row.depth > 0) go(rows.findLastIndex((other, index) => index < at && other.depth < row.depth));
      else onLeave();
    } else return;
    event.preventDefault();
    // DevTools listens at the document: Esc would open its drawer.
    event.stopPropagation();
  };

  return (
    <div className="trace-tree">
      <div ref={scroller} className="tree-scroll" role="tree" aria-label="Spans" tabIndex={0} data-testid="trace-tree" data-of={traceId} aria-activedescendant={at >= 0 ? `${id}${chosen}` : undefined} onKeyDown={onKeyDown}>
        <div className="tree-head" role="presentation" aria-hidden="true"><span>Span</span><span className="tree-tokens">Tokens</span><div className="tree-axis number" ref={axis}><TimeAxis ticks={ticks} lengthMs={scale.lengthMs} width={width} /></div><span className="tree-time">Time</span></div>
        {rows.length === 0 && <p className="list-hint">{hint}</p>}
        <div className="tree-space" style={{ height: virtual.getTotalSize(), '--tick': `${((ticks[1] ?? scale.lengthMs) / scale.lengthMs) * 100}%` } as CSSProperties}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row && <TreeLine key={row.span.spanId} id={`${id}${row.span.spanId}`} row={row} top={item.start - ROW} chosen={item.index === at} scale={scale} nowMs={nowMs} onChoose={onChoose} onCollapse={onCollapse} />;
          })}
        </div>
      </div>
    </div>
  );
}

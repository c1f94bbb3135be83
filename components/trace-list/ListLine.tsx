/** One line of the list. */
import { formatClock, formatCount, formatDuration, plural } from '../../lib/panel/format.ts';
import type { FoundTrace, PaneRow } from '../../lib/panel/found.ts';
import type { TraceSummary } from '../../lib/panel/trace-summary.ts';
import { SessionLine, type SessionActions } from './SessionLine.tsx';

export interface ListLineProps { row: PaneRow; id: string; top: number; height: number; at: boolean; chosen: boolean; actions: SessionActions; onPick(): void }

export function ListLine({ row, id, top, height, at, chosen, actions, onPick }: ListLineProps) {
  const place = { transform: `translateY(${top}px)`, height };
  if (row.kind === 'trace') {
    return <div id={id} role="option" aria-selected={chosen} data-at={at} data-trace={row.trace.traceId} className="list-row list-trace" style={place} onClick={onPick}><TraceLine trace={row.trace} /></div>;
  }
  if (row.kind === 'found') {
    return <div id={id} role="option" aria-selected={at} data-at={at} data-testid="found" className="list-row list-trace" style={place} onClick={onPick}><FoundLine found={row.found} /></div>;
  }
  if (row.kind === 'mark') return <div className="list-row list-mark cut" data-testid="mark" style={place} title={row.text}>↻ {row.text}</div>;
  if (row.kind === 'hint') return <div className="list-row list-hint" style={place}>{row.text}</div>;
  if (row.kind === 'more') return <div className="list-row list-hint list-more" data-testid="more" style={place}>Reading earlier traces…</div>;
  if (row.kind === 'session') return <SessionLine row={row} id={id} place={place} at={at} actions={actions} onPick={onPick} />;
  const text = `Earlier sessions · ${row.count}`;
  return (
    <div id={id} role="option" aria-selected={false} aria-expanded={row.open} data-at={at} data-fold data-testid={row.kind} className="list-row list-session" style={place} onClick={onPick}>
      <span className="fold" data-open={row.open} aria-hidden="true">▶</span><span className="cut" title={text}>{text}</span>
    </div>
  );
}

/** The words before a match give way to it where there is little room. */
function FoundLine({ found: { title, where, before, match, after } }: { found: FoundTrace }) {
  return (
    <>
      <div className="list-title"><span className="cut" title={title}>{title}</span></div>
      <div className="list-found dim" title={`${before}${match}${after}`}><span className="list-where">{where}:</span><span className="list-before"><bdi>{before}</bdi></span><span className="cut"><mark>{match}</mark>{after}</span></div>
    </>
  );
}

function TraceLine({ trace }: { trace: TraceSummary }) {
  return (
    <>
      <div className="list-title">
        <span className="cut" title={trace.title}>{trace.title}</span>
        {trace.errors > 0 && <span className="bad">{plural(trace.errors, 'error')}</span>}
        {trace.endMs === undefined && <span className="live-dot" title="Running">●</span>}
      </div>
      <div className="list-facts dim number">
        <span>{formatClock(trace.startMs)}</span>
        <span>{trace.endMs === undefined ? 'running' : formatDuration(trace.endMs - trace.startMs)}</span>
        {trace.tokens !== undefined && <span>{formatCount(trace.tokens)} tok</span>}
        {trace.tokens === undefined && trace.errorType !== undefined && <span className="cut">{trace.errorType}</span>}
      </div>
    </>
  );
}

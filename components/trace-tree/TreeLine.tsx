/** One span: fold, kind, what it is, what is wrong, tokens, bar, time. */
import { memo } from 'react';
import { severityOf } from '../../lib/panel/findings.ts';
import { formatCount, formatDuration } from '../../lib/panel/format.ts';
import type { TreeRow } from '../../lib/panel/rows.ts';
import { type TimeScale, phasesOf } from '../../lib/panel/time-scale.ts';
import { isInferred } from '../../lib/panel/why.ts';
import { isWire, type OutlineSpan, type SpanKind } from '../../lib/model/span.ts';

const SHORT: Record<SpanKind, string> = { LLM: 'LLM', TOOL: 'TOOL', AGENT: 'AGENT', CHAIN: 'CHAIN', EMBEDDING: 'EMBED', RETRIEVER: 'RETR', RERANKER: 'RANK', GUARDRAIL: 'GUARD' };

export interface TreeLineProps {
  id: string; row: TreeRow; top: number; chosen: boolean; scale: TimeScale; nowMs: number;
  onChoose(spanId: string): void;
  onCollapse(spanId: string, collapsed: boolean): void;
}

/** Remembered: while scrolling only the lines that come in are made. */
export const TreeLine = memo(function TreeLine({ id, row, top, chosen, scale, nowMs, onChoose, onCollapse }: TreeLineProps) {
  const { span } = row;
  const running = span.endMs === undefined;
  const severity = severityOf(span);
  const durationMs = (span.endMs ?? Math.max(nowMs, span.startMs)) - span.startMs;
  const phases = phasesOf(span, scale, nowMs);
  return (
    <div id={id} role="treeitem" aria-level={row.depth + 1} aria-posinset={row.position} aria-setsize={row.siblings} aria-selected={chosen} aria-expanded={row.hasChildren ? !row.collapsed : undefined}
      data-kind={span.kind} data-span={span.spanId} data-status={span.status} data-running={running} data-context={row.context} data-inferred={row.depth > 0 && isInferred(span.link)} className="tree-row"
      style={{ transform: `translateY(${top}px)` }} onClick={() => onChoose(span.spanId)} onDoubleClick={() => row.hasChildren && onCollapse(span.spanId, !row.collapsed)}>
      <div className="tree-name">
        {row.depth > 0 && <span className="guides" style={{ '--depth': row.depth } as React.CSSProperties} />}
        <span className="twisty" onClick={(event) => { if (!row.hasChildren) return; event.stopPropagation(); onCollapse(span.spanId, !row.collapsed); }}>{row.hasChildren && <span aria-hidden="true">▶</span>}</span>
        <span className="kind">{SHORT[span.kind]}</span>
        <span className="tree-label cut" title={span.title ? `${span.label}: ${span.title}` : span.label}>{span.label}</span>
        {severity === 'error' && <span className="badge badge-error" title={span.statusMessage ?? span.errorType}>▲<span className="visually-hidden"> failed</span>{span.httpStatus !== undefined && span.httpStatus >= 400 && !span.label.includes(String(span.httpStatus)) ? ` ${span.httpStatus}` : ''}</span>}
        {severity === 'warning' && <span className="badge badge-warning">▲<span className="visually-hidden"> looks wrong</span></span>}
        {severity === 'note' && <span className="badge dim">■<span className="visually-hidden"> stopped</span></span>}
      </div>
      <span className="tree-tokens number" title={row.hasChildren && row.tokens !== undefined ? 'Sum of the calls below' : undefined}>{row.tokens === undefined ? '' : formatCount(row.tokens)}</span>
      <div className="bar" title={phasesInWords(span, durationMs)}>
        {phases.map((phase, index) => <i key={phase.kind} className="bar-part" data-phase={phase.kind} data-live={(running && index === phases.length - 1) || undefined} style={{ left: `${phase.leftPercent}%`, width: `${phase.widthPercent}%` }} />)}
      </div>
      <span className="tree-time number">{formatDuration(durationMs)}</span>
    </div>
  );
});

/** "waiting 340 ms, thinking 0.8 s, answering 1.2 s" */
function phasesInWords({ kind, firstByteMs, firstTokenMs }: OutlineSpan, durationMs: number): string {
  if (!isWire({ kind }) || firstByteMs === undefined || firstTokenMs === undefined) return formatDuration(durationMs);
  const parts = [['waiting', firstByteMs], ['thinking', firstTokenMs - firstByteMs], ['answering', durationMs - firstTokenMs]] as const;
  return parts.filter(([, ms]) => ms >= 1).map(([what, ms]) => `${what} ${formatDuration(ms)}`).join(', ');
}

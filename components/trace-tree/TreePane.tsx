/** The tree of the shown trace, fed from the panel's data. Renders on new rows of this trace, and with the clock while it runs. */
import { useMemo } from 'react';
import { isEmpty } from '../../lib/panel/filter.ts';
import { foundIn } from '../../lib/panel/found.ts';
import { toOutline } from '../../lib/panel/outline.ts';
import type { Trace } from '../../lib/panel/open-trace.ts';
import { toRows } from '../../lib/panel/rows.ts';
import { scaleOf } from '../../lib/panel/time-scale.ts';
import { useActions, useNow, usePanelData } from '../../lib/panel/use-panel.ts';
import { TraceTree } from './TraceTree.tsx';

export interface TreePaneProps { trace: Trace; chosen: string | undefined; onEnter(): void; onLeave(): void }

export function TreePane({ trace, chosen, onEnter, onLeave }: TreePaneProps) {
  const actions = useActions();
  const collapsed = usePanelData((data) => data.collapsed);
  const filter = usePanelData((data) => data.filter);
  const found = usePanelData((data) => foundIn(data, trace)?.spanId);
  const nowMs = useNow(trace.spans.some((span) => span.endMs === undefined));
  const outline = useMemo(() => toOutline(trace.spans), [trace]);
  const rows = useMemo(() => toRows(outline, collapsed, filter, found), [outline, collapsed, filter, found]);
  const scale = useMemo(() => scaleOf(trace.spans, nowMs), [trace, nowMs]);
  return (
    <TraceTree traceId={trace.traceId} rows={rows} scale={scale} nowMs={nowMs} chosen={chosen} hint={isEmpty(filter) ? 'This trace has no spans' : 'No span of this trace matches the filter'}
      onChoose={(spanId) => actions.chooseSpan(trace, spanId)} onCollapse={(spanId, folded) => actions.setCollapsed([spanId], folded)} onEnter={onEnter} onLeave={onLeave} />
  );
}

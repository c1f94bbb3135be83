/** The detail of one span: reads its row and its bodies when it is shown, and puts them behind tabs. */
import { useMemo } from 'react';
import { isWire, type OutlineSpan } from '../../lib/model/span.ts';
import { numbersOf } from '../../lib/panel/call-numbers.ts';
import { foundIn } from '../../lib/panel/found.ts';
import { spansBelow } from '../../lib/panel/outline.ts';
import { type DetailTab, detailTabs } from '../../lib/panel/panel-store.ts';
import { readsOf } from '../../lib/panel/reading.ts';
import type { Trace } from '../../lib/panel/open-trace.ts';
import { streamShapeOf } from '../../lib/panel/stream-shape.ts';
import { useActions, useLive, useNow, usePanel, usePanelData, useReading, useSpanRow } from '../../lib/panel/use-panel.ts';
import { AttributesTab } from './AttributesTab.tsx';
import { MessagesTab } from './MessagesTab.tsx';
import { Raw } from './Raw.tsx';
import { TabPanel } from './TabPanel.tsx';
import { Tabs } from './Tabs.tsx';
import { Timing } from './Timing.tsx';
import { WhyHere } from './WhyHere.tsx';
import './detail.css';

const TAB_NAME: Record<DetailTab, string> = { messages: 'Messages', timing: 'Timing', raw: 'Raw', attributes: 'Attributes', why: 'Why here?' };
const TABS = detailTabs.map((key) => ({ key, name: TAB_NAME[key] }));

export interface SpanDetailProps { span: OutlineSpan; trace: Trace; onLeave(): void }

export function SpanDetail({ span, trace, onLeave }: SpanDetailProps) {
  const { host } = usePanel();
  const actions = useActions();
  const tab = usePanelData((data) => data.tab);
  const why = usePanelData((data) => (isWire(span) && span.endCause === 'error' ? data.whyFailed.get(span.exchange) : undefined));

  const below = useMemo(() => (span.kind === 'AGENT' || span.kind === 'CHAIN' ? spansBelow(span, trace.spans) : []), [span, trace]);
  const row = useSpanRow(trace.session, span.spanId, span.rev);
  const reads = row && readsOf(row);
  const wire = trace.spans.find((other) => isWire(other) && other.exchange === reads?.main);
  const running = wire !== undefined && wire.endMs === undefined;
  const reading = useReading(reads?.main, (wire ?? span).rev);
  const followUp = useReading(reads?.followUp, span.rev);
  const liveTexts = useLive(span.kind !== 'TOOL' && !reading?.exchange.end ? reads?.main : undefined, trace.session);
  // The last pieces stay until the complete answer is read, so that nothing flickers at the end.
  const live = reading?.exchange.end ? undefined : liveTexts;
  const found = usePanelData((data) => {
    const hit = foundIn(data, trace);
    return hit?.spanId === span.spanId ? hit.match : undefined;
  });
  const nowMs = useNow(span.endMs === undefined);

  const choose = (spanId: string): void => actions.chooseSpan(trace, spanId);
  const copy = (text: string): void => host.copy(text);
  return (
    <div className="detail" data-testid="detail" data-span={span.spanId} onKeyDown={(event) => {
      if (event.key !== 'Escape') return;
      // DevTools listens at the document: it would open its drawer.
      event.stopPropagation();
      onLeave();
    }}>
      <Tabs id="detail" tabs={TABS} chosen={tab} onChoose={actions.setTab} />
      <TabPanel key={`${span.spanId}/${tab}`} tab={tab} stick={tab === 'messages' && running} found={running || tab !== 'messages' ? undefined : found} shown={reading}>
        {row && tab === 'messages' && <MessagesTab span={row} trace={trace} numbers={numbersOf(row, below, nowMs)} reading={reading} followUp={followUp} live={live && live.texts.length > 0 ? live : undefined} running={running} why={why} onChoose={choose} onCopy={copy} />}
        {row && tab === 'timing' && <Timing span={row} lengthMs={Math.max((row.endMs ?? nowMs) - row.startMs, 1)} shape={reading && isWire(row) ? streamShapeOf(reading.bodies.response) : undefined} />}
        {row && tab === 'raw' && reading && <Raw reading={reading} of={wire && wire.spanId !== row.spanId ? wire : undefined} onChoose={choose} onCopy={copy} />}
        {row && tab === 'attributes' && <AttributesTab span={row} onCopy={copy} />}
        {row && tab === 'why' && <WhyHere span={row} parent={trace.spans.find((other) => other.spanId === row.parentSpanId)} linked={trace.spans.find((other) => isWire(other) && other.exchange === row.link.to)} onChoose={choose} />}
      </TabPanel>
    </div>
  );
}

/** The detail of one span: reads its bodies when it is shown, and puts them behind tabs. */
import { useMemo } from 'react';
import { isWire, type SpanRow } from '../../lib/model/span.ts';
import { numbersOf } from '../../lib/panel/call-numbers.ts';
import { spansBelow } from '../../lib/panel/outline.ts';
import { type DetailTab, detailTabs } from '../../lib/panel/panel-store.ts';
import { readsOf } from '../../lib/panel/reading.ts';
import type { Trace } from '../../lib/panel/recording.ts';
import { streamShapeOf } from '../../lib/panel/stream-shape.ts';
import { useActions, useLive, useNow, usePanel, usePanelData, useReading } from '../../lib/panel/use-panel.ts';
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

export interface SpanDetailProps { span: SpanRow; trace: Trace; onLeave(): void }

export function SpanDetail({ span, trace, onLeave }: SpanDetailProps) {
  const { host } = usePanel();
  const actions = useActions();
  const tab = usePanelData((data) => data.tab);
  const why = usePanelData((data) => (isWire(span) && span.endCause === 'error' ? data.whyFailed.get(span.exchange) : undefined));

  const below = useMemo(() => (span.kind === 'AGENT' || span.kind === 'CHAIN' ? spansBelow(span, trace.spans) : []), [span, trace]);
  const reads = readsOf(span);
  const wire = trace.spans.find((other) => isWire(other) && other.exchange === reads.main);
  const running = wire !== undefined && wire.endMs === undefined;
  const reading = useReading(reads.main, (wire ?? span).rev);
  const followUp = useReading(reads.followUp, span.rev);
  const liveTexts = useLive(span.kind !== 'TOOL' && !reading?.exchange.end ? reads.main : undefined, trace.session);
  // The last pieces stay until the complete answer is read, so that nothing flickers at the end.
  const live = reading?.exchange.end ? undefined : liveTexts;
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
      <TabPanel key={`${span.spanId}/${tab}`} tab={tab} stick={tab === 'messages' && running}>
        {tab === 'messages' && <MessagesTab span={span} trace={trace} numbers={numbersOf(span, below, nowMs)} reading={reading} followUp={followUp} live={live && live.texts.length > 0 ? live : undefined} running={running} why={why} onChoose={choose} onCopy={copy} />}
        {tab === 'timing' && <Timing span={span} lengthMs={Math.max((span.endMs ?? nowMs) - span.startMs, 1)} shape={reading && isWire(span) ? streamShapeOf(reading.bodies.response) : undefined} />}
        {tab === 'raw' && reading && <Raw reading={reading} of={wire && wire.spanId !== span.spanId ? wire : undefined} onChoose={choose} onCopy={copy} />}
        {tab === 'attributes' && <AttributesTab span={span} onCopy={copy} />}
        {tab === 'why' && <WhyHere span={span} parent={trace.spans.find((other) => other.spanId === span.parentSpanId)} linked={trace.spans.find((other) => isWire(other) && other.exchange === span.link.to)} onChoose={choose} />}
      </TabPanel>
    </div>
  );
}

/** What a tab shows, scrolled by itself. Give it the span and the tab as key: another span begins at its own place. */
import { type ReactNode, useRef } from 'react';
import type { DetailTab } from '../../lib/panel/panel-store.ts';
import { useShowFound } from './use-show-found.ts';
import { useStickToBottom } from './use-stick-to-bottom.ts';

/** `stick`: the content grows at its end. `found`: words to bring into view, once `shown` is there */
export function TabPanel({ tab, stick, found, shown, children }: { tab: DetailTab; stick: boolean; found?: string; shown?: unknown; children: ReactNode }) {
  const scroller = useRef<HTMLDivElement>(null);
  useStickToBottom(scroller, stick);
  useShowFound(scroller, found, shown);
  return <div ref={scroller} className="tab-panel" role="tabpanel" id="detail-panel" aria-labelledby={`detail-${tab}`} tabIndex={0} data-tab-panel={tab}>{children}</div>;
}

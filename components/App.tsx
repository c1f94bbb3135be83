/**
 * The whole panel: theme, the one state there may be, the three panes.
 *
 * What tests may hold on to (everything else of the markup is free to change):
 *   list     [data-testid=trace-list] [role=option][data-trace=<traceId>] aria-selected; [data-testid=mark]; [data-testid=earlier],
 *            [data-testid=session][data-session=<id>] unfold, with [data-testid=rename-session|pin-session|delete-session|session-name|confirm-delete-session|keep-session];
 *            .live-dot while a trace runs
 *   tree     [role=tree][data-of=<traceId>] [role=treeitem] in order, with data-kind, data-span, data-status, data-running, data-inferred, aria-level,
 *            aria-selected, aria-expanded; in it .tree-label, .tree-tokens, .tree-time, .bar-part[data-phase]
 *   detail   [data-testid=detail][data-span]; [role=tab][data-tab=messages|timing|raw|attributes|why]; [role=tabpanel];
 *            messages [data-role=user|assistant|...|tool_call|tool_result], the growing one [data-live=true]; tool calls [data-tool=<name>];
 *            folds [data-testid=fold-system|fold-earlier|fold-tools]; [data-fact=first-token|rate|tokens|duration|calls];
 *            [data-testid=trouble|why-failed|call-foot|raw-request-line|raw-response-line|attributes|why]
 *   bars     [data-testid=record|clear|filter|import|import-file|export|export-trace|export-session|export-everything|storage|sites|remove-site|follow|delete-trace|back|findings|status-bar|unseen]
 *   storage  [data-testid=storage-box|storage-use|budget-bytes|budget-days|removed|delete-everything|confirm-delete-everything|keep-everything]
 *   unseen   [data-testid=unseen-list] [data-testid=unseen-call][data-reason]; [data-testid=unseen-allow]
 *   state    [data-testid=state] (whole pane) or [data-testid=state-strip], both with data-state=<PanelState kind>; [data-testid=state-action]
 */
import { type DragEvent, useEffect, useState } from 'react';
import { shownRow } from '../lib/panel/chosen.ts';
import { holdsSomething, storageUse } from '../lib/panel/storage-words.ts';
import type { Panel } from '../lib/panel/panel.ts';
import { PanelContext, usePanel, usePanelData } from '../lib/panel/use-panel.ts';
import './app.css';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Head } from './Head.tsx';
import { Panes } from './Panes.tsx';
import { StatusBar } from './StatusBar.tsx';
import { StateCard, StateStrip } from './states/StateCard.tsx';
import { Unseen } from './unseen/Unseen.tsx';
import { useRecordingState } from './states/use-recording-state.ts';

export function App({ panel }: { panel: Panel }) {
  useTheme(panel);
  return (
    <ErrorBoundary onReload={() => panel.host.reloadPanel()}>
      <PanelContext value={panel}><Content /></PanelContext>
    </ErrorBoundary>
  );
}

function Content() {
  const panel = usePanel();
  const { words, on, act } = useRecordingState();
  const unseen = usePanelData((data) => data.unseen);
  const hasData = usePanelData((data) => [...data.recordings.values()].some((recording) => recording.traces.size > 0) || data.sessions.some((session) => session.id !== data.status?.session && holdsSomething(session)));
  const ready = usePanelData((data) => data.ready);
  const totals = usePanelData((data) => data.sessions.find(({ id }) => id === (data.trace?.session ?? data.status?.session))?.totals);
  const stored = usePanelData((data) => storageUse(data.sessions, data.storage.budget, 0).title);
  const [narrow, setNarrow] = useState(false);
  const hasShown = usePanelData((data) => shownRow(data) !== undefined);
  const card = words && <StateCard words={words} onAct={act} />;
  return (
    <div className="app" {...dropOf((file) => void panel.importFile(file))}>
      <Head narrow={narrow} recording={on} />
      <div>{words && hasData && hasShown && <StateStrip words={words} onAct={act} />}</div>
      {card && !(hasData && ready) ? card : ready ? <Panes onNarrow={setNarrow} instead={card} /> : <div />}
      <StatusBar totals={totals} stored={stored} unseen={unseen.length > 0 && <Unseen calls={unseen} onAllow={(site) => void panel.allowSite(site)} />} />
    </div>
  );
}

/** Text may be dragged into the filter box. */
const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files');

/** A file dropped on the panel is imported; the browser would open it instead. */
function dropOf(take: (file: File) => void): { onDragOver(event: DragEvent): void; onDrop(event: DragEvent): void } {
  return {
    onDragOver(event) { if (hasFiles(event)) event.preventDefault(); },
    onDrop(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) take(file);
    },
  };
}

/** `data-theme` on the root element; tokens.css does the rest. */
function useTheme({ host }: Panel): void {
  useEffect(() => {
    const leave = new AbortController();
    const set = (theme: string): void => { document.documentElement.dataset['theme'] = theme; };
    set(host.theme());
    host.onTheme(set, leave.signal);
    return () => leave.abort();
  }, [host]);
}

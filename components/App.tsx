/** The whole panel. Theme, the one state there may be, and the three panes. */
import { useEffect, useState } from 'react';
import type { Panel } from '../lib/panel/panel.ts';
import { PanelContext, usePanelData } from '../lib/panel/use-panel.ts';
import './app.css';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Head } from './Head.tsx';
import { Panes } from './Panes.tsx';
import { StatusBar } from './StatusBar.tsx';
import { StateCard, StateStrip } from './states/StateCard.tsx';
import { useRecordingState } from './states/use-recording-state.ts';
import { summaryOf } from '../lib/panel/trace-summary.ts';
import type { Recording } from '../lib/panel/recording.ts';

export function App({ panel }: { panel: Panel }) {
  useTheme(panel);
  return (
    <ErrorBoundary onReload={() => panel.host.reloadPanel()}>
      <PanelContext value={panel}><Content /></PanelContext>
    </ErrorBoundary>
  );
}

function Content() {
  const { words, on, act } = useRecordingState();
  const hasData = usePanelData((data) => [...data.recordings.values()].some((recording) => recording.traces.size > 0) || data.sessions.some((session) => session.id !== data.status?.session));
  const ready = usePanelData((data) => data.ready);
  const recording = usePanelData((data) => data.recordings.get(data.trace?.session ?? data.status?.session ?? ''));
  const storedBytes = usePanelData((data) => data.sessions.reduce((sum, session) => sum + session.bytes, 0));
  const [narrow, setNarrow] = useState(false);
  const showCard = words !== undefined && !hasData;
  return (
    <div className="app">
      <Head narrow={narrow} recording={on} />
      <div>{words && hasData && <StateStrip words={words} onAct={act} />}</div>
      {showCard ? <StateCard words={words} onAct={act} /> : ready ? <Panes onNarrow={setNarrow} /> : <div />}
      <StatusBar {...totalsOf(recording)} storedBytes={storedBytes} />
    </div>
  );
}

function totalsOf(recording: Recording | undefined): { traces: number; spans: number; errors: number; tokens: number | undefined } {
  const summaries = [...(recording?.traces.values() ?? [])].map((trace) => summaryOf(trace));
  const told = summaries.flatMap((summary) => summary.tokens ?? []);
  return {
    traces: summaries.length, spans: recording?.spans.size ?? 0, errors: summaries.reduce((sum, summary) => sum + summary.errors, 0),
    tokens: told.length > 0 ? told.reduce((sum, tokens) => sum + tokens, 0) : undefined,
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

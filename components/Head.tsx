/** Everything above the panes: toolbar, where we are, what is wrong. */
import { useMemo } from 'react';
import { shownRow, shownTrace } from '../lib/panel/chosen.ts';
import { findingsOf } from '../lib/panel/findings.ts';
import { formatMoment, formatSite } from '../lib/panel/format.ts';
import { summaryOf } from '../lib/panel/trace-summary.ts';
import { storageUse } from '../lib/panel/storage-words.ts';
import { useActions, useNow, usePanel, usePanelData } from '../lib/panel/use-panel.ts';
import { focusTree } from './focus-areas.ts';
import { Crumb } from './toolbar/Crumb.tsx';
import type { ExportChoice } from './toolbar/ExportMenu.tsx';
import { Findings } from './toolbar/Findings.tsx';
import { Storage } from './toolbar/Storage.tsx';
import { Toolbar } from './toolbar/Toolbar.tsx';

export function Head({ narrow, recording }: { narrow: boolean; recording: boolean | undefined }) {
  const panel = usePanel();
  const actions = useActions();
  const filter = usePanelData((data) => data.filter);
  const status = usePanelData((data) => data.status);
  const sessions = usePanelData((data) => data.sessions);
  const row = usePanelData(shownRow);
  const trace = usePanelData(shownTrace);
  const following = usePanelData((data) => data.trace === undefined);
  const causes = usePanelData((data) => data.whyFailed);
  const settings = usePanelData((data) => data.storage);
  const allowedSites = usePanelData((data) => data.allowedSites);
  const listInFront = usePanelData((data) => data.listInFront);
  const complaint = usePanelData((data) => data.complaint);
  const summary = row && summaryOf(row);
  const findings = useMemo(() => (trace ? findingsOf(trace.spans, causes) : []), [trace, causes]);

  const onlyList = narrow && listInFront;
  const nowMs = useNow(false);
  const shown = summary?.session ?? status?.session;
  const here = shown === status?.session;
  const session = sessions.find((other) => other.id === shown);
  const sessionName = here || !session ? 'This tab' : session.name !== undefined ? session.name : session.imported ? `Imported ${session.imported.file}` : `${formatSite(session.url)} ${formatMoment(session.startedMs, nowMs)}`;
  const exports: ExportChoice[] = [
    { id: 'trace', name: 'This trace', what: summary?.title ?? 'no trace is shown', run: summary && (() => void panel.exportTrace(summary)) },
    { id: 'session', name: here ? 'This tab’s session' : 'This session', what: session ? session.imported?.file ?? formatSite(session.url) : 'nothing recorded yet', run: session && (() => void panel.exportSessions([session.id])) },
    { id: 'everything', name: 'Everything', what: `${sessions.length} ${sessions.length === 1 ? 'session' : 'sessions'}, as OTLP JSON`, run: sessions.length > 0 ? () => void panel.exportSessions(sessions.map((other) => other.id)) : undefined },
  ];
  return (
    <header className="app-head">
      <Toolbar recording={recording} onRecord={(on) => void panel.record(on)} onClear={session ? () => void panel.clear(session.id) : undefined}
        storage={<Storage use={storageUse(sessions, settings.budget, nowMs)} settings={settings} nowMs={nowMs} onBudget={(budget) => void panel.setBudget(budget)} onDeleteEverything={() => void panel.deleteEverything()} />}
        filter={filter} onFilter={actions.setFilter} exports={exports} onImport={(file) => void panel.importFile(file)} sites={allowedSites} onRemoveSite={(pattern) => void panel.removeSite(pattern)} onLeaveFilter={focusTree} />
      {complaint !== undefined && <div className="complaint" role="alert"><span>{complaint}</span><button type="button" className="link" onClick={() => actions.complain(undefined)}>Dismiss</button></div>}
      {summary && !onlyList && (
        <Crumb session={sessionName} title={summary.title} following={following} onFollow={() => actions.chooseTrace(undefined)}
          onDelete={() => void panel.deleteTrace(summary.session, summary.traceId)} onBack={narrow ? () => actions.showList(true) : undefined} />
      )}
      {trace && !onlyList && <Findings findings={findings} onChoose={(spanId) => actions.chooseSpan(trace, spanId)} />}
    </header>
  );
}

/** The list, fed from the panel's data. */
import { useMemo } from 'react';
import { shownRow } from '../../lib/panel/chosen.ts';
import { toFoundRows } from '../../lib/panel/found.ts';
import { EARLIER, toListRows, traceKey } from '../../lib/panel/list-rows.ts';
import { useActions, useNow, usePanel, usePanelData } from '../../lib/panel/use-panel.ts';
import { TraceList } from './TraceList.tsx';

export function ListPane({ onEnter }: { onEnter(): void }) {
  const panel = usePanel();
  const { follower } = panel;
  const actions = useActions();
  const sessions = usePanelData((data) => data.sessions);
  const current = usePanelData((data) => data.status?.session);
  const recordings = usePanelData((data) => data.recordings);
  const documents = usePanelData((data) => data.documents);
  const open = usePanelData((data) => data.openSessions);
  const filter = usePanelData((data) => data.filter);
  const chosen = usePanelData((data) => {
    const row = shownRow(data);
    return row && traceKey({ session: row.source, traceId: row.traceId });
  });
  const nowMs = useNow(false);
  const found = usePanelData((data) => data.found);
  const listed = useMemo(() => toListRows({ sessions, current, recordings, documents, open, filter, nowMs }), [sessions, current, recordings, documents, open, filter, nowMs]);
  const rows = useMemo(() => [...toFoundRows(found, filter), ...listed], [found, filter, listed]);
  return (
    <TraceList rows={rows} chosen={chosen} onEnter={onEnter} actions={{ rename: (session, name) => void panel.rename(session, name), pin: (session, on) => void panel.pin(session, on), remove: (session) => void panel.deleteSession(session) }} onMore={(session) => void follower.older(session)} onChoose={({ session, traceId }) => actions.chooseTrace({ session, traceId })}
      onFound={(trace) => {
        actions.chooseFound(trace);
        void follower.open(trace.session);
      }}
      onToggle={(key) => {
        actions.toggleSession(key);
        if (key !== EARLIER) void follower.open(key);
      }} />
  );
}

/** The state of recording in words, and what its button does. */
import { usePanel, usePanelData } from '../../lib/panel/use-panel.ts';
import { panelStateOf, recordSwitchOf } from '../../lib/panel/panel-state.ts';
import { type StateWords, wordsOf } from './state-words.ts';

export interface RecordingState { words: StateWords | undefined; /** see `recordSwitchOf` */ on: boolean | undefined; act(): void }

export function useRecordingState(): RecordingState {
  const panel = usePanel();
  const url = usePanelData((data) => data.url);
  const siteAllowed = usePanelData((data) => data.siteAllowed);
  const status = usePanelData((data) => data.status);
  const alive = usePanelData((data) => data.alive);
  const failure = usePanelData((data) => data.failure);
  const hasTraces = usePanelData((data) => (data.recordings.get(data.status?.session ?? '')?.traces.size ?? 0) > 0);
  const state = panelStateOf({ url, siteAllowed, status, hasTraces, alive });
  const act = (): void => {
    if (state.kind === 'site_not_allowed') void panel.allowSite();
    else if (state.kind === 'paused') void panel.record(true);
    else if (state.kind === 'panel_orphaned' || state.kind === 'unrecordable') panel.host.reloadPanel();
    else panel.host.reloadPage();
  };
  if (alive && failure !== undefined) {
    return { words: { id: 'store_failed', title: 'The recordings cannot be read', text: 'The database of this extension could not be opened or read.', detail: failure, button: 'Load the panel again' }, on: undefined, act: () => panel.host.reloadPanel() };
  }
  return { words: wordsOf(state), on: recordSwitchOf(state), act };
}

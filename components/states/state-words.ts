/** What each state of the panel says, and its one button. */
import type { PanelState } from '../../lib/panel/panel-state.ts';

export interface StateWords {
  /** data-state, for tests and styles */ id: PanelState['kind'] | 'fault' | 'store_failed' | 'allow_site' | 'site_allowed';
  title: string;
  text: string;
  /** small print, a message as it came */ detail?: string;
  button: string;
}

/** Undefined where there is nothing to say. */
export function wordsOf(state: PanelState): StateWords | undefined {
  switch (state.kind) {
    case 'asking':
    case 'recording':
      return undefined;
    case 'nothing_yet':
      return { id: state.kind, title: 'Recording. No model call yet', text: `Use the app on ${state.site}: every call to a model API that the page makes with fetch appears here as it happens.`, button: 'Reload page' };
    case 'site_not_allowed':
      return { id: state.kind, title: `${state.site} is not recorded`, text: 'Spanlight records only sites you allow. Prompts and answers stay in this browser; keys and cookies are removed before anything is stored.', button: 'Record this site' };
    case 'needs_reload':
      return { id: state.kind, title: 'This page loaded before recording began', text: 'Calls are seen only if Spanlight is there before the page’s first script. Reload once to start.', button: 'Reload page' };
    case 'page_orphaned':
      return { id: state.kind, title: 'Recording of this page has ended', text: 'Spanlight was updated under it, or the site was removed from those that are recorded. Reload the page to record on; what was recorded stays.', button: 'Reload page' };
    case 'paused':
      return { id: state.kind, title: 'Recording is paused for this tab', text: 'New calls are not kept.', button: 'Resume recording' };
    case 'unrecordable':
      return { id: state.kind, title: 'This page cannot be recorded', text: `${state.why} Open your app in this tab.`, button: 'Look again' };
    case 'panel_orphaned':
      return { id: state.kind, title: 'Spanlight was updated or removed', text: 'This panel belongs to the version before. Close DevTools and open it again; what was recorded stays.', button: 'Load the panel again' };
  }
}

/** The page that asks for a site where DevTools cannot. */
export function allowWords(site: string | undefined, answer: 'asked' | 'allowed' | 'refused' | undefined): StateWords {
  if (site === undefined) return { id: 'allow_site', title: 'No site was named', text: 'Press “Record this site” in the panel.', button: 'Close this page' };
  if (answer === 'allowed') return { id: 'site_allowed', title: `${site} is recorded from now on`, text: 'Go back to your app and reload its page.', button: 'Close this page' };
  return { id: 'allow_site', title: `Record ${site}?`, text: answer === 'refused' ? 'The browser said no. Nothing of this site is recorded.' : 'Model calls of this site will be recorded. Prompts and answers stay in this browser; keys and cookies are removed before anything is stored.', button: 'Record this site' };
}

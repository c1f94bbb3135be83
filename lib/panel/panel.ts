/** Puts the panel together: sources in, one object out, which components reach through the hooks of `use-panel.ts`. */
import type { SpanRow } from '../model/span.ts';
import { attributesIn } from '../import/key-values.ts';
import { formatSite } from './format.ts';
import type { Budget } from '../model/settings.ts';
import type { Source } from './host.ts';
import { importFile } from './import-file.ts';
import { type Follower, type Sources, follow } from './follow.ts';
import { followNetwork } from './follow-network.ts';
import { followSearch } from './follow-search.ts';
import { type PanelStore, createPanelStore } from './panel-store.ts';
import { createReadings } from './reading.ts';
import type { TraceSummary } from './trace-summary.ts';

export interface Panel extends Sources {
  store: PanelStore;
  follower: Follower;
  readings: ReturnType<typeof createReadings>;
  /** pause or resume recording of this tab */ record(on: boolean): Promise<void>;
  /** forgets everything of a session */ clear(session: string): Promise<void>;
  deleteTrace(session: string, traceId: string): Promise<void>;
  deleteSession(session: string): Promise<void>;
  deleteEverything(): Promise<void>;
  /** an empty name takes the given one away */ rename(session: string, name: string): Promise<void>;
  pin(session: string, on: boolean): Promise<void>;
  setBudget(budget: Budget): Promise<void>;
  /** @param url undefined: the inspected page's */ allowSite(url?: string): Promise<void>;
  /** ends recording of a site, given as a match pattern */ removeSite(pattern: string): Promise<void>;
  /** of a file that was exported once, or of another tool's OTLP/JSON */ importFile(file: File): Promise<void>;
  exportTrace(trace: TraceSummary): Promise<void>;
  /** one session, or all of them */ exportSessions(sessions: readonly string[]): Promise<void>;
}

export function createPanel(sources: Sources, signal: AbortSignal): Panel {
  const { reader, host } = sources;
  const store = createPanelStore();
  const { actions } = store.getState();
  const follower = follow(sources, store, signal);
  followNetwork(sources, store, signal);
  if (sources.search) followSearch(sources.search, store, signal);

  /** Runs a command of the user; what goes wrong is told in the panel. */
  async function attempt(what: string, job: () => Promise<string | undefined>): Promise<void> {
    try {
      const error = await job();
      actions.complain(error === undefined ? undefined : `${what}: ${error}`);
    } catch (error) {
      actions.set({ alive: host.alive() });
      actions.complain(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await follower.refresh();
  }
  const send = async (command: Parameters<typeof host.command>[0]): Promise<string | undefined> => {
    const answer = await host.command(command);
    return answer.ok ? undefined : answer.error;
  };
  const save = async (name: string, spans: readonly SpanRow[]): Promise<undefined> => {
    host.saveFile(fileName(name), await host.toOtlp(spans, sourceOf));
  };
  const sourceOf = (id: string): Source => {
    const imported = store.getState().sessions.find((session) => session.id === id)?.imported;
    return { site: siteOf(id), ...(imported && { resource: attributesIn(JSON.parse(imported.resource)) }) };
  };
  const siteOf = (id: string): string => formatSite(store.getState().sessions.find((session) => session.id === id)?.url ?? 'unknown');

  return {
    ...sources, store, follower,
    readings: createReadings(reader),
    record: (on) => attempt(on ? 'Resume' : 'Pause', () => send({ type: 'record', tabId: host.tabId, on })),
    clear: (session) => attempt('Clear', () => send({ type: 'clear', session })),
    deleteTrace: (session, traceId) => attempt('Delete', () => send({ type: 'delete_trace', session, traceId })),
    deleteSession: (session) => attempt('Delete', () => send({ type: 'delete_session', session })),
    deleteEverything: () => attempt('Delete everything', () => send({ type: 'delete_everything' })),
    rename: (session, name) => attempt('Rename', () => send({ type: 'rename', session, name })),
    pin: (session, on) => attempt(on ? 'Pin' : 'Unpin', () => send({ type: 'pin', session, on })),
    setBudget: (budget) => attempt('Storage', () => send({ type: 'budget', budget })),
    allowSite: (url = store.getState().url ?? undefined) => attempt('Record this site', async () => {
      if (url) await host.requestSite(url);
      return undefined;
    }),
    removeSite: (pattern) => attempt('Remove', async () => (await host.removeSite(pattern)) ? undefined : 'The browser did not take the site back. Look at the site access of this extension on its page of the browser’s settings.'),
    importFile: (file) => attempt('Import', async () => {
      const { session, complaint } = await importFile(file, send);
      if (session !== undefined) {
        await follower.refresh();
        await follower.open(session);
        actions.showImport(session);
      }
      return complaint;
    }),
    exportTrace: ({ session, traceId, title }) => attempt('Export', async () => save(title, await reader.spans(session, traceId, signal))),
    exportSessions: (sessions) => attempt('Export', async () => {
      const [first, ...others] = sessions;
      const name = first !== undefined && others.length === 0 ? siteOf(first) : 'everything';
      return save(name, (await Promise.all(sessions.map((session) => reader.spans(session, undefined, signal)))).flat());
    }),
  };
}

/** "Plan three days…" -> "spanlight-plan-three-days.json" */
function fileName(name: string): string {
  const slug = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60);
  return `spanlight-${slug || 'trace'}.json`;
}

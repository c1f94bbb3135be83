/** Looks for what stands in the filter box in all texts that are stored, a moment after the last key, and again when there is
 *  something new. */
import type { Search } from '../store/search/search.ts';
import { MOST_FOUND, addHits, soughtText, type Found } from './found.ts';
import type { PanelStore } from './panel-store.ts';

/** After a key, and after something new: a stream that runs brings news ten times a second. */
const AFTER_KEY_MS = 120;
const AFTER_NEWS_MS = 2_000;
/** The box is empty for so long: nobody searches, and the texts need not be kept in memory. */
const REST_MS = 60_000;

export function followSearch(search: Search, store: PanelStore, signal: AbortSignal): void {
  const { actions } = store.getState();
  let running: AbortController | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let resting: ReturnType<typeof setTimeout> | undefined;

  async function look(text: string, leave: AbortSignal): Promise<void> {
    let found: Found = { text, traces: [], state: 'looking', complete: await search.complete() };
    // What was found stays while it is looked for again.
    const before = store.getState().found;
    const tell = (): void => { if (!leave.aborted) actions.set({ found }); };
    if (before?.text !== text) tell();
    for await (const hits of search.hits(text, { perTrace: true }, leave)) {
      found = { ...found, traces: addHits(found.traces, hits) };
      if (before?.text !== text) tell();
      if (found.traces.length === MOST_FOUND) break;
    }
    found = { ...found, state: found.traces.length === MOST_FOUND ? 'some' : 'all' };
    tell();
  }

  function start(): void {
    waiting = undefined;
    const text = soughtText(store.getState().filter);
    running?.abort();
    const leave = new AbortController();
    running = leave;
    if (text === '') return;
    look(text, leave.signal).catch((error: unknown) => {
      if (!leave.signal.aborted) actions.complain(`Searching: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  const stop = store.subscribe((state, before) => {
    const [text, old] = [soughtText(state.filter), soughtText(before.filter)];
    if (text !== old) {
      running?.abort();
      clearTimeout(waiting);
      clearTimeout(resting);
      waiting = setTimeout(start, AFTER_KEY_MS);
      if (text !== '') return;
      actions.set({ found: undefined });
      resting = setTimeout(search.rest, REST_MS);
    } else if (text !== '' && state.noted !== before.noted) waiting ??= setTimeout(start, AFTER_NEWS_MS);
  });
  signal.addEventListener('abort', () => {
    stop();
    clearTimeout(waiting);
    clearTimeout(resting);
    running?.abort();
  }, { once: true });
}

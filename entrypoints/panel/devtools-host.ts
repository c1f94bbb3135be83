/** The panel's `Host` in DevTools: the one place of the panel that knows chrome.*. */
import { isLocalSite } from '../../lib/model/local-sites.ts';
import { patternOf } from '../../lib/model/sites.ts';
import type { Answer, AskSite, Command, TabStatus } from '../../lib/model/command.ts';
import type { Host, Theme } from '../../lib/panel/host.ts';
import type { NetworkEvent } from '../../lib/panel/network.ts';
import { type HarEntry, toNetworkEvent } from './har.ts';
import { otlpExport } from './otlp-export.ts';
import type { StoreReader } from '../../lib/store/reader.ts';

/** The inspected page may be stopped in the debugger or on its way out, and then never answers. */
const PAGE_ANSWER_MS = 2000;
const PAGE_BETWEEN_MS = 300;

export function devtoolsHost(reader: StoreReader): Host {
  const { inspectedWindow, network, panels } = chrome.devtools;
  // Asked now: an update of the extension takes chrome.runtime away from a panel that is open.
  const { version } = chrome.runtime.getManifest();

  return {
    tabId: inspectedWindow.tabId,
    // After an update or removal `runtime.id` is gone; a worker that merely sleeps leaves it.
    alive: () => chrome.runtime?.id !== undefined,
    command,
    async status() {
      const answer = await command({ type: 'status', tabId: inspectedWindow.tabId }).catch(() => undefined);
      return answer?.ok ? (answer.value as TabStatus) : undefined;
    },
    async pageUrl() {
      // Between two documents a page has no context to ask in; only who says no twice is a page of the browser.
      const url = await askUrl();
      if (url !== null) return url;
      await new Promise((resolve) => setTimeout(resolve, PAGE_BETWEEN_MS));
      return askUrl();
    },
    // permissions.contains() does not count the manifest's own content scripts.
    siteAllowed: async (url) => isLocalSite(url) || chrome.permissions.contains({ origins: [patternOf(url)] }).catch(() => false),
    requestSite,
    async allowedSites() {
      const local = chrome.runtime.getManifest().content_scripts?.[0]?.matches ?? [];
      const { origins = [] } = await chrome.permissions.getAll();
      return origins.filter((origin) => !local.includes(origin)).toSorted();
    },
    removeSite: (pattern) => chrome.permissions.remove({ origins: [pattern] }),
    reloadPage: () => inspectedWindow.reload({}),
    reloadPanel: () => location.reload(),
    onChange(listener, signal) {
      listen(network.onNavigated, listener, signal);
      listen(chrome.permissions.onAdded, listener, signal);
      listen(chrome.permissions.onRemoved, listener, signal);
      // DevTools tells no navigation to a page of the browser itself; the tab does, without its address.
      listen(chrome.tabs.onUpdated, (tabId: number, { status }: { status?: string }) => { if (tabId === inspectedWindow.tabId && status === 'complete') listener(); }, signal);
    },
    onRequest,
    theme: () => themeOf(panels.themeName),
    onTheme(listener, signal) {
      panels.setThemeChangeHandler((theme) => listener(themeOf(theme)));
      signal.addEventListener('abort', () => panels.setThemeChangeHandler(), { once: true });
    },
    saveFile,
    copy,
    toOtlp: (spans, sourceOf) => otlpExport(reader, spans, sourceOf, version),
  };
}

/** null where asking failed, undefined where no answer came. */
function askUrl(): Promise<string | null | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), PAGE_ANSWER_MS);
    chrome.devtools.inspectedWindow.eval<string>('location.href', (url, failed) => {
      clearTimeout(late);
      resolve(failed || typeof url !== 'string' ? null : url);
    });
  });
}

const keyOf = ({ startedDateTime, time, request }: HarEntry): string => [startedDateTime, time, request.method, request.url].join(' ');

/** Each request once: what ends while DevTools gathers the earlier ones comes both ways. */
function onRequest(listener: (event: NetworkEvent) => void, signal: AbortSignal): void {
  const { network } = chrome.devtools;
  const early = new Set<string>();
  let gathering = true;
  const tell = (entry: HarEntry): void => {
    if (gathering) early.add(keyOf(entry));
    const event = toNetworkEvent(entry);
    if (event && !signal.aborted) listener(event);
  };
  listen(network.onRequestFinished, tell, signal);
  network.getHAR(({ entries }) => {
    gathering = false;
    for (const entry of entries) if (!early.has(keyOf(entry))) tell(entry);
    early.clear();
  });
}

interface Listenable<T> { addListener(listener: T): void; removeListener(listener: T): void }

function listen<T>(event: Listenable<T>, listener: T, signal: AbortSignal): void {
  event.addListener(listener);
  signal.addEventListener('abort', () => event.removeListener(listener), { once: true });
}

async function command(asked: Command): Promise<Answer<unknown>> {
  const answer: Answer<unknown> | undefined = await chrome.runtime.sendMessage(asked);
  return answer ?? { ok: false, error: 'The recorder did not answer. Try again.' };
}

/** Firefox asks only from a page of its own tab (bug 1796933); nobody else has `getBrowserInfo`. */
async function requestSite(url: string): Promise<boolean> {
  if (!('getBrowserInfo' in chrome.runtime)) return chrome.permissions.request({ origins: [patternOf(url)] });
  await chrome.runtime.sendMessage({ type: 'ask_site', url } satisfies AskSite);
  return false;
}

const themeOf = (name: string): Theme => (name === 'dark' ? 'dark' : 'light');

function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** DevTools frames its panels without the right to `navigator.clipboard`; the old command needs none. */
function copy(text: string): void {
  const box = document.createElement('textarea');
  box.value = text;
  box.className = 'visually-hidden';
  const before = document.activeElement;
  document.body.append(box);
  box.select();
  document.execCommand('copy');
  box.remove();
  if (before instanceof HTMLElement) before.focus();
}

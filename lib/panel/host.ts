/** Everything of the browser and of DevTools that the panel needs. One implementation, entrypoints/panel/devtools-host.ts;
 *  nothing else in the panel knows chrome.*. */
import type { Answer, Command, TabStatus } from '../model/command.ts';
import type { SpanRow } from '../model/span.ts';
import type { Attributes } from '../trace/attributes.ts';
import type { NetworkEvent } from './network.ts';

export type Theme = 'light' | 'dark';

/** Where spans come from; `resource`: of a file that was imported, as it said itself. */
export interface Source { site: string; resource?: Attributes }

export interface Host {
  /** the inspected tab */ readonly tabId: number;
  /** false once the extension was updated or removed under this panel */ alive(): boolean;
  /** undefined where the background gave no answer */ status(): Promise<TabStatus | undefined>;
  command(command: Command): Promise<Answer<unknown>>;
  /** null where the browser does not tell (its own pages); undefined while the page does not answer */ pageUrl(): Promise<string | null | undefined>;
  siteAllowed(url: string): Promise<boolean>;
  /** asks the user; to be called straight from a click */ requestSite(url: string): Promise<boolean>;
  /** match patterns of the sites the user allowed, without the local ones */ allowedSites(): Promise<string[]>;
  removeSite(pattern: string): Promise<boolean>;
  reloadPage(): void;
  /** loads this panel's document anew */ reloadPanel(): void;
  /** the inspected tab went to another document, or the sites that are allowed changed */ onChange(listener: () => void, signal: AbortSignal): void;
  /** requests of the inspected page as they end, and those DevTools knew before */ onRequest(listener: (event: NetworkEvent) => void, signal: AbortSignal): void;
  theme(): Theme;
  onTheme(listener: (theme: Theme) => void, signal: AbortSignal): void;
  saveFile(name: string, content: Blob): void;
  copy(text: string): void;
  /** OTLP/JSON of these spans */ toOtlp(spans: readonly SpanRow[], sourceOf: (source: string) => Source): Promise<Blob>;
}

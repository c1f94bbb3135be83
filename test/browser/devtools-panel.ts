/**
 * Our panel inside real DevTools. The one place that knows DevTools' internals (its modules and view ids); if Chromium
 * moves them, mend it here.
 */
import type { Frame, Page } from 'puppeteer-core';

export interface DevtoolsPanel {
  /** The DevTools window. */ readonly devtools: Page;
  /** Our panel: `$`, `click`, `evaluate`, `waitForSelector` as on any page. */
  readonly frame: Frame;
  /** DevTools' own theme; the panel follows it. */
  theme(theme: 'light' | 'dark'): Promise<void>;
  /** Of the DevTools window; an undocked panel is as wide as it. */
  resize(width: number, height: number): Promise<void>;
  /** Picture of the panel alone, without DevTools around it. */
  picture(path: string): Promise<void>;
}

/** Opens DevTools for the page (a no-op when open), shows our panel and waits until it has rendered something. `docked`:
 *  beside the page, as a person has it; else the panel has the whole of a window of its own. */
export async function openPanel(page: Page, { docked = false }: { docked?: boolean } = {}): Promise<DevtoolsPanel> {
  const devtools = await page.openDevTools();
  await devtools.waitForSelector('.root-view');
  if (!docked) await devtools.evaluate(undock);
  const id = await devtools.waitForFunction(panelView, { polling: 50 }, 'Spanlight');
  await devtools.evaluate(showView, await id.jsonValue() as string);
  const frame = await devtools.waitForFrame((candidate) => candidate.url().includes('/panel.html'));
  await frame.waitForSelector('#root > *');
  return {
    devtools,
    frame,
    async theme(theme) {
      await devtools.evaluate(setTheme, theme === 'dark' ? 'dark' : 'default');
    },
    resize: (width, height) => devtools.setViewport({ width, height }),
    async picture(path) {
      const element = await frame.frameElement();
      if (!element) throw new Error('The panel is not shown');
      await element.screenshot({ path: path as `${string}.png` });
    },
  };
}

// What follows runs inside the DevTools window; its modules have stable relative names there.

async function panelView(title: string): Promise<string | undefined> {
  const UI = await import('./ui/legacy/legacy.js' as string);
  const views: Map<string, unknown> = UI.ViewManager.ViewManager.instance().views;
  return [...views.keys()].find((id) => id.startsWith('chrome-extension://') && id.endsWith(title));
}

async function undock(): Promise<void> {
  const UI = await import('./ui/legacy/legacy.js' as string);
  UI.DockController.DockController.instance().setDockSide('undocked');
}

async function showView(id: string): Promise<void> {
  const UI = await import('./ui/legacy/legacy.js' as string);
  await UI.ViewManager.ViewManager.instance().showView(id);
}

async function setTheme(theme: string): Promise<void> {
  const Common = await import('./core/common/common.js' as string);
  Common.Settings.Settings.instance().moduleSetting('ui-theme').set(theme);
}

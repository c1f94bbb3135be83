/**
 * Our panel inside real DevTools. The one place that knows DevTools' internals (its modules and view ids); if Chromium
 * moves them, mend it here.
 */
import { TimeoutError, type Frame, type Page } from 'puppeteer-core';

export interface DevtoolsPanel {
  /** The DevTools window. */ readonly devtools: Page;
  /** Our panel: `$`, `click`, `evaluate`, `waitForSelector` as on any page. */
  readonly frame: Frame;
  /** DevTools' own theme; the panel follows it. */
  theme(theme: 'light' | 'dark'): Promise<void>;
  /** Of the DevTools window; an undocked panel is as wide as it. Resolves when the panel is drawn in that size. */
  resize(width: number, height: number): Promise<void>;
  /** Picture of the panel alone, without DevTools around it. */
  picture(path: string): Promise<void>;
}

/** DevTools loads some hundred modules: on a machine that does much else this takes a while. */
const PATIENCE_MS = 90_000;

/** DevTools is told of the extensions once, when it has loaded (Chromium's DevToolsUIBindings::AddDevToolsExtensionsToClient).
 *  One that is not there in that moment, as while it is loaded anew, never gets its panel, however long one waits: then a person
 *  opens DevTools again, and so do we, once. */
const TOLD_MS = 30_000;

/** Drawn after the size changed until all is in its place. */
const FRAMES = 6;

/** Opens DevTools for the page (a no-op when open), shows our panel and waits until it has rendered something. `docked`:
 *  beside the page, as a person has it; else the panel has the whole of a window of its own. */
export async function openPanel(page: Page, { docked = false }: { docked?: boolean } = {}): Promise<DevtoolsPanel> {
  const { devtools, view } = await openWithView(page, docked).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
    return openWithView(page, docked);
  });
  await devtools.evaluate(showView(view));
  const frame = await devtools.waitForFrame((candidate) => candidate.url().includes('/panel.html'));
  await frame.waitForSelector('#root > *');
  return {
    devtools,
    frame,
    async theme(theme) {
      await devtools.evaluate(setTheme(theme === 'dark' ? 'dark' : 'default'));
    },
    async resize(width, height) {
      await devtools.setViewport({ width, height });
      const element = await frame.frameElement();
      const box = await element?.boundingBox();
      if (!box) throw new Error('The panel is not shown');
      // The frame, which has a process of its own, hears of it later. Then the panes are laid out, and what measures them follows,
      // a frame each.
      await frame.waitForFunction((size) => Math.abs(innerWidth - size) < 1, {}, box.width);
      await frame.evaluate(async (frames) => {
        for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
      }, FRAMES);
    },
    async picture(path) {
      const element = await frame.frameElement();
      if (!element) throw new Error('The panel is not shown');
      await element.screenshot({ path: path as `${string}.png` });
    },
  };
}

/** Closes DevTools again where it does not have our view. */
async function openWithView(page: Page, docked: boolean): Promise<{ devtools: Page; view: string }> {
  const devtools = await page.openDevTools();
  devtools.setDefaultTimeout(PATIENCE_MS); // of the panel's frame as well
  await devtools.waitForSelector('.root-view');
  if (!docked) await devtools.evaluate(undock);
  try {
    const view = await devtools.waitForFunction(panelView('Spanlight'), { polling: 50, timeout: TOLD_MS });
    return { devtools, view: String(await view.jsonValue()) };
  } catch (error) {
    await devtools.close();
    throw error;
  }
}

// What follows runs inside the DevTools window, whose modules have stable relative names there. As text, because a test
// runner rewrites `import()` in the functions it loads.

const withUi = (body: string): string => `(async () => { const UI = await import('./ui/legacy/legacy.js'); ${body} })()`;

const panelView = (title: string): string =>
  withUi(`return [...UI.ViewManager.ViewManager.instance().views.keys()].find((id) => id.startsWith('chrome-extension://') && id.endsWith(${JSON.stringify(title)}));`);

const undock = withUi("UI.DockController.DockController.instance().setDockSide('undocked');");

const showView = (id: string): string => withUi(`await UI.ViewManager.ViewManager.instance().showView(${JSON.stringify(id)});`);

const setTheme = (theme: string): string =>
  `(async () => { const Common = await import('./core/common/common.js'); Common.Settings.Settings.instance().moduleSetting('ui-theme').set(${JSON.stringify(theme)}); })()`;

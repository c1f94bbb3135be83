/** Starts Chromium with the built extension. Together with `devtools-panel.ts` the only place that knows how. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch as launchBrowser } from 'puppeteer-core';
import type { Browser, BrowserContext, Page, Target, WebWorker } from 'puppeteer-core';
import { findChromium } from '../lab/chromium.ts';

/** What `npm run build` makes. */
export const EXTENSION = join(import.meta.dirname, '../../.output/chrome-mv3');

/** `minimum_chrome_version` of the manifest. */
const LEAST_VERSION = 148;

export interface LaunchOptions {
  /** Folder of the extension; default: what was built. */ extension?: string;
  /** Default: no window. */ headless?: boolean;
  /** Also run the extension in private windows (`browser.createBrowserContext()`). */ incognito?: boolean;
  /** Keep profile and database in this folder; default: a fresh one, removed on close. */ userDataDir?: string;
  /** Back-forward cache is off under a driver unless asked for. */ backForwardCache?: boolean;
  /** false: the driver does not follow the pages' requests, so that they cost what they cost a user. */ networkEnabled?: boolean;
}

export interface Launched {
  readonly browser: Browser;
  readonly extensionId: string;
  /** The extension's service worker once it is awake: at once when it runs, else when something wakes it. */
  worker(context?: BrowserContext): Promise<WebWorker>;
  /** Stops the service worker the hard way, in whatever it is doing. False when it was not running. */
  killWorker(context?: BrowserContext): Promise<boolean>;
  /** A page of the extension's origin without any script of ours: reads IndexedDB and chrome.storage, wakes nobody. */
  originPage(context?: BrowserContext): Promise<Page>;
  /** As when the user presses reload on chrome://extensions: open pages keep their orphaned content scripts. */
  reloadExtension(): Promise<void>;
  /** Does something that downloads a file and resolves with its content. */
  download(act: () => Promise<unknown>): Promise<{ name: string; text: string }>;
  close(): Promise<void>;
}

const FLAGS = [
  '--no-first-run', '--no-default-browser-check', '--window-size=1400,900',
  // Branded Chrome and Edge ignore --load-extension since 137 and take an extension over the pipe only with this.
  '--enable-unsafe-extension-debugging',
  // Sites of someone else, on this machine: macOS has no loopback address but 127.0.0.1.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
  // Without these Chromium stalls on a machine with no internet.
  '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // Chromium refuses to run as root with its sandbox.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

const isWorker = (target: Target): boolean => target.type() === 'service_worker' && target.url().startsWith('chrome-extension://');

export async function launch({ extension = EXTENSION, headless = true, incognito = false, userDataDir, backForwardCache = false, networkEnabled = true }: LaunchOptions = {}): Promise<Launched> {
  if (!existsSync(join(extension, 'manifest.json'))) throw new Error('The extension is not built: run `npm run build` first.');
  const browser = await launchBrowser({
    executablePath: findChromium(),
    headless,
    pipe: true,
    networkEnabled,
    enableExtensions: [extension],
    ...(incognito && { extensionsEnabledInIncognito: [extension] }),
    ...(userDataDir !== undefined && { userDataDir }),
    defaultViewport: headless ? { width: 1200, height: 800 } : null,
    ignoreDefaultArgs: [
      ...(backForwardCache ? ['--disable-back-forward-cache'] : []),
      // A person needs no bar that says the browser is driven by software.
      ...(headless ? [] : ['--enable-automation']),
    ],
    args: headless ? [...FLAGS, '--disable-gpu'] : FLAGS,
  });
  const version = Number(/\/(\d+)\./.exec(await browser.version())?.[1]);
  if (version < LEAST_VERSION) {
    await browser.close();
    throw new Error(`${findChromium()} is version ${version}; Spanlight needs ${LEAST_VERSION} or later. Update it, or set CHROME_PATH to a newer one.`);
  }
  // launch() returns before the extension is there.
  const extensionId = new URL((await browser.waitForTarget(isWorker)).url()).host;
  const isOurs = (context: BrowserContext) => (target: Target): boolean => isWorker(target) && target.url().includes(extensionId) && target.browserContext() === context;

  return {
    browser,
    extensionId,
    async worker(context = browser.defaultBrowserContext()) {
      const worker = await (await browser.waitForTarget(isOurs(context))).worker();
      if (!worker) throw new Error('The service worker went away while it was looked for');
      return worker;
    },
    async killWorker(context = browser.defaultBrowserContext()) {
      const worker = await browser.targets().find(isOurs(context))?.worker();
      // It may end by itself in between.
      return worker?.close().then(() => true, () => false) ?? false;
    },
    async originPage(context = browser.defaultBrowserContext()) {
      const page = await context.newPage();
      await page.goto(`chrome-extension://${extensionId}/manifest.json`);
      return page;
    },
    async reloadExtension() {
      const old = browser.targets().filter(isWorker);
      await browser.installExtension(extension);
      await browser.waitForTarget((target) => isWorker(target) && !old.includes(target));
    },
    async download(act) {
      const folder = await mkdtemp(join(tmpdir(), 'spanlight-download-'));
      const session = await browser.target().createCDPSession();
      try {
        await session.send('Browser.setDownloadBehavior', { behavior: 'allowAndName', downloadPath: folder, eventsEnabled: true });
        let name = '';
        session.on('Browser.downloadWillBegin', (event) => { name = event.suggestedFilename; });
        const done = new Promise<string>((resolve, reject) => {
          session.on('Browser.downloadProgress', ({ state, guid }) => {
            if (state === 'completed') resolve(guid);
            if (state === 'canceled') reject(new Error('The download was cancelled'));
          });
        });
        await act();
        return { text: await readFile(join(folder, await done), 'utf8'), name };
      } finally {
        await session.detach();
        await rm(folder, { recursive: true, force: true });
      }
    },
    close: () => browser.close(),
  };
}

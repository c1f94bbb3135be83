import { minify } from 'terser';
import { defineConfig } from 'wxt';
import { localSites } from './lib/model/local-sites.ts';

export default defineConfig({
  modules: ['@wxt-dev/module-react'],
  imports: false,
  manifestVersion: 3,
  manifest: ({ command }) => ({
    name: 'Spanlight',
    description: 'See what your LLM app did: every model call, tool call and agent step of a page as a live trace tree in DevTools.',
    icons: { 16: 'icon/16.png', 32: 'icon/32.png', 48: 'icon/48.png', 128: 'icon/128.png' },
    // 148: runtime messages carry typed arrays ("message_serialization").
    minimum_chrome_version: '148',
    message_serialization: 'structured_clone',
    // Private windows get their own worker and database; with the default their prompts land in the regular profile's.
    incognito: 'split',
    permissions: [
      'storage', // storage.session: what a leaving page could not send any more
      'unlimitedStorage', // recorded bodies in IndexedDB are not evicted
      'scripting', // record a site the user allowed: scripts are registered at run time
    ],
    optional_host_permissions: ['http://*/*', 'https://*/*'],
    content_security_policy: {
      extension_pages: `default-src 'self'; img-src 'self' data: blob:; media-src blob:; object-src 'none'; frame-src 'none'; connect-src 'self'${command === 'serve' ? LIVE_RELOAD : ''}`,
    },
    // Scripts are registered at run time there, which takes a permission.
    ...(command === 'serve' && { host_permissions: localSites }),
  }),
  vite: () => ({ plugins: [bareScripts, smallAnonymousShim] }),
  hooks: {
    'build:manifestGenerated': (_wxt, manifest) => {
      for (const script of manifest.content_scripts ?? []) script.matches = localSites;
      // The relay must listen before the shim says hello (WXT sorts by name; research: the other way round is deaf).
      manifest.content_scripts?.sort((a, b) => Number(isShim(a.js)) - Number(isShim(b.js)));
    },
  },
});

/** What the development server needs besides: its socket, and styles that it puts into the page. */
const LIVE_RELOAD = " ws://localhost:* http://localhost:*; style-src 'self' 'unsafe-inline'";

/** Content scripts without WXT's wrapper: its context of each script dispatches and hears events on the page's document,
 *  under a name with our id in it, and a script that fails tells the page by an unhandled rejection. Each exports `main`
 *  beside its definition, which is for the manifest and stays out of the built script. */
const bareScripts = {
  name: 'bare-scripts',
  transform(code: string, id: string): string | undefined {
    const file = id.includes('-world-entrypoint') ? /^import definition from (.*);$/m.exec(code)?.[1] : undefined;
    return file && `import { main } from ${file};\nmain();`;
  },
};

/** Members of the shim's own objects, which it shortens. No member of the platform that the shim uses, no key of a record or
 *  of a message to the relay may be among them; names of other members of the platform may (terser's `builtins`). */
const shimNames = `
  act add addNow alive back base begin bodyKeys bodyTaken branch breakOff cancelled changed closed dialect
  drop end ended exchanges fault file find form head hear high journal known later latin1 learn leave leaving listed
  mask maskBytes none observe ofBody ofHeaders ofText ofTexts ofUrl open pathEnds place plain position proto readBlob
  readBytes readText reading recording release released removeFrom response said secrets settled shape source take tell
  touched waitFor waits wanted
`;

/** The shim runs in every page, so it is made smaller once more. Its frames in the page's stacks read `<anonymous>`: error
 *  monitors discard every error with a frame of an extension, and with it the page's own (research: Sentry). */
const smallAnonymousShim = {
  name: 'small-anonymous-shim',
  enforce: 'post' as const,
  async generateBundle(_options: unknown, bundle: Record<string, { type: string; fileName: string; code?: string }>): Promise<void> {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk' || !isShim([file.fileName])) continue;
      const { code } = await minify(file.code ?? '', { ecma: 2022, compress: { passes: 6, ecma: 2022, unsafe_arrows: true }, mangle: { properties: { regex: new RegExp(`^(?:${shimNames.trim().split(/\s+/).join('|')})$`), builtins: true } } });
      file.code = `${code}\n//# sourceURL=<anonymous>\n`;
    }
  },
};

function isShim(js: string[] | undefined): boolean {
  return js?.some((file) => file.includes('shim')) ?? false;
}

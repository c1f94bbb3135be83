/** Finds (or, on Debian as root, installs) the browser that the demo and the tests drive. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const LINUX = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const MAC = ['Chromium', 'Google Chrome', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
const WINDOWS = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe', 'Chromium\\Application\\chrome.exe'];

/** Path of a Chromium-family browser, or undefined. `CHROME_PATH` wins. */
export function lookForChromium(): string | undefined {
  const asked = process.env['CHROME_PATH'];
  if (asked) return existsSync(asked) ? asked : undefined;
  if (process.platform === 'darwin') return MAC.find((path) => existsSync(path));
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => process.env[name] ?? []);
    return roots.flatMap((root) => WINDOWS.map((path) => join(root, path))).find((path) => existsSync(path));
  }
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/bin');
  return LINUX.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Path of a browser; installs Debian's `chromium` when root. Throws with what to do when there is none. */
export function findChromium(): string {
  const found = lookForChromium();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && !process.env['CHROME_PATH']) {
    process.stderr.write('No Chromium found: installing the Debian package `chromium` ...\n');
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    execFileSync('apt-get', ['update', '-qq'], quiet);
    execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], quiet);
    const installed = lookForChromium();
    if (installed) return installed;
  }
  throw new Error('No Chromium, Chrome or Edge found. Install one (Debian/Ubuntu: `apt-get install chromium`), or set CHROME_PATH to its executable.');
}

// Run by itself (`npm run check`): says which browser there is, or what to do.
if (import.meta.main) {
  try {
    console.log(findChromium());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

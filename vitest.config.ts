import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { lookForChromium } from './test/lab/chromium.ts';

export default defineConfig({
  test: {
    projects: [
      // base64 of typed arrays: on in Chromium 140, behind a flag in Node 24.
      { test: { name: 'unit', environment: 'node', execArgv: ['--js-base-64'], include: ['test/**/*.test.ts'], exclude: ['test/browser/**', 'test/**/*.database.test.ts'] } },
      {
        // Real IndexedDB, BroadcastChannel and crypto of a real Chromium; no extension needed.
        // Named, so that no test is started anew because a dependency was found late.
        optimizeDeps: { include: ['idb', '@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'eventsource-parser'] },
        test: {
          name: 'database',
          include: ['test/**/*.database.test.ts'],
          testTimeout: 60_000,
          browser: {
            enabled: true, headless: true, screenshotFailures: false, instances: [{ browser: 'chromium' }],
            provider: playwright({ launchOptions: { executablePath: lookForChromium(), args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] } }),
          },
        },
      },
      // The built extension in real Chromium, one browser at a time.
      { test: { name: 'browser', environment: 'node', execArgv: ['--js-base-64'], include: ['test/browser/**/*.test.ts'], globalSetup: 'test/browser/global-setup.ts', fileParallelism: false, testTimeout: 240_000, hookTimeout: 120_000 } },
    ],
  },
});

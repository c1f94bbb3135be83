/** Builds the demo app into test/lab/dist. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

export const DEMO_DIST = join(import.meta.dirname, 'dist');

export async function buildDemo(): Promise<void> {
  await build({
    configFile: false,
    root: join(import.meta.dirname, 'app'),
    plugins: [react()],
    logLevel: 'warn',
    build: { outDir: DEMO_DIST, emptyOutDir: true, target: 'esnext', chunkSizeWarningLimit: 2000 },
  });
}

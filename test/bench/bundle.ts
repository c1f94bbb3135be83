/** A page with one script, served at this machine's address. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';

export interface BundledPage { url: string; close(): void }

/** @param entry a TypeScript file; all it needs goes into the script */
export async function bundled(entry: string): Promise<string> {
  const built = await build({ configFile: false, logLevel: 'error', build: { write: false, target: 'esnext', lib: { entry, formats: ['iife'], name: 'bench' } } });
  const script = (Array.isArray(built) ? built : [built]).flatMap((bundle) => 'output' in bundle ? bundle.output : []).find(({ type }) => type === 'chunk');
  return script?.type === 'chunk' ? script.code : '';
}

export async function serveBundle(entry: string): Promise<BundledPage> {
  const code = await bundled(entry);
  const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  const server = createServer((request, response) => {
    if (request.url === '/page.js') response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', ...isolated }).end(code);
    else response.writeHead(200, { 'content-type': 'text/html', ...isolated }).end('<!doctype html><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.2', resolve); });
  return { url: `http://127.0.0.2:${(server.address() as AddressInfo).port}/`, close: () => { server.close(); server.closeAllConnections(); } };
}

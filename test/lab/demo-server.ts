/** Serves the built demo app, and tells it where the model server is. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { DEMO_DIST } from './build-demo.ts';

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

export interface DemoServer {
  /** `http://localhost:<port>`, no slash at the end. `?speed=20` runs the scenarios 20 times faster. */
  readonly url: string;
  close(): Promise<void>;
}

/** `models`: base URL of the model server. `port`: 0 or absent for any free one. `host`: address to listen at; one that
 *  is not recorded unasked, such as 127.0.0.2, stands for a site the user has not allowed. */
export async function startDemoServer({ models, port = 0, host = '127.0.0.1' }: { models: string; port?: number; host?: string }): Promise<DemoServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/config.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ models }));
      return;
    }
    const file = pathname === '/' ? '/index.html' : pathname;
    readFile(join(DEMO_DIST, file)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host === '127.0.0.1' ? 'localhost' : host}:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

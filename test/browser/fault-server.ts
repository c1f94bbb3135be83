/** A model server that lets pages of other origins in, or refuses them in one of the ways there are (`?case=`), and pages to
 *  call it from. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FaultServer { port: number; close(): Promise<void> }

type Headers = Record<string, string>;
/** What is answered to the preflight and to the call, to a page of `origin`. */
type Case = (origin: string) => { preflight: [status: number, headers: Headers]; answer?: [status: number, headers: Headers] };

const open = (origin: string): Headers => ({ 'access-control-allow-origin': origin, 'access-control-allow-headers': '*' });
const CASES: Record<string, Case> = {
  open: (origin) => ({ preflight: [204, open(origin)], answer: [200, open(origin)] }),
  'no header': (origin) => ({ preflight: [204, open(origin)], answer: [200, {}] }),
  'error without header': (origin) => ({ preflight: [204, open(origin)], answer: [503, {}] }),
  'other origin': (origin) => ({ preflight: [204, { ...open(origin), 'access-control-allow-origin': 'https://app.example' }] }),
  'preflight refused': () => ({ preflight: [403, {}] }),
  'preflight not known': (origin) => ({ preflight: [405, open(origin)] }),
  'preflight without headers': () => ({ preflight: [204, {}] }),
  'header not allowed': (origin) => ({ preflight: [204, { 'access-control-allow-origin': origin, 'access-control-allow-headers': 'content-type, authorization' }] }),
  redirect: (origin) => ({ preflight: [204, open(origin)], answer: [307, { ...open(origin), location: '/moved/v1/chat/completions?case=open' }] }),
};

const PAGES: Record<string, string> = { '/': '', '/policy': "connect-src 'self'", '/frame': '' };
const WORKER = `addEventListener('message', async ({ data: [url, init] }) => { postMessage(await fetch(url, init).then((response) => response.text(), String)); });`;
/** Asks the network itself, as most service workers do. */
const SERVICE_WORKER = `addEventListener('install', () => skipWaiting()); addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => { if (event.request.method === 'POST') event.respondWith(fetch(event.request)); });`;
const SCRIPTS: Record<string, string> = { '/worker.js': WORKER, '/service-worker.js': SERVICE_WORKER };
const ANSWER = JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm-1', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] });

function serve(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const policy = PAGES[url.pathname];
  if (policy !== undefined) {
    response.writeHead(200, { 'content-type': 'text/html', ...(policy && { 'content-security-policy': policy }) });
    response.end(`<!doctype html><title>page</title>${url.searchParams.has('meta') ? '<meta http-equiv="Content-Security-Policy" content="connect-src \'self\'">' : ''}`);
    return;
  }
  const script = SCRIPTS[url.pathname];
  if (script !== undefined) {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    return;
  }
  const name = url.searchParams.get('case') ?? 'open';
  const { preflight, answer } = CASES[name]?.(request.headers.origin ?? '*') ?? { preflight: [204, open(request.headers.origin ?? '*')] };
  request.resume().on('end', () => {
    if (request.method === 'OPTIONS') response.writeHead(...preflight).end();
    else if (answer) response.writeHead(answer[0], { 'content-type': 'application/json', ...answer[1] }).end(ANSWER);
    else response.destroy();
  });
}

export async function startFaultServer(): Promise<FaultServer> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

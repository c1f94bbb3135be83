/** A loopback server that answers as each test says, and notes what reached it: bytes, headers, when a socket closed. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Noted {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: Buffer;
  /** response bytes the socket has taken */ written: number;
  /** performance.now() when the response's socket closed */ closedAt?: number;
  /** the response was sent whole */ finished: boolean;
}

export type Answer = (response: ServerResponse, request: IncomingMessage, noted: Noted) => void | Promise<void>;

export interface ModelServer {
  origin: string;
  /** How to answer requests whose query says `case=<name>`. */
  on(name: string, answer: Answer): void;
  /** Requests of that case, in order of arrival. */
  noted(name: string): Noted[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
  const answers = new Map<string, Answer>();
  const log = new Map<string, Noted[]>();
  const server = createServer(async (request, response) => {
    const name = new URL(request.url ?? '/', 'http://x').searchParams.get('case');
    if (name === null) {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>page</title><body>');
      return;
    }
    const parts: Buffer[] = [];
    const noted: Noted = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, rawHeaders: request.rawHeaders, body: Buffer.alloc(0), written: 0, finished: false };
    log.set(name, [...log.get(name) ?? [], noted]);
    response.on('close', () => {
      noted.closedAt = performance.now();
      noted.finished = response.writableFinished;
    });
    response.on('error', () => {});
    request.on('error', () => {});
    try { for await (const part of request) parts.push(part as Buffer); } catch { /* the page took its upload back */ }
    noted.body = Buffer.concat(parts);
    const answer = answers.get(name);
    if (answer) await answer(response, request, noted);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    on: (name, answer) => { answers.set(name, answer); },
    noted: (name) => log.get(name) ?? [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}

/** Writes pieces with a pause between them, then ends. */
export const pieces = (parts: ReadonlyArray<string | Uint8Array>, pauseMs = 15, type = 'text/event-stream'): Answer => async (response) => {
  response.writeHead(200, { 'content-type': type });
  response.flushHeaders();
  for (const part of parts) {
    response.write(part);
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
  response.end();
};

/**
 * The model server of the demo and the tests: `@copilotkit/aimock` (its makers check it daily against the real APIs)
 * behind a thin pass-through for what it lacks: a journal of what was really sent and how it ended, request ids and
 * `retry-after` that a page may read, and answers written by a test (`answer`, `replay`).
 */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { LLMock, VectorMock } from '@copilotkit/aimock';
import guides from './fixtures/guides.json' with { type: 'json' };
import { forward } from './pass-through.ts';
import { replayTo } from './replay.ts';
import type { Recording } from './replay.ts';
import { openReply } from './reply.ts';
import type { Ended, Reply } from './reply.ts';

/** One POST the server received. */
export interface JournalEntry {
  method: string;
  /** Without the query. */ path: string;
  /** 0 until the head was sent. */ status: number;
  /** The body as it came. */ request: string;
  /** What really left of the answer's body; set when it ended. */ response: string;
  /** Its size in bytes, also while it runs. */ responseBytes: number;
  ended: Ended | 'running';
  requestHeaders: IncomingHttpHeaders;
  responseHeaders: Record<string, string>;
}

/** Answers one request in place of the mock; `request` is its body. Must end or cut the reply. */
export type Script = (reply: Reply, request: string) => Promise<void> | void;

export interface ModelServer {
  /** `http://localhost:<port>` (or the host asked for), no slash at the end. */
  readonly url: string;
  readonly journal: readonly JournalEntry[];
  /** The next `times` requests to `path` (default 1) are answered by `script`. Registrations are used up in order. */
  answer(path: string, script: Script, times?: number): void;
  /** The same, with recorded bytes. */
  replay(recording: Recording & { path: string; times?: number }): void;
  /** Resolves when no answer is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const FIXTURES = ['chat.json', 'agents.json', 'rag.json', 'failures.json'];
const EXPOSED = 'x-request-id, request-id, retry-after, retry-after-ms, x-should-retry';

async function startMock(speed: number): Promise<LLMock> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 5, replaySpeed: speed, journalMaxEntries: 10 });
  for (const file of FIXTURES) mock.loadFixtureFile(join(import.meta.dirname, 'fixtures', file));
  const vectors = new VectorMock().addCollection(guides.collection, { dimension: guides.dimension }).onQuery(guides.collection, guides.results);
  await mock.mount('/qdrant', vectors).start();
  return mock;
}

const cors = (request: IncomingMessage): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
  'access-control-expose-headers': EXPOSED,
  'access-control-max-age': '600',
});

/** The pace the client asks for (header `x-lab-speed`; 1 is real time). */
function speedOf(headers: IncomingHttpHeaders): number {
  const asked = Number(headers['x-lab-speed']);
  return asked > 0 && asked <= 1000 ? asked : 1;
}

/** `port`: 0 or absent for any free one. `host`: the address to listen at. Same requests, same answers (but for aimock's random ids). */
export async function startModelServer({ port = 0, host = '127.0.0.1' }: { port?: number; host?: string } = {}): Promise<ModelServer> {
  const journal: JournalEntry[] = [];
  const scripts = new Map<string, { script: Script; times: number }[]>();
  const running = new Set<Promise<Ended>>();
  // aimock's pace is a setting of the whole mock: one mock a pace, started when first asked for.
  const mocks = new Map<number, Promise<LLMock>>();
  let served = 0;

  const mockAt = (speed: number): Promise<LLMock> => {
    const mock = mocks.get(speed) ?? startMock(speed);
    mocks.set(speed, mock);
    return mock;
  };
  const scriptFor = (path: string): Script | undefined => {
    const waiting = scripts.get(path) ?? [];
    const first = waiting[0];
    if (first && --first.times === 0) waiting.shift();
    return first?.script;
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const shared = cors(request);
    if (method === 'OPTIONS') {
      response.writeHead(204, shared).end();
      return;
    }
    const id = `req_${String(++served).padStart(4, '0')}`;
    const entry: JournalEntry = { method, path, status: 0, request: '', response: '', responseBytes: 0, ended: 'running', requestHeaders: request.headers, responseHeaders: {} };
    if (method === 'POST') journal.push(entry);
    const sent: Buffer[] = [];
    const opened = openReply(response, (bytes) => {
      sent.push(bytes);
      entry.responseBytes += bytes.length;
    });
    const ended = opened.ended.then((how) => {
      entry.response = Buffer.concat(sent).toString('utf8');
      return entry.ended = how;
    });
    running.add(ended);
    void ended.finally(() => running.delete(ended));
    const reply: Reply = {
      ...opened,
      head(status, headers) {
        Object.assign(entry, { status, responseHeaders: { ...headers, ...shared } });
        opened.head(status, entry.responseHeaders);
      },
    };
    try {
      const body = await buffer(request);
      entry.request = body.toString('utf8');
      const script = scriptFor(path);
      if (script) return await script(reply, entry.request);
      const speed = speedOf(request.headers);
      await forward(reply, {
        upstream: (await mockAt(speed)).url, method, path: request.url ?? '/', body, speed,
        // The SDKs count their attempts; a fixture for one attempt names it as its `context`.
        headers: { ...request.headers, 'x-aimock-context': `attempt ${Number(request.headers['x-stainless-retry-count'] ?? 0) + 1}` },
        responseHeaders: path.endsWith('/messages') ? { 'request-id': id } : { 'x-request-id': id },
      });
    } catch (error) {
      if (reply.gone.aborted) return;
      process.stderr.write(`model server: ${method} ${path}: ${String(error)}\n`);
      reply.cut();
    }
  }

  await mockAt(1);
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const answer = (path: string, script: Script, times = 1): void => {
    scripts.set(path, [...scripts.get(path) ?? [], { script, times }]);
  };
  return {
    url: `http://${host === '127.0.0.1' ? 'localhost' : host}:${(server.address() as AddressInfo).port}`,
    journal,
    answer,
    replay: ({ path, times, ...recording }) => answer(path, (reply) => replayTo(reply, recording), times),
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.all([...mocks.values()].map(async (mock) => (await mock).stop()));
    },
  };
}

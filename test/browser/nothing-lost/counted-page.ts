/**
 * A page that makes model calls with plain fetch and counts for itself what it read of each. Its count is the one that all
 * else is held against; when it is left it sends the count home (a beacon outlives the page), and again with every read that
 * it still makes while it leaves.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Frame, Page } from 'puppeteer-core';

/** Of one call, by the page. `how`: `running`, `done`, or the name of the error the page got. */
interface Counted { read: number; how: string }
export type Counts = Record<string, Counted>;

export interface PageServer {
  /** The same page at two hosts, so that one can be a frame of the other with connections of its own. */
  readonly url: string;
  readonly otherUrl: string;
  /** The count of each call that a page sent when it was left. */
  readonly left: Counts;
  /** The same, and what the page read after that, before it was gone. */
  readonly last: Counts;
  close(): Promise<void>;
}

/** What a test calls in the page. With `?begin=<name>&url=<url>` the page begins by itself. */
export interface CountedWindow {
  counts: Counts;
  /** the browser kept this page while another was shown */ cameBack: boolean;
  /** Starts a call and reads it to its end. */
  begin(name: string, url: string): void;
  /** Calls `then` in the very task in which every running call has read this many bytes more. */
  afterMore(bytes: number, then: () => void): void;
}

const SCRIPT = `
const counts = globalThis.counts = {};
let armed = () => {};
let leaving = false;
const tell = (when) => navigator.sendBeacon(when, JSON.stringify(counts));
globalThis.begin = async (name, url) => {
  const count = counts[name] = { read: 0, how: 'running' };
  try {
    const body = JSON.stringify({ model: 'm', stream: true, max_tokens: 9, messages: [{ role: 'user', content: name }] });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    for (const reader = response.body.getReader();;) {
      const { done, value } = await reader.read();
      if (done) break;
      count.read += value.byteLength;
      if (leaving) tell('/last');
      armed();
    }
    count.how = 'done';
  } catch (error) {
    count.how = error.name;
  }
};
globalThis.afterMore = (bytes, then) => {
  const goals = Object.values(counts).filter(({ how }) => how === 'running').map((count) => [count, count.read + bytes]);
  armed = () => {
    if (!goals.every(([count, goal]) => count.read >= goal)) return;
    armed = () => {};
    then();
  };
};
globalThis.cameBack = false;
addEventListener('pageshow', (event) => {
  leaving = false;
  if (event.persisted) globalThis.cameBack = true;
});
addEventListener('pagehide', () => {
  leaving = true;
  tell('/left');
});
const asked = new URLSearchParams(location.search);
if (asked.has('begin')) begin(asked.get('begin'), asked.get('url'));
`;

export async function startPageServer(): Promise<PageServer> {
  const left: Counts = {};
  const last: Counts = {};
  const server = createServer(async (request, response) => {
    if (request.url === '/left' || request.url === '/last') {
      const counts = JSON.parse(await text(request)) as Counts;
      if (request.url === '/left') Object.assign(left, counts);
      // Beacons may overtake one another.
      for (const [name, count] of Object.entries(counts)) if (count.read >= (last[name]?.read ?? 0)) last[name] = count;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><title>${request.url}</title><link rel="icon" href="data:,"><script>${SCRIPT}</script>`);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    otherUrl: `http://127.0.0.1:${port}`,
    left,
    last,
    async close() {
      const closed = new Promise((resolve) => { server.close(resolve); });
      server.closeAllConnections();
      await closed;
    },
  };
}

export function countsOf(page: Page | Frame): Promise<Counts> {
  return page.evaluate(() => (window as unknown as CountedWindow).counts);
}

/** Leaves the page, by itself, in the task in which every running call has read so many bytes more. */
export function leaveAfterMore(page: Page, bytes: number, how: 'reload' | 'away' | 'bindingLeave'): Promise<void> {
  return page.evaluate((bytes, how) => {
    const own = window as unknown as CountedWindow & { bindingLeave(): void };
    own.afterMore(bytes, { reload: () => location.reload(), away: () => location.assign('/elsewhere'), bindingLeave: own.bindingLeave }[how]);
  }, bytes, how);
}

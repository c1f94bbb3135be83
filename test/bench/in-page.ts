/**
 * What runs inside the bench's pages. The functions are sent there as text by puppeteer: each must stand alone.
 */
/* oxlint-disable unicorn/consistent-function-scoping -- nothing outside a function goes along with it */

/** One job: does its work `times` times and answers the units of work done and the ms it took. */
export type Job = 'get' | 'post' | 'bareGet' | 'barePost' | 'json' | 'text' | 'madeStream' | 'networkStream';
interface Done { units: number; ms: number }
type Jobs = Record<Job, (times: number) => Promise<Done>>;
declare global {
  interface Window { benchJobs: Jobs }
}

/**
 * Before any other script, the extension's too: below the fetch that the extension finds, puts one that answers calls
 * to `/made/` without the network: chat completions with a stream made in the page, all others with a promise that is
 * there already. Only so does a reader get exactly the chunks of the bench one by one, and only so is the cost of one
 * check visible at all beside a call of a millisecond. The stream is a byte stream, as the bodies of the network are.
 */
export function answerInPage(frames: string[], chunks: number): void {
  const native = window.fetch;
  const ready = Promise.resolve(new Response('ok'));
  const encoder = new TextEncoder();
  const parts = frames.map((frame) => encoder.encode(frame));
  window.fetch = function fetch(this: unknown, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    if (typeof input !== 'string' || !input.startsWith('/made/')) return native.call(this, input, init);
    if (!input.endsWith('/chat/completions')) return ready;
    let left = chunks;
    const body = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        const part = left-- > 0 ? parts[left % parts.length] : undefined;
        if (part) controller.enqueue(part.slice());
        else controller.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  };
}

/** Defines `window.benchJobs` once, so that every turn runs the same compiled code. */
export function defineJobs(): void {
  const headers = { 'content-type': 'application/json' };
  // As every client of a model API sends it; a secret must be kept out of all that is recorded.
  const keyed = { ...headers, authorization: 'Bearer sk-bench-3f9a1c7e5b2d4860a1b3c5d7e9f02468' };
  const message = { role: 'user', content: 'Write one sentence about a lighthouse, please, and let it be a strange one.' };
  const call = JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'system', content: 'You are a terse poet.' }, message] });
  const streamed = JSON.stringify({ model: 'gpt-5-mini', stream: true, messages: [message] });
  const order = JSON.stringify({ order: 17, lines: Array.from({ length: 12 }, (_, n) => ({ article: `lamp-${n}`, quantity: n, note: 'leave it at the door, please' })) });

  /** Times `once`, run one after the other; it answers how many units of work it did. */
  const timed = (once: () => Promise<number>) => async (times: number): Promise<Done> => {
    let units = 0;
    const start = performance.now();
    for (let n = 0; n < times; n++) units += await once();
    return { units, ms: performance.now() - start };
  };
  /** A thousand calls in one go, answers ignored. */
  const bare = (init?: RequestInit) => timed(async () => { for (let n = 0; n < 1000; n++) void fetch('/made/thing', init); return 1000; });
  const readAll = async (response: Response): Promise<number> => {
    const reader = response.body?.getReader();
    if (!reader) throw new Error('no body');
    let reads = 0;
    while (!(await reader.read()).done) reads++;
    return reads;
  };
  window.benchJobs = {
    get: timed(async () => { await (await fetch('/ping')).text(); return 1; }),
    post: timed(async () => { await (await fetch('/orders', { method: 'POST', headers, body: order })).text(); return 1; }),
    bareGet: bare(),
    barePost: bare({ method: 'POST', headers, body: order }),
    json: timed(async () => { await (await fetch('/v1/chat/completions', { method: 'POST', headers: keyed, body: call })).json(); return 1; }),
    text: timed(async () => { await (await fetch('/v1/chat/completions', { method: 'POST', headers: keyed, body: call })).text(); return 1; }),
    madeStream: timed(async () => readAll(await fetch('/made/v1/chat/completions', { method: 'POST', headers: keyed, body: streamed }))),
    networkStream: timed(async () => readAll(await fetch('/v1/chat/completions?chunks=2000&pause=0.25', { method: 'POST', headers: keyed, body: streamed }))),
  };
}

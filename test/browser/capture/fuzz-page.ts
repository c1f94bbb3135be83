/** Runs a program in the page, and answers all that the page could see of it. */
import type { Program } from './fuzz-programs.ts';
import type { Seen, Truth } from './fuzz-record.ts';

function pause(ms: number): Promise<void> {
  return new Promise((done) => { setTimeout(done, ms); });
}

function pick<T>(from: T[], on: number): T | undefined {
  return on % 2 ? from.at(-1) : from[(on >> 1) % Math.max(1, from.length)]; // what is new is not used up yet
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? new TextEncoder().encode(value).length : value instanceof Blob ? value.size : (value as Uint8Array).byteLength;
}

function tellBytes(bytes: Uint8Array): string {
  let sum = 0;
  for (const byte of bytes) sum = (sum * 31 + byte) | 0;
  return `${bytes.length} bytes ${sum}`;
}

async function runProgram(program: Program, run: string): Promise<Seen> {
  interface Branch { offset: number }
  type AnyReader = ReadableStreamDefaultReader<unknown> | ReadableStreamBYOBReader;
  const log: Array<{ at: number; label: string; text: string }> = [];
  const truth: Truth = { read: 0, inexact: false, done: false, failed: false, mayCancel: false, aborted: false, unwatched: false, form: false };
  let at = 0;
  const note = (label: string, text: string): void => { log.push({ at, label, text }); };

  // ---- telling values and errors apart -------------------------------------------------------------------------------
  const seenErrors = new Map<object, Set<string>>();
  const tellError = (error: unknown, label: string): string => {
    if (error === null || typeof error !== 'object') return `throws ${String(error)}`;
    if (!seenErrors.has(error)) seenErrors.set(error, new Set());
    seenErrors.get(error)?.add(label);
    const { name, message } = error as Error;
    return `throws ${Object.prototype.toString.call(error)} ${name}: ${message}`;
  };
  const tell = (value: unknown): string => {
    if (value instanceof ArrayBuffer) return `ArrayBuffer of ${tellBytes(new Uint8Array(value))}`;
    if (ArrayBuffer.isView(value)) return `${value.constructor.name} at ${value.byteOffset} in ${value.buffer.byteLength} of ${tellBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}`;
    if (value instanceof Blob) return `Blob ${value.size} ${value.type}`;
    if (value instanceof FormData) return `FormData ${[...value].length}`;
    if (typeof value === 'string') return value.length < 80 ? JSON.stringify(value) : `text ${value.length} ${tellBytes(new TextEncoder().encode(value))}`;
    if (value !== null && typeof value === 'object' && 'done' in value) return `{ ${String(value.done)}, ${'value' in value ? tell(value.value) : ''} } ${Object.keys(value).join()}`;
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return JSON.stringify(value);
    return Object.prototype.toString.call(value);
  };
  // ---- what the page has in its hands ---------------------------------------------------------------------------------
  const responses: Response[] = [];
  const streams: ReadableStream[] = [];
  const readers: AnyReader[] = [];
  const iterators: ReadableStreamAsyncIterator<unknown>[] = [];
  const stop = new AbortController();
  let pipeStop = new AbortController();
  /** where each way to the body has come to; none for what is not the body itself (the far end of a pipe) */
  const branches = new Map<object, Branch>();
  const rewrapped = new Set<object>();
  const left = new Set<object>();
  const stepping = new Set<object>();
  const got = (of: object, size: number): void => {
    const branch = branches.get(of);
    if (!branch) return;
    branch.offset += size;
    truth.read = Math.max(truth.read, branch.offset);
  };
  const onRead = (of: object, label: string) => (read: { done: boolean; value?: unknown }): void => {
    note(`order of ${readers.indexOf(of as AnyReader)} ${iterators.indexOf(of as never)}`, label);
    if (read.value !== undefined) got(of, sizeOf(read.value));
    if (read.done && branches.has(of) && !left.has(of)) truth.done = true; // after return() that says nothing of the body
  };
  const give = (to: object, branch: Branch | undefined): void => { if (branch) branches.set(to, branch); };

  /** Notes what a call returns or throws, and how its promise settles. */
  const act = (label: string, call: () => unknown, ok: (value: never) => void = () => {}, loose = false): void => {
    let value: unknown;
    try { value = call(); } catch (error) {
      note(label, tellError(error, label));
      return;
    }
    if (!(value instanceof Promise)) {
      ok(value as never);
      note(label, `returns ${tell(value)}`);
      return;
    }
    if (loose) {
      truth.inexact = true;
      note(label, 'is let go');
      return;
    }
    value.then((settled) => {
      ok(settled as never);
      note(label, `resolves to ${tell(settled)}`);
    }, (error: unknown) => {
      // Of a body that has failed a cancel tells, too: but nobody reads it then.
      if (!label.includes('cancel') && (error === reason || (error instanceof TypeError && error.message === 'network error'))) truth.failed = true;
      note(label, tellError(error, label));
    });
  };

  const onUnhandled = (event: Event): void => {
    event.preventDefault();
    note(event.type, tellError((event as PromiseRejectionEvent).reason, event.type));
  };
  for (const type of ['unhandledrejection', 'rejectionhandled']) addEventListener(type, onUnhandled);
  const control = async (deed: string): Promise<string> => (await fetch(`/?case=control&run=${run}&do=${deed}`)).text();
  const reason = new RangeError('enough');

  const first = await fetch(`/v1/chat/completions?case=fuzz&run=${run}`, { method: 'POST', body: '{"model":"m","messages":[]}', signal: stop.signal });
  responses.push(first);
  branches.set(first, { offset: 0 });

  const deeds: Record<string, (on: number, how: number, label: string, loose: boolean) => unknown> = {
    send: () => control('send'), finish: () => control('finish'), cut: () => control('cut'),
    abort(_on, _how, label) {
      truth.aborted = true;
      act(label, () => { stop.abort(reason); });
    },
    abortPipe(_on, how, label) {
      act(label, () => { pipeStop.abort(new SyntaxError(`pipe ${how}`)); });
      pipeStop = new AbortController();
    },
  };
  /** A deed on one object of a kind; nothing while there is none. */
  const on = <T extends object>(name: string, from: T[], deed: (of: T, how: number, label: string, loose: boolean) => void): void => {
    deeds[name] = (index, how, label, loose) => {
      const of = pick(from, index);
      if (of) deed(of, how, label, loose);
    };
  };
  const addStream = (stream: ReadableStream, branch: Branch | undefined): void => {
    if (!streams.includes(stream)) streams.push(stream);
    give(stream, branch);
  };

  for (const name of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const) {
    on(name, responses, (response, _how, label, loose) => {
      // Of these the record may say less: the bytes of the wire are not to be had.
      if (rewrapped.has(response) || name === 'formData' || name === 'json' || name === 'blob') truth.unwatched = true;
      if (name === 'formData') truth.form = true;
      act(label, () => response[name](), (value: unknown) => {
        got(response, name === 'formData' ? 0 : sizeOf(name === 'json' ? JSON.stringify(value) : value));
        truth.done = true;
      }, loose);
    });
  }
  on('body', responses, (response, _how, label) => {
    act(label, () => response.body === response.body);
    if (response.body) addStream(response.body, rewrapped.has(response) ? undefined : branches.get(response));
  });
  on('textStream', responses, (response, _how, label) => {
    if (rewrapped.has(response)) truth.unwatched = true;
    act(label, () => (response as unknown as { textStream(): ReadableStream }).textStream(), (text: ReadableStream) => { addStream(text, rewrapped.has(response) ? undefined : branches.get(response)); });
  });
  on('clone', responses, (response, _how, label) => {
    if (rewrapped.has(response)) truth.unwatched = true;
    act(label, () => response.clone(), (copy: Response) => {
      responses.push(copy);
      const branch = branches.get(response);
      if (rewrapped.has(response)) rewrapped.add(copy);
      else give(copy, branch && { ...branch });
    });
  });
  on('rewrap', streams, (stream, _how, label) => {
    act(label, () => new Response(stream), (response: Response) => { if (rewrapped.add(response)) responses.push(response); });
  });
  on('foreignText', responses, (response, _how, label) => { truth.unwatched = true; act(label, () => Response.prototype.text.call(response)); });

  // ---- streams ------------------------------------------------------------------------------------------------------
  const addReader = (stream: ReadableStream) => (reader: AnyReader): void => {
    readers.push(reader);
    give(reader, branches.get(stream));
  };
  on('getReader', streams, (stream, _how, label) => { act(label, () => stream.getReader(), addReader(stream)); });
  on('getByobReader', streams, (stream, _how, label) => { act(label, () => stream.getReader({ mode: 'byob' }), addReader(stream)); });
  on('constructReader', streams, (stream, _how, label) => {
    truth.unwatched = true;
    act(label, () => new ReadableStreamDefaultReader(stream), (reader: AnyReader) => { readers.push(reader); });
  });
  on('tee', streams, (stream, _how, label) => {
    act(label, () => stream.tee(), (two: ReadableStream[]) => { for (const one of two) addStream(one, branches.has(stream) ? { ...branches.get(stream) } as Branch : undefined); });
  });
  on('cancel', streams, (stream, how, label, loose) => {
    truth.mayCancel = true;
    act(label, () => stream.cancel(how % 2 ? new SyntaxError('no more') : undefined), undefined, loose);
  });
  on('values', streams, (stream, how, label) => {
    act(label, () => how % 3 === 0 ? stream[Symbol.asyncIterator]() : stream.values({ preventCancel: how % 3 === 1 }), (iterator: ReadableStreamAsyncIterator<unknown>) => {
      iterators.push(iterator);
      give(iterator, branches.get(stream));
    });
  });
  on('forAwait', streams, (stream, how, label) => {
    truth.mayCancel = true;
    act(label, async () => {
      let left = how % 4;
      for await (const chunk of stream.values({ preventCancel: how % 8 > 3 })) {
        got(stream, sizeOf(chunk));
        note(label, `is given ${tell(chunk)}`);
        if (left-- === 0) return 'left';
      }
      if (branches.has(stream)) truth.done = true;
      return 'end';
    });
  });
  on('pipeTo', streams, (stream, how, label, loose) => {
    truth.inexact = truth.mayCancel = true;
    let writes = 0;
    const sink = new WritableStream({
      write(chunk) {
        got(stream, sizeOf(chunk));
        note(`${label} sink`, tell(chunk));
        if (how % 3 === 1 && writes++ === 1) throw new SyntaxError('full');
        return how % 3 === 2 && writes++ === 1 ? new Promise(() => {}) : undefined;
      },
      close() { note(`${label} sink`, 'close'); },
      abort(error) { note(`${label} sink`, tellError(error, `${label} sink`)); },
    }, { highWaterMark: how % 4 });
    act(label, () => stream.pipeTo(sink, { preventClose: !!(how & 16), preventAbort: !!(how & 32), preventCancel: !!(how & 64), signal: how & 128 ? pipeStop.signal : undefined }), () => { if (branches.has(stream)) truth.done = true; }, loose);
  });
  on('pipeThrough', streams, (stream, how, label) => {
    truth.inexact = truth.mayCancel = true;
    const transform = new TransformStream({}, { highWaterMark: how % 3 }, { highWaterMark: (how >> 2) % 2 });
    act(label, () => stream.pipeThrough(transform, { preventClose: !!(how & 16), preventAbort: !!(how & 32), preventCancel: !!(how & 64), signal: how & 128 ? pipeStop.signal : undefined }), (out: ReadableStream) => { streams.push(out); });
  });

  // ---- readers and iterators ----------------------------------------------------------------------------------------
  const read = (reader: AnyReader, label: string): void => { act(label, () => (reader as ReadableStreamDefaultReader<unknown>).read(), onRead(reader, label)); };
  on('read', readers, (reader, _how, label) => { read(reader, label); });
  on('readTwice', readers, (reader, _how, label) => { for (let i = 0; i < 2; i++) read(reader, label); });
  on('readInto', readers, (reader, how, label) => {
    const view = how % 9 === 0 ? new Uint8Array(0) : how % 3 === 0 ? new Uint16Array(1 + how % 50) : how % 3 === 1 ? new DataView(new ArrayBuffer(80), 3, 1 + how % 40) : new Uint8Array(1 + how % 3000);
    act(label, () => (reader as ReadableStreamBYOBReader).read(view as Uint8Array<ArrayBuffer>), onRead(reader, label));
  });
  on('readOn', readers, (reader, _how, label) => {
    act(label, async () => {
      for (let done = false, i = 0; !done && i < 200; i++) {
        const chunk = await (reader instanceof ReadableStreamBYOBReader ? reader.read(new Uint8Array(900)) : reader.read());
        onRead(reader, label)(chunk);
        ({ done } = chunk);
      }
    });
  });
  on('closed', readers, (reader, _how, label, loose) => { act(label, () => reader.closed, undefined, loose); });
  on('releaseLock', readers, (reader, _how, label) => { act(label, () => { reader.releaseLock(); }); });
  on('cancelReader', readers, (reader, how, label, loose) => {
    truth.mayCancel = true;
    act(label, () => reader.cancel(how % 2 ? new SyntaxError('no more') : undefined), undefined, loose);
  });
  const next = (iterator: ReadableStreamAsyncIterator<unknown>, label: string): void => {
    act(label, () => stepping.add(iterator) && iterator.next(), (read: { done: boolean; value?: unknown }) => {
      stepping.delete(iterator);
      onRead(iterator, label)(read);
    });
  };
  on('next', iterators, (iterator, _how, label) => { next(iterator, label); });
  on('nextTwice', iterators, (iterator, _how, label) => { for (let i = 0; i < 2; i++) next(iterator, label); });
  const leave = (iterator: ReadableStreamAsyncIterator<unknown>, how: number, label: string, loose: boolean): void => {
    if (stepping.has(iterator)) return; // Chromium 156 may not come back once a return() waits for a next()
    left.add(iterator);
    truth.mayCancel = true;
    act(label, () => (iterator.return as (value?: unknown) => Promise<unknown>)(how % 2 ? 'value' : undefined), undefined, loose);
  };
  on('return', iterators, leave);

  // ---- the program --------------------------------------------------------------------------------------------------
  const state = (): void => {
    note('state', [...responses.map((r) => `${r.bodyUsed} ${r.body?.locked}`), ...streams.map((s) => s.locked)].join());
  };
  for (const step of program.steps) {
    at++;
    const label = `${at} ${step.do}`;
    const done = deeds[step.do]?.(step.on, step.how, label, step.loose);
    if (done instanceof Promise) await done;
    await pause(3);
    state();
  }
  at++;
  await pause(20);
  note('server', await control('state'));
  state();
  at++;
  await control('cut');
  await pause(10);
  state();
  for (const type of ['unhandledrejection', 'rejectionhandled']) removeEventListener(type, onUnhandled);

  // Within one step only the order of what happened to one object is the platform's promise to the page.
  log.sort((a, b) => a.at - b.at || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  return {
    log: log.map(({ at: step, label, text }) => `at ${step}, ${label}: ${text}`),
    same: [...seenErrors.values()].map((labels) => [...labels].toSorted().join()).toSorted(),
    truth,
  };
}

/** All of it, as a script of the page. */
export const PAGE_SCRIPT = [pause, pick, sizeOf, tellBytes, runProgram].map(String).join('\n');

/**
 * pipeTo and pipeThrough. Native pipes read inside the engine, so a pass-through stands between: it holds nothing
 * (highWaterMark 0), reads one chunk for each pull of the native pipe, passes cancel on with its reason, and forwards close
 * and error as soon as the body's reader tells of them, not at the next pull.
 *
 * A native pipe disturbs the body at once, and reads at once if the sink has room. With room we read at once as well;
 * without, an already aborted native pipe disturbs the body and hands the lock back a few microtasks later.
 */
import { onCancel, onChunk, onDone, onError, touch, type Branch } from './branches.ts';
import { aborted, abortedSignal, apply, argument, attempt, bare, closeController, enqueue, errorController, getWriter, isObject, nativeGetReader, nativePipeThrough, nativePipeTo, nativeThen, NativeSink, NativeStream, passes, readerCancel, readerClosed, readerRead, readerRelease, sinkLocked, streamLocked, writerDemand, writerRelease } from './natives.ts';
import type { Hook } from './overlay.ts';
import { call, derive, nothing, refused, watch } from './promises.ts';

interface PipeOptions { preventAbort?: unknown; preventCancel?: unknown; preventClose?: unknown; signal?: unknown }
interface Read { done: boolean; value: unknown }
interface PassThrough { source: ReadableStream; release: () => void }

const then = (promise: unknown, ok: (value: never) => unknown, failed?: (error: unknown) => unknown): unknown => apply(nativeThen, promise, [ok, failed]);

function hasRoom(sink: unknown, signal: unknown): boolean {
  if (signal && aborted(signal)) return false;
  const writer = getWriter(sink);
  try { return (writerDemand(writer) ?? 0) > 0; } finally { writerRelease(writer); }
}

const disturb = (stream: unknown): unknown => apply(nativePipeTo, stream, [new NativeSink(), bare({ preventCancel: true, preventAbort: true, signal: abortedSignal })]);

function passThrough(stream: unknown, branch: Branch, sink: unknown, signal: unknown): PassThrough {
  let reader: unknown;
  let controller: ReadableStreamDefaultController | undefined;
  /** until the disturbing pipe has let the body go */
  let ready: unknown;
  /** the read made at once */
  let first: unknown;
  let reading = false;
  let ended: (() => void) | undefined;
  let over = false;
  let broken = false;

  const close = (): void => {
    if (over) return;
    over = true;
    onDone(branch);
    closeController(controller);
  };
  const fail = (error: unknown): void => {
    broken = true;
    if (over) return;
    over = true;
    onError(branch, error);
    errorController(controller, error);
  };
  const end = (how: () => void): void => {
    if (reading || first) ended = how;
    else how();
  };
  /** The first read's rejection is nobody's business. */
  const dropFirst = (): void => {
    if (first) watch(first, nothing, nothing);
    first = undefined;
  };
  const take = (): void => {
    if (over) return;
    reader = apply(nativeGetReader, stream, []);
    watch(readerClosed(reader), () => { end(close); }, (error) => { dropFirst(); fail(error); });
  };
  const onRead = (read: Read): void => {
    reading = false;
    if (read.done) close();
    else if (!over) {
      onChunk(branch, read.value);
      enqueue(controller, read.value);
      ended?.();
    }
  };
  const pull = (): unknown => {
    const read = first ?? readerRead(reader);
    first = undefined;
    reading = true;
    return then(read, onRead, fail);
  };
  const release = (): void => {
    over = true;
    dropFirst();
    if (reader) attempt(readerRelease, reader);
  };
  // A native pipe does not cancel a body that has failed.
  const unlessBroken = (error: unknown): void => { if (!broken) throw error; };
  const cancel = (reason: unknown): unknown => {
    over = true;
    onCancel(branch);
    return then(readerCancel(reader, reason), release, unlessBroken);
  };

  const source = new NativeStream(bare({
    start(given: ReadableStreamDefaultController) { controller = given; },
    pull: () => ready ? then(ready, pull) : pull(),
    cancel: (reason: unknown) => ready ? then(ready, () => cancel(reason)) : cancel(reason),
  }) as UnderlyingDefaultSource, bare({ highWaterMark: 0 }));

  if (attempt(() => hasRoom(sink, signal), undefined)) {
    take();
    first = readerRead(reader);
  } else {
    ready = then(disturb(stream), nothing, () => { ready = undefined; take(); });
    watch(ready, nothing, nothing);
  }
  return { source, release };
}

/** The options in the standard's order, each read once. */
const readOptions = (given: PipeOptions | null | undefined): PipeOptions => given === undefined || given === null ? bare({})
  : bare({ preventAbort: given.preventAbort, preventCancel: given.preventCancel, preventClose: given.preventClose, signal: given.signal });

const isRefusable = (options: unknown): boolean => options !== undefined && options !== null && !isObject(options);

/** What the native pipe would refuse is left to it. */
const accepted = (stream: unknown, sink: unknown, options: PipeOptions): boolean =>
  !streamLocked(stream) && !sinkLocked(sink) && (options.signal === undefined || passes(aborted, options.signal));

export const pipeTo: Hook<Branch> = (branch, fn, self, args) => {
  const sink = argument(args, 0);
  const given = argument(args, 1);
  if (fn !== nativePipeTo || !passes(sinkLocked, sink) || isRefusable(given)) return refused(fn, self, args);
  let options: PipeOptions;
  try { options = readOptions(given as PipeOptions); } catch (error) {
    // The native reads its options itself, and rejects with what a getter threw: once, not twice.
    return refused(fn, self, [sink, bare({ get preventAbort(): never { throw error; } })]);
  }
  if (!accepted(self, sink, options)) return refused(fn, self, [sink, options]);
  touch(branch);
  const { source, release } = passThrough(self, branch, sink, options.signal);
  return derive(call(fn, source, [sink, options]), release, release);
};

export const pipeThrough: Hook<Branch> = (branch, fn, self, args) => {
  const pair = argument(args, 0);
  const given = argument(args, 1);
  if (fn !== nativePipeThrough || !isObject(pair) || isRefusable(given)) return call(fn, self, args);
  const { readable } = pair as { readable?: unknown };
  if (!passes(streamLocked, readable)) return call(fn, self, [bare({ readable })]);
  const { writable } = pair as { writable?: unknown };
  if (!passes(sinkLocked, writable)) return call(fn, self, [bare({ readable, writable })]);
  const options = readOptions(given as PipeOptions);
  if (!accepted(self, writable, options)) return call(fn, self, [bare({ readable, writable }), options]);
  touch(branch);
  const { source, release } = passThrough(self, branch, writable, options.signal);
  watch(apply(nativePipeTo, source, [writable, options]), release, release); // handled, as the standard says
  return readable;
};

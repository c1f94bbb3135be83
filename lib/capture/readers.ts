/**
 * Readers and iterators of recorded bodies.
 *
 * A reader's `closed` promise is marked as handled by the streams standard, so watching it disturbs nothing. It tells of an
 * end the app never reads up to, and sets real stream errors apart from refused reads (released reader, bad BYOB view). A byte
 * stream settles `closed` before the read that takes its last chunk, hence the count of reads under way.
 */
import { onCancel, onChunk, onDone, onError, touch, type Branch } from './branches.ts';
import { argument, byobClosed, ByobP, isObject, IteratorP, peek, readerClosed, ReaderP, weakMap, type Fn } from './natives.ts';
import { overlay, tag, type Hook } from './overlay.ts';
import { call, derivation, derive, nothing, refused, watch } from './promises.ts';
import { strip } from './error-stacks.ts';

interface ReaderState {
  readonly branch: Branch;
  released: boolean;
  /** how many reads are under way */
  reading: number;
  ended: (() => void) | undefined;
  closed: (reader: unknown) => unknown;
  /** observes one read; the same for all, since streams are read thousands of times */
  observe: (promise: unknown) => unknown;
}
interface Read { done: boolean; value: unknown }

const preventsCancel = weakMap<object, unknown>();

function settle(state: ReaderState): void {
  if (--state.reading === 0 && state.ended) state.ended();
}

const hooks = (): Record<string, Hook<ReaderState>> => ({
  read(state, fn, self, args) {
    state.reading++;
    let promise: unknown;
    try { promise = call(fn, self, args); } catch (error) { settle(state); throw error; }
    return state.observe(promise);
  },
  cancel(state, fn, self, args) {
    if (state.released) return refused(fn, self, args);
    onCancel(state.branch);
    return call(fn, self, args);
  },
  releaseLock(state, fn, self, args) {
    state.released = true;
    const result = call(fn, self, args);
    watch(state.closed(self), nothing, strip); // may be a new promise, its error made just now
    return result;
  },
});

const READER = overlay(ReaderP, hooks());
const BYOB = overlay(ByobP, hooks());

/** A reader the page took from a recorded body. */
export function recordReader(reader: unknown, branch: Branch): unknown {
  if (!isObject(reader)) return reader;
  const observe = derivation((read: Read) => {
    if (read.value !== undefined) onChunk(branch, read.value);
    settle(state);
  }, () => { settle(state); });
  const state: ReaderState = { branch, released: false, reading: 0, ended: undefined, closed: readerClosed, observe };
  if (tag(reader, BYOB, state)) state.closed = byobClosed;
  else if (!tag(reader, READER, state)) return reader;
  touch(branch);
  const end = (how: () => void): void => {
    if (state.reading > 0) state.ended = how;
    else how();
  };
  watch(state.closed(reader), () => { end(() => { onDone(branch); }); }, (error) => {
    if (state.released) strip(error);
    else end(() => { onError(branch, error); });
  });
  return reader;
}

const ITERATOR = overlay<Branch>(IteratorP, {
  next: (branch, fn, self, args) => derive(call(fn, self, args), (read: Read) => {
    if (read.done) onDone(branch);
    else onChunk(branch, read.value);
  }, (error) => { onError(branch, error); }),
  return(branch, fn, self, args) {
    tag(self, ITERATOR, { ...branch, cancelled: true }); // from now on it is at an end, whatever becomes of the body
    // The body is cancelled after the steps under way, whose chunks the page still gets; its end says nothing any more.
    const cancels = !branch.cancelled && !preventsCancel.get(self);
    branch.cancelled ||= cancels;
    return derive(call(fn, self, args), () => {
      if (!cancels) return;
      branch.cancelled = false;
      onCancel(branch);
    }, (error) => { onError(branch, error); });
  },
});

/** values() and for await. */
export const iterate: Hook<Branch> = (branch, fn: Fn, self, args) => {
  const iterator = call(fn, self, args);
  touch(branch);
  const options = argument(args, 0);
  if (isObject(iterator) && tag(iterator, ITERATOR, branch)) preventsCancel.set(iterator, isObject(options) && peek(options, 'preventCancel'));
  return iterator;
};

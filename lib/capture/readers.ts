/**
 * Readers and iterators of recorded bodies.
 *
 * A reader's `closed` promise is marked as handled by the streams standard, so watching it disturbs nothing. It tells of an
 * end the app never reads up to, and sets real stream errors apart from refused reads (released reader, bad BYOB view). A byte
 * stream settles `closed` before the read that takes its last chunk, hence the count of reads under way.
 */
import { branches, onCancel, onChunk, onDone, onError, touch, type Branch } from './branches.ts';
import { argument, byobClosed, ByobP, getPrototypeOf, isObject, IteratorP, peek, readerClosed, ReaderP, weakMap, type Fn } from './natives.ts';
import { overlay, tag, type Hook, type Overlay } from './overlay.ts';
import { call, derivation, derive, nothing, refused, watch } from './promises.ts';
import { strip } from './error-stacks.ts';

interface ReaderState {
  released: boolean;
  reading: number;
  ended: (() => void) | undefined;
  closed: (reader: unknown) => unknown;
  /** observes one read; the same for all, since streams are read thousands of times */
  observe: (promise: unknown) => unknown;
}
interface Read { done: boolean; value: unknown }

const states = weakMap<object, ReaderState>();
const preventsCancel = weakMap<object, boolean>();

function settle(state: ReaderState): void {
  if (--state.reading === 0 && state.ended) state.ended();
}

const hooks = (): Record<string, Hook> => ({
  read(_branch, fn, self, args) {
    const state = states.get(self);
    if (!state) return refused(fn, self, args);
    state.reading++;
    let promise: unknown;
    try { promise = call(fn, self, args); } catch (error) { settle(state); throw error; }
    return state.observe(promise);
  },
  cancel(branch, fn, self, args) {
    if (states.get(self)?.released !== false) return refused(fn, self, args);
    onCancel(branch);
    return call(fn, self, args);
  },
  releaseLock(_branch, fn, self, args) {
    const state = states.get(self);
    if (state) state.released = true;
    const result = call(fn, self, args);
    if (state) watch(state.closed(self), nothing, strip); // may be a new promise, its error made just now
    return result;
  },
});

const READER = overlay(ReaderP, hooks());
const BYOB = overlay(ByobP, hooks());

/** A reader the page took from a recorded body. */
export function recordReader(reader: unknown, branch: Branch): unknown {
  if (!isObject(reader)) return reader;
  tag(tag(reader, READER, branch), BYOB, branch);
  if (!branches.get(reader)) return reader;
  touch(branch);
  const closed = getPrototypeOf(reader) === BYOB.proto ? byobClosed : readerClosed;
  const observe = derivation((read: Read) => {
    if (read.value !== undefined) onChunk(branch, read.value);
    settle(state);
  }, () => { settle(state); });
  const state: ReaderState = { released: false, reading: 0, ended: undefined, closed, observe };
  states.set(reader, state);
  const end = (how: () => void): void => {
    if (state.reading > 0) state.ended = how;
    else how();
  };
  watch(closed(reader), () => { end(() => { onDone(branch); }); }, (error) => {
    if (state.released) strip(error);
    else end(() => { onError(branch, error); });
  });
  return reader;
}

const ITERATOR: Overlay = overlay(IteratorP, {
  next: (branch, fn, self, args) => derive(call(fn, self, args), (read: Read) => {
    if (read.done) onDone(branch);
    else onChunk(branch, read.value);
  }, (error) => { onError(branch, error); }),
  return(branch, fn, self, args) {
    tag(self, ITERATOR, { ...branch, cancelled: true }); // from now on it is at an end, whatever becomes of the body
    // The body is cancelled after the steps under way.
    return derive(call(fn, self, args), () => { if (preventsCancel.get(self) !== true) onCancel(branch); }, (error) => { onError(branch, error); });
  },
});

/** values() and for await. */
export const iterate: Hook = (branch, fn: Fn, self, args) => {
  const iterator = call(fn, self, args);
  touch(branch);
  const options = argument(args, 0);
  if (isObject(iterator)) preventsCancel.set(iterator, isObject(options) && !!peek(options, 'preventCancel'));
  return tag(iterator, ITERATOR, branch);
};

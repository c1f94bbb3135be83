/**
 * Which of the page's objects (Response, body, reader, iterator) belong to which recording. A branch is one way to read a
 * body; clone() and tee() make more of them.
 */
import { pageLimits as limits } from '../model/page-limits.ts';
import { bodyUsed, bytesOf, getPrototypeOf, isObject, peek, registerForCollection, toUtf8, U8, U8P, viewBuffer, viewLength, viewOffset, type Bytes } from './natives.ts';
import type { Recording } from './recording.ts';

export interface Branch {
  readonly recording: Recording;
  /** kept alive by the page's objects only: when it is collected they are gone */
  readonly alive: object;
  /** bytes of the body read by this branch */
  position: number;
  cancelled: boolean;
  /** the Response whose body this is; undefined for the branches of the page's own tee */
  readonly response: object | undefined;
  /** we have seen this branch being read */
  touched: boolean;
}

/** All of the page's objects of an exchange are gone. */
const collection = new FinalizationRegistry<Recording>((recording) => { recording.breakOff(recording.bodyTaken && !recording.high ? 'unobserved' : 'unread'); });

export function firstBranch(recording: Recording, response: object): Branch {
  const alive = {};
  registerForCollection(collection, alive, recording);
  return { recording, alive, position: 0, cancelled: false, response, touched: false };
}

/** Another way to read on from where `branch` is. */
export function branchOff(branch: Branch, response?: object): Branch {
  branch.recording.open++;
  return { ...branch, response };
}

/** The page has this chunk: a view of bytes, or text of a textStream. */
export function onChunk(branch: Branch, value: unknown): void {
  const { recording } = branch;
  try {
    const bytes = typeof value === 'string' ? toUtf8(value) : getPrototypeOf(value as object) === U8P ? value as Bytes : bytesOf(value);
    const size = viewLength(bytes);
    const start = branch.position;
    branch.position = start + size;
    if (recording.ended || branch.position <= recording.high) return; // told already, by another branch
    const skip = recording.high - start;
    const fresh = skip === 0 ? bytes : new U8(viewBuffer(bytes) as ArrayBuffer, viewOffset(bytes) + skip, size - skip);
    recording.readBytes(recording.high < limits.bodyBytes ? fresh : undefined, size - skip);
  } catch { recording.end('unobserved'); }
}

export function onDone(branch: Branch): void {
  if (!branch.cancelled) branch.recording.end('complete');
}

/** Nothing more comes by this branch. Only when none is left has that ended the exchange. */
function wasLast(branch: Branch): boolean {
  if (branch.cancelled) return false;
  branch.cancelled = branch.touched = true;
  return --branch.recording.open === 0;
}

export function onCancel(branch: Branch): void {
  if (wasLast(branch)) branch.recording.breakOff('cancelled');
}

/** The page has the whole body, and we have none of it. */
export function onUnseen(branch: Branch, error?: unknown): void {
  if (wasLast(branch)) branch.recording.end('unobserved', error);
}

/** The body failed; or json() did, which had read all of it. */
export function onError(branch: Branch, error: unknown): void {
  if (isObject(error) && peek(error, 'name') === 'SyntaxError') onUnseen(branch, error);
  else branch.recording.breakOff('cut', error);
}

/** To be called before a branch is read. A body that was read before, and not by us, was read by means we do not watch:
 *  what follows would have wrong offsets. */
export function touch(branch: Branch): void {
  if (!branch.touched && branch.response && bodyUsed(branch.response)) branch.recording.end('unobserved');
  branch.touched = true;
}

/**
 * Takes our own frames out of the stacks of errors that the page gets to see. Our frames are known by the script's name
 * and by lying between the first and the last place of our code in it, since the name may be shared (`<anonymous>`, see
 * wxt.config.ts). Only the run of them at the top is cut; engine frames, which have no place, may precede. The error
 * stays the same object. A stack is left alone while the page has an Error.prepareStackTrace, or its own `stack`.
 */
import { apply, defineProperty, getOwnPropertyDescriptor, bare, isObject, lastIndexOf, placeOf, slice, toNumber } from './natives.ts';
import { firstStack } from './own-script.ts';

interface Place { file: string; /** grows with line and column */ at: number }

/** Columns are fewer. */
const LONGEST_LINE = 1e9;
const NativeError = Error;
const isError: (value: unknown) => boolean = NativeError.isError;
const sample = new NativeError();
/** An accessor of every error of its own in new Chromium, data in older. */
const nativeStack = getOwnPropertyDescriptor(sample, 'stack');
const from = firstPlace(firstStack);
let to: Place | undefined;

/** Called where our code ends. Until then no stack is touched. */
export function endOfOwnScript(stack: string | undefined): void {
  to = firstPlace(stack);
}

/** The same error, without our frames at the top of its stack. Never throws. */
export function strip(error: unknown): unknown {
  try {
    if (!to || !isObject(error) || !isError(error) || typeof getOwnPropertyDescriptor(NativeError, 'prepareStackTrace')?.value === 'function') return error;
    const stackProperty = getOwnPropertyDescriptor(error, 'stack');
    if (!stackProperty || stackProperty.get !== nativeStack?.get) return error;
    const stack: unknown = stackProperty.get ? apply(stackProperty.get, error, []) : stackProperty.value;
    const kept = typeof stack === 'string' ? withoutOwnFrames(stack) : undefined;
    if (kept === undefined) return error;
    if (stackProperty.set) apply(stackProperty.set, error, [kept]);
    else defineProperty(error, 'stack', bare({ value: kept }));
  } catch { /* leave it as it is */ }
  return error;
}

function withoutOwnFrames(stack: string): string | undefined {
  let cutFrom = -1;
  let at = 0;
  while (at < stack.length) {
    const end = placeOf(stack, '\n', at);
    const place = placeOfFrame(slice(stack, at, end));
    if (place && isOwn(place)) {
      if (cutFrom < 0) cutFrom = at;
    } else if (cutFrom >= 0) break;
    else if (place) return undefined; // the page's own frame comes first
    at = end + 1;
  }
  if (cutFrom < 0) return undefined;
  return at < stack.length ? slice(stack, 0, cutFrom) + slice(stack, at) : slice(stack, 0, cutFrom > 0 ? cutFrom - 1 : 0);
}

function isOwn(place: Place): boolean {
  return from !== undefined && to !== undefined && place.file === from.file && place.at >= from.at && place.at <= to.at;
}

function firstPlace(stack = ''): Place | undefined {
  for (let at = 0; at < stack.length;) {
    const end = placeOf(stack, '\n', at);
    const place = placeOfFrame(slice(stack, at, end));
    if (place) return place;
    at = end + 1;
  }
  return undefined;
}

/** `    at name (file:line:column)`, `    at file:line:column` (Chromium); no regular expression: RegExp.$1 is the page's. */
function placeOfFrame(frame: string): Place | undefined {
  if (slice(frame, 0, 7) !== '    at ') return undefined;
  const end = slice(frame, -1) === ')' ? frame.length - 1 : frame.length;
  const columnAt = lastIndexOf(frame, ':');
  const lineAt = lastIndexOf(frame, ':', columnAt - 1);
  const open = lastIndexOf(frame, '(', lineAt);
  if (lineAt < 0) return undefined;
  const line = toNumber(slice(frame, lineAt + 1, columnAt));
  const column = toNumber(slice(frame, columnAt + 1, end));
  return line > 0 && column > 0 ? { file: slice(frame, open < 0 ? 7 : open + 1, lineAt), at: line * LONGEST_LINE + column } : undefined;
}

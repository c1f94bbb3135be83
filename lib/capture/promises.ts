/** Seeing how the page's calls and promises turn out, without being seen. */
import { apply, nativeThen } from './natives.ts';
import { strip } from './error-stacks.ts';

export const nothing = (): void => {};

/** A throw of ours inside a promise reaction would be one more unhandledrejection for the page to count. */
const quiet = <T>(callback: (value: T) => void) => (value: T): void => {
  try { callback(value); } catch { /* a fault of ours is never the page's */ }
};

/** Calls what the page meant to call; an error is the same object, without our frames. */
export function call(fn: unknown, self: unknown, args: readonly unknown[]): unknown {
  try { return apply(fn, self, args); } catch (error) { throw strip(error); }
}

/** Observes promises of the page by deriving from them: so the page alone decides whether a rejection is handled. The
 *  price is one microtask. What is no native promise comes back as it is. */
export function derivation<T>(ok: (value: T) => void, failed: (error: unknown) => void): (promise: unknown) => unknown {
  const onValue = (value: T): T => {
    try { ok(value); } catch { /* as above */ }
    return value;
  };
  const onFailure = (error: unknown): never => { quiet(failed)(error); throw strip(error); };
  return (promise) => {
    try { return apply(nativeThen, promise, [onValue, onFailure]); } catch { return promise; }
  };
}

export const derive = <T>(promise: unknown, ok: (value: T) => void, failed: (error: unknown) => void): unknown => derivation(ok, failed)(promise);

/** Subscribes to a promise the page does not hold, or whose rejection the standard has already marked as handled. */
export function watch<T>(promise: unknown, ok: (value: T) => void, failed: (error: unknown) => void): void {
  try { apply(nativeThen, promise, [quiet(ok), quiet(failed)]); } catch { /* not a promise */ }
}

/** The engine will refuse this call: only our frames go. */
export function refused(fn: unknown, self: unknown, args: readonly unknown[]): unknown {
  return derive(call(fn, self, args), nothing, nothing);
}

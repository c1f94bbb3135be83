/**
 * Instance-level prototypes. A recorded object gets a Proxy between itself and its native prototype, which hands out masked
 * methods, for recorded receivers only. So instanceof, key order and own keys stay, and whatever the page does to the
 * native prototype shows through: the mask always stands for the method that the page would have called.
 */
import { branches, type Branch } from './branches.ts';
import { bare, getOwnPropertyDescriptor, getPrototypeOf, isObject, ownKeys, reflectGet, setPrototype, weakMap, type Fn } from './natives.ts';
import { masked } from './masks.ts';
import { refused } from './promises.ts';

/** Stands in for one method of a recorded object: sees to the call of `fn`, the method the page would have called. */
export type Hook = (branch: Branch, fn: Fn, self: object, args: unknown[]) => unknown;

export interface Overlay { readonly base: object; readonly proto: object }

const NativeProxy = Proxy;
const { create } = Object;

export function overlay(base: object, hooks: Record<PropertyKey, Hook>): Overlay {
  bare(hooks);
  const masks = weakMap<Fn, Fn>(); // so that x.read === x.read
  const maskOf = (fn: Fn, hook: Hook): Fn => {
    const known = masks.get(fn);
    if (known) return known;
    const mask = masked(fn, (native, self, args) => {
      const branch = isObject(self) ? branches.get(self) : undefined;
      return branch ? hook(branch, native, self as object, args) : refused(native, self, args);
    });
    masks.set(fn, mask);
    return mask;
  };
  const handler = bare({
    get(target: object, key: PropertyKey, receiver: object): unknown {
      const value: unknown = reflectGet(target, key, receiver);
      if (key === 'body') noteBodyTaken(receiver);
      const hook = hooks[key];
      return hook !== undefined && typeof value === 'function' && branches.get(receiver) ? maskOf(value as Fn, hook) : value;
    },
    // As the native prototype's, so that for-in lists what it would. Configurable, since the target has no such keys.
    ownKeys: () => ownKeys(base),
    getOwnPropertyDescriptor(_target: object, key: PropertyKey): PropertyDescriptor | undefined {
      const found = getOwnPropertyDescriptor(base, key);
      if (found) bare(found).configurable = true;
      return found;
    },
  });
  // The target is not `base` itself: were that frozen by the page, a get trap could not answer with a mask.
  return { base, proto: new NativeProxy(create(base) as object, handler) };
}

function noteBodyTaken(response: object): void {
  const branch = branches.get(response);
  if (branch) branch.recording.bodyTaken = true;
}

/** Makes the object a recorded one. An object whose prototype is not the native one (the page's doing) stays as it is. */
export function tag(object: unknown, kind: Overlay, branch: Branch): unknown {
  if (!isObject(object)) return object;
  const proto = getPrototypeOf(object);
  if (proto === kind.base) setPrototype(object, kind.proto);
  else if (proto !== kind.proto) return object;
  branches.set(object, branch);
  return object;
}

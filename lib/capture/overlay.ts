/**
 * Instance-level prototypes. A recorded object gets a Proxy between itself and its native prototype, which hands out masked
 * methods, for recorded receivers only. So instanceof, key order and own keys stay, and whatever the page does to the
 * native prototype shows through: the mask always stands for the method that the page would have called.
 */
import { bare, getOwnPropertyDescriptor, getPrototypeOf, isObject, ownKeys, reflectGet, setPrototype, weakMap, type Fn, type SafeWeakMap } from './natives.ts';
import { masked } from './masks.ts';
import { refused } from './promises.ts';

/** Stands in for one method of a recorded object, with what is known of that object: sees to the call of `fn`, the method the
 *  page would have called. */
export type Hook<Known> = (known: Known, fn: Fn, self: object, args: unknown[]) => unknown;

export interface Overlay<Known> {
  readonly base: object;
  readonly proto: object;
  /** the recorded objects */
  readonly known: SafeWeakMap<object, Known>;
}

const NativeProxy = Proxy;
const { create } = Object;

/** `onGet` hears of every look at a member of a recorded object, and what it gives. */
export function overlay<Known>(base: object, hooks: Record<PropertyKey, Hook<Known>>, onGet?: (known: Known, key: PropertyKey, value: unknown) => void): Overlay<Known> {
  bare(hooks);
  const known = weakMap<object, Known>();
  /** by key, the mask made last and what it stands for: so that x.read === x.read */
  const natives: Record<PropertyKey, Fn> = bare({});
  const masks: Record<PropertyKey, Fn> = bare({});
  const maskOf = (key: PropertyKey, fn: Fn, hook: Hook<Known>): Fn => {
    if (natives[key] === fn) return masks[key] as Fn;
    natives[key] = fn;
    return masks[key] = masked(fn, (native, self, args) => {
      const found = isObject(self) ? known.get(self) : undefined;
      return found ? hook(found, native, self as object, args) : refused(native, self, args);
    });
  };
  const handler = bare({
    get(target: object, key: PropertyKey, receiver: object): unknown {
      const value: unknown = reflectGet(target, key, receiver);
      const found = known.get(receiver);
      if (!found) return value;
      onGet?.(found, key, value);
      const hook = hooks[key];
      return hook !== undefined && typeof value === 'function' ? maskOf(key, value as Fn, hook) : value;
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
  return { base, proto: new NativeProxy(create(base) as object, handler), known };
}

/** Makes the object a recorded one; false when it cannot be: its prototype is not the native one (the page's doing). */
export function tag<Known>(object: object, kind: Overlay<Known>, known: Known): boolean {
  const proto = getPrototypeOf(object);
  if (proto === kind.base) setPrototype(object, kind.proto);
  else if (proto !== kind.proto) return false;
  kind.known.set(object, known);
  return true;
}

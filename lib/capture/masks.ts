/**
 * What the page can hold of us looks native. Every function of ours that it can reach is a Proxy of the native one: name,
 * length, own keys and "not a constructor" come from there. Only Function.prototype.toString would tell, so that is
 * masked too: without it, error monitors take fetch for patched already and stop instrumenting.
 */
import { bare, defineProperty, getOwnPropertyDescriptor, weakMap, type Fn } from './natives.ts';
import { call } from './promises.ts';

export type Trap = (native: Fn, self: unknown, args: unknown[]) => unknown;

const standsFor = weakMap<object, object>();
const NativeProxy = Proxy;

export function masked(native: Fn, trap: Trap): Fn {
  const mask = new NativeProxy(native, bare({ apply: trap }));
  standsFor.set(mask, native);
  return mask;
}

/** Puts a value in the place of another, with the other's descriptor. */
export function replace(owner: object, key: PropertyKey, value: unknown): void {
  const { writable, enumerable, configurable } = getOwnPropertyDescriptor(owner, key) ?? {};
  defineProperty(owner, key, bare({ value, writable, enumerable, configurable }));
}

/** From here on, asking a mask for its text gives the text of what it stands for. */
export function maskToString(functionPrototype: { toString: unknown }): void {
  replace(functionPrototype, 'toString', masked(functionPrototype.toString as Fn, (native, self, args) =>
    call(native, (typeof self === 'function' && standsFor.get(self)) || self, args)));
}

/**
 * A parsed JSON value as text again, for the record of json(). JSON.stringify asks every object for `toJSON`, which a page may
 * have put on a prototype (Prototype.js did): it would be run by us, see our work and change it. Then, or when the value is
 * the page's own making, we write it ourselves, from own data properties only.
 */
import { ArrayP, getOwnPropertyDescriptor, hasOwn, isArray, ObjectP, ownKeys, stringify } from './natives.ts';

/** JSON.parse makes no deeper ones that a page could still use; a page's own value may have no end. */
const DEEPEST = 500;

/** Undefined when the value cannot be told as JSON. `parsed`: the engine's parser has made it, just now. */
export function jsonText(value: unknown, parsed: boolean): string | undefined {
  try {
    if (parsed && !getOwnPropertyDescriptor(ObjectP, 'toJSON') && !getOwnPropertyDescriptor(ArrayP, 'toJSON')) return stringify(value);
    return write(value, 0);
  } catch { return undefined; }
}

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return stringify(value);
  if (typeof value !== 'object' || depth > DEEPEST) throw undefined; // no Error: that global may be the page's by now
  let text = '';
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) text += (i > 0 ? ',' : '') + write(dataOf(value, i), depth + 1);
    return `[${text}]`;
  }
  const keys = ownKeys(value);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    text += `${i > 0 ? ',' : ''}${stringify(key)}:${write(dataOf(value, key), depth + 1)}`;
  }
  return `{${text}}`;
}

function dataOf(object: object, key: PropertyKey): unknown {
  const found = getOwnPropertyDescriptor(object, key);
  return found && hasOwn(found, 'value') ? found.value : null;
}

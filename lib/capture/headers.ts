/** The headers of a call, in whatever form the page gave them. */
import type { HeaderList } from '../model/record.ts';
import { forEachEntry, forEachHeader, getPrototypeOf, isArray, isObject, list, ObjectP, ownKeys, passes, peek, push } from './natives.ts';

/** Pairs of a Headers object, a Map, an array of pairs or a plain object, without running anything of the page's. */
export function headerList(headers: unknown): HeaderList {
  const pairs = list<readonly [string, string]>();
  if (!isObject(headers)) return pairs;
  const put = (name: unknown, value: unknown): void => {
    if (typeof name === 'string' && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) push(pairs, [name, `${value}`]);
  };
  const isList = isArray(headers);
  // A failed brand check costs an Error with its stack: the likely kinds first.
  const isPlain = isList || getPrototypeOf(headers) === ObjectP;
  const each = (value: unknown, name: unknown): void => { put(name, value); };
  if (!isPlain && (passes((of) => { forEachHeader(of, each); }, headers) || passes((of) => { forEachEntry(of, each); }, headers))) return pairs;
  const keys = ownKeys(headers);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = peek(headers, key);
    if (!isList) put(key, value);
    else if (isObject(value)) put(peek(value, 0), peek(value, 1));
  }
  return pairs;
}

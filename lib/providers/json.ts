/** Looking into JSON whose shape nobody promised: every look gives a value of the asked type or nothing. */

export type JsonObject = Record<string, unknown>;

/** More than any call has; sums of a few, over all calls of a tab, are exact as well. */
const LARGEST_COUNT = 1e10;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
export const objectOf = (value: unknown): JsonObject => isObject(value) ? value : {};
export const listOf = (value: unknown): unknown[] => Array.isArray(value) ? value : [];
export const objectsOf = (value: unknown): JsonObject[] => listOf(value).filter(isObject);
/** a string that says something */
export const textOf = (value: unknown): string | undefined => typeof value === 'string' && value !== '' ? value : undefined;
export const stringOf = (value: unknown): string => typeof value === 'string' ? value : '';
/** a count: whole, not negative, and of a size that can be */
export const countOf = (value: unknown): number | undefined => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_COUNT ? Number(value) : undefined;
/** a position in a list */
export const indexOf = (value: unknown): number | undefined => Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;

const [QUOTE, BACKSLASH, BRACE, BRACKET, LINE_END] = [0x22, 0x5c, 0x7b, 0x5b, 0x0a];

/** How many objects and lists a JSON text, or several in lines, has, as far as `most`. */
export function countParts(text: string, most: number): number {
  let count = 0;
  let inString = false;
  for (let at = 0; at < text.length && count < most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_END) inString = false; // no JSON string goes on past it
    else if (code === QUOTE) inString = !inString;
    else if (inString && code === BACKSLASH) at += 1;
    if (!inString && (code === BRACE || code === BRACKET)) count += 1;
  }
  return count;
}

export function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** JSON text of a parsed value. V8 parses deeper nesting than it writes: such a value is named instead. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return '"(nested too deep to show)"';
  }
}

/** An object without some of its keys. */
export function without(value: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** Later fields over earlier ones, where they say something: counts in streams come in parts and are never summed.
 *  Objects inside are merged too, one level deep. */
export function mergeFields(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([, value]) => value !== null && value !== undefined);
  const merged = said.map(([key, value]) => {
    const before = Object.hasOwn(earlier, key) ? earlier[key] : undefined;
    return [key, isObject(before) && isObject(value) ? { ...before, ...without(value, Object.keys(value).filter((inner) => value[inner] === null)) } : value] as const;
  });
  return { ...earlier, ...Object.fromEntries(merged) };
}

/** A reading of parts of a request, which reads none a second time: requests of one conversation share what they have in common
 *  (parse-request.ts). Nobody may change what it returns. */
export function once<T>(read: (part: JsonObject) => T): (part: JsonObject) => T {
  const known = new WeakMap<JsonObject, { is: T }>();
  return (part) => {
    const told = known.get(part) ?? { is: read(part) };
    known.set(part, told);
    return told.is;
  };
}

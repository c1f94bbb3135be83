/** Which calls are worth recording: by the end of the path and the keys of the JSON body, at any host; or, at an unknown path,
 *  by keys of the outermost object that together say "this is a model call". Data only: see lib/providers/matches.ts. */
import { matches, neverPathEnds } from '../providers/matches.ts';
import { endsWith, includes, indexOf, placeOf, slice, some } from './natives.ts';

/** As the texts that are looked for. A colon may be written `%3A`, as in `models/x%3ArawPredict`. */
const dialects = matches.map(({ pathEnds, bodyKeys, shape }) => ({ pathEnds: [...pathEnds, ...pathEnds.map((end) => end.replace(':', '%3A'))], bodyKeys: bodyKeys.map((key) => `"${key}"`), shape }));

/** The URL's path (absolute or not), without trailing slashes. */
function pathOf(url: string): string {
  const hash = placeOf(url, '#');
  const query = placeOf(url, '?');
  let end = query < hash ? query : hash;
  while (end > 0 && url[end - 1] === '/') end--;
  return slice(url, 0, end);
}

const endsWithOne = (path: string, ends: readonly string[]): boolean => some(ends, (end) => endsWith(path, end));
const hasAll = (text: string, parts: readonly string[]): boolean => !some(parts, (part) => !includes(text, part));

/** A POST whose body cannot be read yet: may it be one, by its path alone? */
export function mayBeCall(url: string): boolean {
  const path = pathOf(url);
  return some(dialects, ({ pathEnds }) => endsWithOne(path, pathEnds)) && !endsWithOne(path, neverPathEnds);
}

/** A POST whose body is known. */
export function isCall(url: string, body: string): boolean {
  const path = pathOf(url);
  return some(dialects, ({ pathEnds, bodyKeys, shape }) => (endsWithOne(path, pathEnds) && hasAll(body, bodyKeys)) || (shape.length > 0 && !some(shape, (keys) => !some(keys, (key) => isOuter(body, key)))))
    && !endsWithOne(path, neverPathEnds);
}

/** A key of the outermost object: before it all braces but one are closed again. Telemetry and batches hold whole model
 *  calls further inside. Strings are passed over by the engine's own search: an image is megabytes. */
function isOuter(body: string, key: string): boolean {
  let depth = 0;
  for (let at = 0, end = indexOf(body, key); at < end; at++) {
    const character = body[at]!;
    if (character === '"') at = endOfString(body, at);
    else if (character === '{') depth++;
    else if (character === '}') depth--;
    else if (depth < 1 && character > ' ') return false;
  }
  return depth === 1;
}

/** The next quote with no backslash before it, or an even number of them. */
function endOfString(body: string, start: number): number {
  let before: number;
  do {
    before = start = placeOf(body, '"', start + 1);
    while (body[--before] === '\\');
  } while ((start - before) % 2 === 0);
  return start;
}

/** Which calls are worth recording: by the end of the path and the keys of the JSON body, at any host; or, at an unknown path,
 *  by keys of the outermost object that together say "this is a model call". Data only: see lib/providers/matches.ts. */
import type { Match } from '../providers/match.ts';
import { matches, neverPathEnds } from '../providers/matches.ts';
import { endsWith, includes, placeOf, slice, some } from './natives.ts';

/** A colon may be written `%3A`, as in `models/x%3ArawPredict`. */
const dialects = matches.map(({ pathEnds, bodyKeys, shape }) => ({ pathEnds: [...pathEnds, ...pathEnds.map((end) => end.replace(':', '%3A'))], bodyKeys, shape }));

/** The URL's path (absolute or not), without trailing slashes. */
function pathOf(url: string): string {
  const hash = placeOf(url, '#');
  const query = placeOf(url, '?');
  let end = query < hash ? query : hash;
  while (end > 0 && url[end - 1] === '/') end--;
  return slice(url, 0, end);
}

const endsWithOne = (path: string, ends: readonly string[]): boolean => some(ends, (end) => endsWith(path, end));
/** One key of each list stands in the outermost object. */
const hasKeys = (body: string, lists: Match['bodyKeys']): boolean => !some(lists, (keys) => !some(keys, (key) => isOuter(body, key)));

/** A POST whose body cannot be read yet: may it be one, by its path alone? */
export function mayBeCall(url: string): boolean {
  const path = pathOf(url);
  return some(dialects, ({ pathEnds }) => endsWithOne(path, pathEnds)) && !endsWithOne(path, neverPathEnds);
}

/** A POST whose body is known. */
export function isCall(url: string, body: string): boolean {
  const path = pathOf(url);
  return some(dialects, ({ pathEnds, bodyKeys, shape }) => (endsWithOne(path, pathEnds) && hasKeys(body, bodyKeys)) || (shape.length > 0 && hasKeys(body, shape)))
    && !endsWithOne(path, neverPathEnds);
}

/** A key of the outermost object, not of one inside: telemetry and batches hold whole model calls, tools name their
 *  parameters. Strings are passed over by the engine's own search: an image is megabytes. */
function isOuter(body: string, key: string): boolean {
  let depth = 0;
  for (let at = includes(body, key) ? 0 : body.length; at < body.length; at++) {
    const character = body[at]!;
    if (character === '"') {
      const start = at;
      at = endOfString(body, at);
      if (depth === 1 && slice(body, start, at + 1) === key) {
        while (body[++at]! <= ' ');
        if (body[at--] === ':') return true;
      }
    } else if (character === '{') depth++;
    else if (character === '}' ? --depth < 1 : depth < 1 && character > ' ') return false;
  }
  return false;
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

/** Which calls are worth recording: by the end of the path and the keys of the JSON body, at any host; or, at an unknown path,
 *  by texts that together say "this is a model call". Data only: see lib/providers/matches.ts. */
import type { Match } from '../providers/match.ts';
import { matches, neverPathEnds } from '../providers/matches.ts';
import { endsWith, includes, indexOf, list, push, slice, some } from './natives.ts';

/** The URL's path (absolute or not), without trailing slashes. `%3A` is a colon, as in `models/x%3ArawPredict`. */
function pathOf(url: string): string {
  let end = indexOf(url, '#');
  if (end < 0) end = url.length;
  const query = indexOf(url, '?');
  if (query >= 0 && query < end) end = query;
  while (end > 0 && slice(url, end - 1, end) === '/') end--;
  const path = slice(url, 0, end);
  const colon = indexOf(path, '%3A');
  return colon < 0 ? path : `${slice(path, 0, colon)}:${slice(path, colon + 3)}`;
}

/** The dialects whose path this is. */
function byPath(path: string): Match[] {
  const found = list<Match>();
  for (let i = 0; i < matches.length; i++) {
    const match = matches[i] as Match;
    if (some(match.pathEnds, (end) => endsWith(path, end))) push(found, match);
  }
  return found;
}

const hasKeys = (text: string, keys: readonly string[]): boolean => !some(keys, (key) => !includes(text, `"${key}"`));
const hasTexts = (text: string, texts: readonly string[]): boolean => !some(texts, (part) => !includes(text, part));

/** A POST whose body cannot be read yet: may it be one, by its path alone? */
export function mayBeCall(url: string): boolean {
  const path = pathOf(url);
  return !some(neverPathEnds, (end) => endsWith(path, end)) && byPath(path).length > 0;
}

/** A POST whose body is known. `anywhere`: also at a path that says nothing. */
export function isCall(url: string, body: string, anywhere: boolean): boolean {
  const path = pathOf(url);
  if (some(neverPathEnds, (end) => endsWith(path, end))) return false;
  if (some(byPath(path), (match) => hasKeys(body, match.bodyKeys))) return true;
  return anywhere && looksLikeObject(body) && some(matches, (match) => match.shape.length > 0 && hasTexts(body, match.shape));
}

function looksLikeObject(body: string): boolean {
  let at = 0;
  while (at < 64 && (body[at] === ' ' || body[at] === '\n' || body[at] === '\r' || body[at] === '\t')) at++;
  return body[at] === '{';
}

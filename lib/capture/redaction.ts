/**
 * What leaves the page leaves without secrets. Each is first learned in its own place (a header or query parameter with a
 * telling name, the user part of a URL, a JSON key), then masked wherever else it occurs: see secrets.ts.
 */
import { pageLimits as limits } from '../model/page-limits.ts';
import type { HeaderList } from '../model/record.ts';
import { attempt, decodePercent, fillBytes, fromUtf8, indexOf, lastIndexOf, list, lowerCase, placeOf, push, slice, toLatin1, U8, viewBuffer, type Bytes } from './natives.ts';
import { jsonStrings, SECRET } from './json-strings.ts';
import { isSecretName } from './secret-names.ts';
import { REMOVED, STAR, type Secrets } from './secrets.ts';
import { spokenSecrets } from './spoken.ts';

/** Removes the secrets of one exchange and counts them. */
export function redactionWith(secrets: Secrets) {
  let removed = 0;
  const count = (): void => { removed++; };

  const take = (value: string): string => {
    if (value === '') return value;
    secrets.learn(value);
    count();
    return REMOVED;
  };

  const withoutUser = (url: string): string => {
    const host = indexOf(url, '//') + 2;
    const authority = slice(url, host, placeOf(url, '/', host));
    const at = lastIndexOf(authority, '@');
    if (host < 2 || at < 0) return url;
    const user = slice(authority, 0, at);
    const password = cutAt(user, indexOf(user, ':'));
    take(password[0]);
    take(password[1]);
    return slice(url, 0, host) + slice(url, host + at + 1);
  };

  const withoutSecrets = (query: string): string => {
    let out = '';
    for (let at = 0; at <= query.length;) {
      const end = placeOf(query, '&', at);
      const parameter = slice(query, at, end);
      const equals = indexOf(parameter, '=');
      const name = slice(parameter, 0, equals < 0 ? 0 : equals);
      const secret = equals > 0 && isSecretName(attempt(decodePercent, name) ?? name);
      out += (at > 0 ? '&' : '') + (secret ? `${name}=${take(slice(parameter, equals + 1))}` : parameter);
      at = end + 1;
    }
    return out;
  };

  /** Second pass, when all places have been looked at. */
  const ofText = (text: string): string => slice(secrets.removeFrom(text, count), 0, limits.textLength);

  return {
    removed: () => removed,

    /** An absolute URL as the platform writes them, without user, password, fragment and the values of telling parameters.
     *  First pass: others that occur in the path are removed by `ofText`. */
    ofUrl(href: string): string {
      const hash = cutAt(href, indexOf(href, '#'));
      const query = cutAt(hash[0], indexOf(hash[0], '?'));
      // A fragment goes whole; only its parameters (OAuth's `#access_token=...`) are secrets to look for elsewhere.
      withoutSecrets(hash[1]);
      return withoutUser(query[0]) + (query[0] === hash[0] ? '' : `?${withoutSecrets(query[1])}`);
    },

    /** First pass over headers: telling names lose their values, the scheme ("Bearer") stays. */
    ofHeaders(given: HeaderList): HeaderList {
      const out = list<readonly [string, string]>();
      let room: number = limits.headerCharacters;
      for (let i = 0; i < given.length && i < limits.headers && room > 0; i++) {
        const name = at(given[i], 0);
        const value = at(given[i], 1);
        const kept = isSecretName(name) ? schemeOf(value) + take(value) : value;
        push(out, [name, kept]); // cut by the second pass: a secret must be whole to be found
        room -= name.length + kept.length;
      }
      return out;
    },

    ofText,

    ofTexts(headers: HeaderList): HeaderList {
      const out = list<readonly [string, string]>();
      for (let i = 0; i < headers.length; i++) push(out, [ofText(at(headers[i], 0)), ofText(at(headers[i], 1))]);
      return out;
    },

    /** A mask for one body, whose bytes come in order; `streamed`: a text of it may come in many strings. */
    ofBody(streamed: boolean): BodyMask {
      const scan = jsonStrings();
      const spoken = spokenSecrets(secrets, count);
      let value = '';
      let text = '';
      return {
        learn(bytes, fresh) {
          text = toLatin1(bytes);
          scan(text, fresh, (kind, from, to, ended) => {
            if (kind === SECRET) {
              value += fromUtf8(new U8(viewBuffer(bytes) as ArrayBuffer, from, to - from));
              fillBytes(bytes, STAR, from, to);
              if (!ended) return;
              take(value);
              value = '';
            } else if (streamed && !secrets.none()) spoken.hear(kind, slice(text, from, to), from);
          });
          spoken.mask(bytes);
        },
        mask: (bytes, atEnd) => secrets.maskBytes(bytes, text, atEnd, count),
      };
    },
  };
}

function schemeOf(value: string): string {
  const scheme = slice(value, 0, indexOf(value, ' ') + 1);
  const lower = lowerCase(scheme);
  return lower === 'bearer ' || lower === 'basic ' ? scheme : '';
}

/** What stands before and after one character; all of it before when there is none. */
const cutAt = (text: string, at: number): { 0: string; 1: string } => at < 0 ? { 0: text, 1: '' } : { 0: slice(text, 0, at), 1: slice(text, at + 1) };

const at = (pair: readonly [string, string] | undefined, i: 0 | 1): string => pair ? pair[i] : '';

export interface BodyMask {
  /** Masks the values of secret JSON keys in bytes[fresh...], in place, and secrets said in pieces. */
  learn(bytes: Bytes, fresh: number): void;
  /** Masks all known secrets in the same bytes; answers how many bytes may leave now. */
  mask(bytes: Bytes, atEnd: boolean): number;
}

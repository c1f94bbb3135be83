/** Which names promise a secret value. */
import { includes, lowerCase, some } from './natives.ts';

const WORDS = ['key', 'token', 'secret', 'signature', 'credential', 'password', 'auth', 'cookie'];

/** A header or query parameter: generous, since only its value is lost. `sig` is Azure's signature. */
export function isSecretName(name: string): boolean {
  const lower = lowerCase(name);
  return lower === 'sig' || some(WORDS, (word) => includes(lower, word));
}

/** Keys of JSON bodies, in lower case and without `_` and `-`. Exact, because bodies are full of innocent words (`max_tokens`,
 *  the `token` of log probabilities, `key`). */
export const secretJsonKeys = [
  'apikey', 'xapikey', 'secretkey', 'privatekey', 'secretaccesskey', 'clientsecret', 'password', 'authorization', 'proxyauthorization',
  'accesstoken', 'refreshtoken', 'idtoken', 'authtoken', 'bearertoken', 'sessiontoken', 'securitytoken',
];

/** Keys under which streams bring a text piece by piece, written likewise. */
export const saidKeys = ['content', 'text', 'delta', 'arguments', 'partialjson', 'thinking', 'reasoning', 'reasoningcontent', 'response'];

/** Which part of CORS refused a call, from the answers to it and to its preflight; and the servers people meet it with. Pure. */
import type { HeaderList } from '../model/record.ts';
import { isOllama, type WhyFailed } from './failure-cause.ts';
import type { NetworkRequest } from './network.ts';

export interface CorsCase {
  url: URL;
  /** of the page or frame that called; undefined where it has none that is known */ pageOrigin: string | undefined;
  request: NetworkRequest | undefined;
  preflight: NetworkRequest | undefined;
  /** of the request, as the app set them */ headers: HeaderList;
}

const PROXY = 'Or call it by way of your own server (a proxy of the development server will do), which CORS does not bind.';

/** Undefined where nothing says that it was CORS. */
export function corsRefusal(given: CorsCase): WhyFailed | undefined {
  const { url, pageOrigin, request } = given;
  if (pageOrigin === url.origin || !request || request.error !== 'net::ERR_FAILED') return undefined;
  const origin = pageOrigin ?? 'this page';
  const found = byPreflight(given, origin) ?? byAnswer(request, url, origin)
    ?? { certainty: 'likely', cause: `${url.origin} does not let pages of ${origin} in (CORS).`, fix: `Send \`Access-Control-Allow-Origin: ${origin}\` from the server, also in answer to OPTIONS. ${PROXY}` };
  return known(given, origin, found) ?? found;
}

/** Servers whose reason is always the same. */
function known({ url, headers }: CorsCase, origin: string, { cause, certainty }: WhyFailed): WhyFailed | undefined {
  const has = (name: string): boolean => headers.some(([header]) => header.toLowerCase() === name);
  const isAnthropic = url.hostname === 'api.anthropic.com' || (has('anthropic-version') && url.pathname.endsWith('/v1/messages'));
  if (isAnthropic && !has('anthropic-dangerous-direct-browser-access')) {
    return { certainty: url.hostname === 'api.anthropic.com' ? certainty : 'likely', cause: 'Anthropic lets no page in that does not say it means to: the header `anthropic-dangerous-direct-browser-access` is missing.', fix: 'Set `dangerouslyAllowBrowser: true` in the SDK, or the header `anthropic-dangerous-direct-browser-access: true`. Whoever opens the page can read the key: for others than yourself, call from a server.' };
  }
  if (isOllama(url)) {
    return { certainty, cause: `Ollama does not let pages of ${origin} in. ${cause}`, fix: `Start Ollama with \`OLLAMA_ORIGINS=${origin}\` (macOS: \`launchctl setenv OLLAMA_ORIGINS ${origin}\`, then restart it).` };
  }
  return undefined;
}

const refusal = (cause: string, fix: string): WhyFailed => ({ certainty: 'known', cause, fix: `${fix} ${PROXY}` });

function byPreflight({ preflight, url }: CorsCase, origin: string): WhyFailed | undefined {
  if (!preflight || preflight.status === 0) return undefined;
  const { status, cors } = preflight;
  if (status < 200 || status > 299) {
    const moved = status >= 300 && status < 400;
    return refusal(`${url.origin} answered the browser’s question whether this page may call (preflight, OPTIONS) with ${status}${moved ? ', and a redirect is not allowed there' : ''} (CORS).`, moved ? 'Use the address it redirects to as base URL.' : 'Let the server answer OPTIONS with 204 and the Access-Control headers, before it asks for a key.');
  }
  const ofOrigin = wrongOrigin(preflight, url, origin);
  if (ofOrigin) return { ...ofOrigin, cause: `${ofOrigin.cause.slice(0, -1)}, in answer to the preflight (OPTIONS).` };
  const allowed = words(cors.allowHeaders);
  const refused = words(cors.asked).filter((name) => !allowed.includes(name) && !(allowed.includes('*') && name !== 'authorization'));
  if (refused.length > 0) {
    const names = refused.map((name) => `\`${name}\``).join(', ');
    return refusal(`${url.origin} does not allow the request header${refused.length > 1 ? 's' : ''} ${names} (CORS).`, `Add ${refused.join(', ')} to \`Access-Control-Allow-Headers\` on the server, or do not send ${refused.length > 1 ? 'them' : 'it'}.`);
  }
  return undefined;
}

function byAnswer(request: NetworkRequest, url: URL, origin: string): WhyFailed | undefined {
  if (request.status === 0) return undefined;
  const wrong = wrongOrigin(request, url, origin);
  return wrong && { ...wrong, cause: `${wrong.cause} It did answer, with status ${request.status}; the browser kept the answer from the page.` };
}

function wrongOrigin({ cors: { allowOrigin, allowCredentials } }: NetworkRequest, url: URL, origin: string): WhyFailed | undefined {
  if (allowOrigin === origin || (allowOrigin === '*' && allowCredentials !== 'true')) return undefined;
  const fix = `Send \`Access-Control-Allow-Origin: ${origin}\` from the server, with error answers too. ${PROXY}`;
  if (allowOrigin === undefined) return { certainty: 'known', cause: `${url.origin} sends no Access-Control-Allow-Origin header (CORS).`, fix };
  if (allowOrigin === '*') return { certainty: 'likely', cause: `${url.origin} allows every page (\`*\`), which does not count for calls that send cookies (CORS).`, fix: `Do not set \`credentials: 'include'\`, or ${fix.charAt(0).toLowerCase()}${fix.slice(1)}` };
  return { certainty: 'known', cause: `${url.origin} lets only pages of ${allowOrigin} in, not of ${origin} (CORS).`, fix };
}

const words = (list: string | undefined): string[] => (list ?? '').toLowerCase().split(',').map((word) => word.trim()).filter((word) => word !== '');

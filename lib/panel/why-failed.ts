/** Why a call failed before any answer came, where the page is told no more than "Failed to fetch". From what DevTools tells of
 *  the request, else from what the call itself shows. Pure. */
import type { Exchange } from '../model/exchange.ts';
import { corsRefusal } from './cors-refusal.ts';
import { isOllama, type WhyFailed } from './failure-cause.ts';
import type { NetworkRequest } from './network.ts';

export interface FailedCall {
  exchange: Pick<Exchange, 'url' | 'pageUrl' | 'requestHeaders' | 'end'>;
  /** as DevTools saw it */ request: NetworkRequest | undefined;
  preflight: NetworkRequest | undefined;
  /** DevTools told this panel of every request at that time */ watched: boolean;
  /** Content-Security-Policy of the page, where a header told it */ policy: string | undefined;
}

const why = (certainty: WhyFailed['certainty'], cause: string, fix: string): WhyFailed => ({ certainty, cause, fix });

export function whyFailed({ exchange, request, preflight, watched, policy }: FailedCall): WhyFailed | undefined {
  const { end, pageUrl } = exchange;
  if (end?.how !== 'error' || !URL.canParse(exchange.url)) return undefined;
  const message = end.error?.message ?? '';
  // The call never left fetch: its message says all there is.
  if (end.error?.name !== 'TypeError' || /^(?:Failed to execute|Failed to parse URL)/.test(message)) return undefined;
  const url = new URL(exchange.url);
  const page = URL.canParse(pageUrl) && pageUrl.startsWith('http') ? new URL(pageUrl) : undefined;

  const said = errorSaid(request?.error ?? '', url) ?? errorSaid(preflight?.error ?? '', url);
  if (said) return said;
  if (isMixed(page, url) && (!request || request.status === 0)) {
    return why(request ? 'known' : 'likely', `Mixed content: a page loaded with https may not call ${url.origin}, which is http.`, 'Serve the API with https, or load the page with http while you develop. Only localhost and 127.0.0.1 may be called with http.');
  }
  const refusal = corsRefusal({ url, pageOrigin: request?.origin ?? preflight?.origin ?? page?.origin, request, preflight, headers: exchange.requestHeaders });
  if (refusal) return refusal;
  if (request ? request.status === 0 && request.error === '' : watched) return forbidden(url, policy);
  return guess(url, page);
}

/** What the browser's own word for it means. */
function errorSaid(error: string, url: URL): WhyFailed | undefined {
  const { host, hostname, origin } = url;
  const is = (...codes: string[]): boolean => codes.some((code) => error === `net::ERR_${code}`);
  if (is('INTERNET_DISCONNECTED', 'NETWORK_CHANGED')) return why('known', 'The browser was offline.', 'Look at the connection; in DevTools also at “Offline” in the Network panel. Then try again.');
  if (is('NAME_NOT_RESOLVED', 'NAME_RESOLUTION_FAILED')) return why('known', `The name ${hostname} is not known (DNS).`, 'Look at the spelling of the base URL, and at the VPN or DNS that would know the name.');
  if (is('CONNECTION_REFUSED')) return why('known', `Nothing listens at ${host}: the connection was refused.`, isOllama(url) ? 'Start Ollama (`ollama serve`), or mend host and port of the base URL.' : `Start the server, or mend host and port of the base URL.${hostname === 'localhost' ? ' A server may listen at 127.0.0.1 or [::1] alone: try the address.' : ''}`);
  if (is('CONNECTION_TIMED_OUT', 'TIMED_OUT', 'ADDRESS_UNREACHABLE')) return why('known', `${host} could not be reached.`, 'Look at host and port, and at the VPN or firewall between.');
  if (is('EMPTY_RESPONSE', 'CONNECTION_RESET', 'CONNECTION_CLOSED', 'CONNECTION_ABORTED', 'HTTP2_PROTOCOL_ERROR', 'HTTP2_PING_FAILED', 'QUIC_PROTOCOL_ERROR', 'INVALID_HTTP_RESPONSE')) return why('known', `${host} closed the connection without an answer.`, 'Look at the server’s log: it crashed, was restarted, or a proxy before it gave up.');
  if (error.startsWith('net::ERR_CERT_')) return why('known', `The certificate of ${host} is not trusted (${error.slice('net::ERR_'.length)}).`, `Open ${origin} in a tab to see what is wrong with it; trust it there, or give the server a valid one.`);
  if (error.startsWith('net::ERR_SSL_')) return why('known', `No secure connection to ${host}: it may not speak https at all.`, `Try http://${host} in the base URL, or mend TLS on the server.`);
  if (error.includes('LOCAL_NETWORK_ACCESS') || error.includes('PRIVATE_NETWORK_ACCESS')) return why('known', `The browser blocked the way from this page to ${host} on your machine or network (local network access).`, 'Allow “Local network access” for the page’s site (icon left of its address), or open your app at localhost.');
  if (is('BLOCKED_BY_CLIENT')) return why('known', 'Another extension of this browser blocked the request, such as an ad blocker.', `Allow ${hostname} there, or try in a window without it.`);
  if (is('BLOCKED_BY_CSP')) return forbidden(url, undefined, 'known');
  if (is('BLOCKED_BY_RESPONSE')) return why('known', 'The browser blocked the answer: its Cross-Origin-Resource-Policy does not let this page have it.', 'Send `Cross-Origin-Resource-Policy: cross-origin` on the server, or drop the page’s Cross-Origin-Embedder-Policy.');
  if (is('UNSAFE_PORT')) return why('known', `The browser lets no page use port ${url.port}.`, 'Let the server listen at another port.');
  if (is('PROXY_CONNECTION_FAILED', 'TUNNEL_CONNECTION_FAILED')) return why('known', 'The proxy that the browser uses could not be reached, or refused.', `Look at the proxy settings, or except ${hostname} from them.`);
  if (is('TOO_MANY_REDIRECTS')) return why('known', `${host} redirects in a circle.`, 'Mend the base URL: a missing or doubled slash or `/v1` is the usual reason.');
  return undefined;
}

/** The browser sent nothing at all, and told the network nothing either. */
function forbidden({ origin }: URL, policy: string | undefined, certainty: WhyFailed['certainty'] = /(?:connect|default)-src/.test(policy ?? '') ? 'known' : 'likely'): WhyFailed {
  return why(certainty, `The page’s Content-Security-Policy does not allow calls to ${origin} (connect-src): the browser sent no request at all.`, `Add ${origin} to \`connect-src\` of the policy (header or meta tag) of the page.`);
}

/** DevTools was not there, or tells no reason. */
function guess(url: URL, page: URL | undefined): WhyFailed {
  const again = 'Make the call again with this panel open: then the reason can be told.';
  if (page && page.origin === url.origin) return why('possible', `${url.host} could not be reached, or broke the connection.`, again);
  if (page && isNear(url) && !isNear(page)) return why('possible', `The browser blocked the way from this page to ${url.host} on your machine or network, nothing listens there, or it does not let this page in (CORS).`, again);
  return why('possible', `${url.host} does not let pages of ${page?.origin ?? 'this site'} in (CORS), or could not be reached.`, again);
}

/** Chromium lets a secure page call http on its own machine. */
function isMixed(page: URL | undefined, url: URL): boolean {
  return page?.protocol === 'https:' && url.protocol === 'http:' && !isOwnMachine(url);
}
const isOwnMachine = ({ hostname }: URL): boolean => hostname === 'localhost' || hostname.endsWith('.localhost') || hostname.startsWith('127.') || hostname === '[::1]';
const isNear = (url: URL): boolean => isOwnMachine(url) || /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(url.hostname) || url.hostname.endsWith('.local');

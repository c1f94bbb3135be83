/** Sites as the browser's permissions name them. Pure. */

/** The match pattern of a page's site: any port and path. @param url an absolute http(s) URL */
export function patternOf(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}/*`;
}

/** Is a page of this origin meant by the pattern? Patterns of permissions have no ports, and their path is always `/*`. */
export function matchesSite(pattern: string, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  if (pattern === '<all_urls>') return true;
  const [scheme = '', rest = ''] = pattern.split('://');
  const host = rest.slice(0, rest.indexOf('/'));
  if (scheme !== '*' && `${scheme}:` !== protocol) return false;
  if (host === '*') return true;
  return host.startsWith('*.') ? hostname === host.slice(2) || hostname.endsWith(host.slice(1)) : hostname === host;
}

/** A pattern for people: "https://chat.example.org", "all sites (https)". */
export function siteName(pattern: string): string {
  const [scheme = '', rest = ''] = pattern.split('://');
  const host = rest.slice(0, rest.indexOf('/'));
  if (pattern === '<all_urls>' || (host === '*' && scheme === '*')) return 'all sites';
  return host === '*' ? `all sites (${scheme})` : `${scheme}://${host}`;
}

/** Sites recorded at once, without asking: a developer's own machine. Every other site is one click away. */
const LOCAL_HOSTS = ['localhost', '*.localhost', '127.0.0.1', '[::1]'] as const;

/** As match patterns of the manifest. */
export const localSites: string[] = ['http', 'https'].flatMap((scheme) => LOCAL_HOSTS.map((host) => `${scheme}://${host}/*`));

/** @param url an absolute http(s) URL */
export function isLocalSite(url: string): boolean {
  const { hostname } = new URL(url);
  return LOCAL_HOSTS.some((host) => (host.startsWith('*') ? hostname.endsWith(host.slice(1)) : hostname === host));
}

/** scheme://host:port of an address, with the port always there, as the core binds keys to it. Null where there is none. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** The part of an address a person reads: host and port; the whole where it cannot be taken apart. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** The same address with https; null where it is none with http. */
export function httpsOf(url: string): string | null {
  const address = url.trim();
  return originOf(address) !== null && /^http:/i.test(address) ? `https${address.slice(4)}` : null;
}

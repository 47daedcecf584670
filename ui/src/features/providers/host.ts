/** The part of an address a person reads: host and port; the whole where it cannot be taken apart. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

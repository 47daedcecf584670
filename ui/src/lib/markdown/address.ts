/** What is to be known about an address before it is opened. */
export type Address = {
  /** The address as the parser of addresses reads it, or as it was written where it cannot be read. */
  url: string;
  /** Where it really leads: the host, punycode and all; the mailbox of a mail address. */
  host: string;
  /** Only http, https and mailto can be opened. */
  opens: boolean;
  /** It has a user's name before its host, or letters of another script in it. */
  odd: boolean;
};

const scheme = /^(https?:\/\/|mailto:)/i;
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0020\u007f-\u00a0\\\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/;

export function readAddress(written: string): Address {
  const none = { url: written, host: '', opens: false, odd: false };
  if (!scheme.test(written) || unsafe.test(written)) return none;
  try {
    const url = new URL(written);
    if (url.protocol === 'mailto:') {
      return { url: url.href, host: url.pathname, opens: url.pathname !== '', odd: false };
    }
    if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return none;
    const odd = url.username !== '' || url.password !== '' || /(^|\.)xn--/.test(url.hostname);
    return { url: url.href, host: url.host, opens: true, odd };
  } catch {
    return none;
  }
}

const looksLikeHost = /(?:https?:\/\/)?((?:[\p{L}\p{N}_-]+\.)+[\p{L}]{2,})(?=[/:?#\s]|$)/iu;
const file =
  /\.(?:js|ts|rs|py|md|json|html?|css|txt|sh|go|java|toml|ya?ml|xml|png|svg|pdf|cc|pl|rb|so|zip)$/i;

const bare = (host: string) =>
  host
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/:\d+$/, '');

/** Whether the words of a link name another host than the one it leads to. */
export function disguises(words: string, address: Address): boolean {
  if (words.trim() === address.host && !address.url.includes('@')) return false;
  if (address.odd) return true;
  const named = looksLikeHost.exec(words.trim());
  if (!named?.[1] || (file.test(named[1]) && !/^https?:/i.test(named[0]))) return false;
  const said = bare(named[1]);
  const real = bare(address.host.split('@').at(-1) ?? '');
  return said !== real && !real.endsWith(`.${said}`);
}

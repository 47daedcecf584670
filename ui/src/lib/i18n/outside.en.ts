import type { LinkDoubt } from '$lib/ipc/bindings';
import type { BackendError } from '$lib/ipc/errors';
import { failures } from './failures.en';

const refusals: Record<string, string> = {
  scheme_not_allowed: 'Parlance opens web pages and mail addresses only. This address is neither.',
  not_a_url: 'This is no address that a browser could open.',
  too_long: 'This address is too long to be opened.',
};

const images: Record<string, string> = {
  scheme_not_allowed: 'Pictures are fetched from web addresses only.',
  not_a_url: 'This is no web address.',
  too_large: 'The picture is too large to be shown.',
  not_a_picture: 'What is at this address is no picture.',
};

const own = (table: Record<string, string>, key: string | null) =>
  key !== null && Object.hasOwn(table, key) ? table[key] : undefined;

const command = ({ code, reason, message }: BackendError) =>
  failures.reason(code, reason) ?? failures.command(code, message);

/** Links that leave the window, and pictures that come into it. */
export const outsideEn = {
  title: (scheme: string) => (scheme === 'mailto' ? 'Write a mail?' : 'Open this link in your browser?'),
  open: (scheme: string) => (scheme === 'mailto' ? 'Open in mail' : 'Open in browser'),
  copy: 'Copy address',
  copied: 'Copied',
  reads: 'Reads as',
  remember: 'Always open links of',
  doubts: {
    plain: 'The connection is not encrypted. Others on the way can read and change it.',
    lookalike: 'The host mixes letters that look alike. It may pretend to be another.',
    credentials: 'A name or password stands before the host. What comes before the @ is not where it leads.',
    number: 'The host is a number in place of a name.',
    private: 'It leads to this computer or to your own network.',
    port: 'It names a port of its own, which web pages rarely do.',
  } satisfies Record<LinkDoubt, string>,
  refusedTitle: 'This link is not opened',
  refused: (error: BackendError) => own(refusals, error.reason) ?? command(error),
  notAPicture: 'What came is no picture.',
  imageFailed: (error: BackendError) =>
    own(images, error.reason) ??
    (error.category && error.category !== 'internal'
      ? 'The picture could not be fetched. Its server did not give it.'
      : command(error)),
};

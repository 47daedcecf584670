import type { LinkDoubt } from '$lib/ipc/bindings';
import type { BackendError } from '$lib/ipc/errors';
import { failures } from './failures.en';

const refusals: Record<string, string> = {
  scheme: 'Parlance opens web pages and mail addresses only. This address is neither.',
  not_an_address: 'This is no address that a browser could open.',
  control: 'This address holds characters that cannot be seen. It is not opened.',
  whitespace: 'This address holds blanks, so that it is not clear where it ends. It is not opened.',
  backslash: 'This address holds a backslash, which programs read in different ways. It is not opened.',
  too_long: 'This address is too long to be opened.',
  not_opened: 'The system has no program that opens this address. Copy it instead.',
};

const images: Record<string, string> = {
  scheme: 'Pictures are fetched from web addresses only.',
  not_an_address: 'This is no web address.',
  control: 'This address holds characters that cannot be seen. Nothing was fetched.',
  whitespace: 'This address holds blanks. Nothing was fetched.',
  backslash: 'This address holds a backslash. Nothing was fetched.',
  too_long: 'This address is too long.',
  not_public: 'This address lies in your own network or on this computer. Nothing was fetched.',
  not_found: 'The host of this address was not found.',
  not_reached: 'The host of this address was not reached.',
  timed_out: 'The host took too long.',
  too_large: 'The picture is too large to be shown.',
  too_many_redirects: 'The address leads on and on. Nothing was shown.',
  refused_by_server: 'The server did not give the picture.',
  encoded: 'The server sent the picture packed in a way that is not read.',
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

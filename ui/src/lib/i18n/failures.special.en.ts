import type { Category, FailureView } from '$lib/ipc/bindings';

type Words = {
  title: (who: string, failure: FailureView | null) => string;
  next: (who: string) => string;
};

/** The program that answers, where one does. */
const program = (title: Words['title'], next: string): Words => ({ title, next: () => next });

/** Causes of those whom a key alone does not open: credentials, tokens, programs, frames, people. */
export const specialCauses = {
  rejected_key: {
    unreadable_credential: {
      title: () => 'What was given cannot be read.',
      next: () => 'Take it whole, as the vendor gave it, and give it again.',
    },
    token_refused: {
      title: (who) => `No token was given for ${who}: the credential was refused.`,
      next: () =>
        'It may be revoked, or the clock of this computer may be wrong. Give it again in Providers.',
    },
    not_signed_in: {
      title: (who) => `${who} is not signed in on this computer.`,
      next: () => 'Sign in there once, then retry.',
    },
  },
  forbidden: {
    sign_in_refused: {
      title: () => 'The vendor refused the sign-in.',
      next: () => 'The details have its words. Begin again, or ask whoever manages your account.',
    },
  },
  rate_limited: {
    token_unavailable: {
      title: (who) => `No token was given for ${who}: too many were asked for.`,
      next: () => 'Wait a moment, then retry.',
    },
  },
  overloaded: {
    token_unavailable: {
      title: (who) => `No token was given for ${who}: who gives them is overloaded.`,
      next: () => 'Wait a moment, then retry.',
    },
  },
  bad_request: {
    program_missing: program(
      () => 'The program claude was not found on this computer.',
      'Install it, or say in Providers where it is, then test again.',
    ),
    program_too_old: program(
      () => 'The program claude is too old for Parlance.',
      'Bring it to version 2 or later, then test again.',
    ),
    program_unusable: program(
      () => 'The program claude could not be started.',
      'The details say why. See that it starts in a terminal, then test again.',
    ),
    tools_unsupported: {
      title: (who) => `${who} cannot be given tools.`,
      next: () => 'Choose another model for this chat.',
    },
    only_in_chats: {
      title: (who) => `${who} answers in chats only.`,
      next: () => 'Choose another provider for this.',
    },
    file_unsupported: {
      title: (who) => `${who} takes no file of this kind.`,
      next: () => 'Take the file out, or choose another model.',
    },
    one_text: {
      title: (who) => `${who} reads one text at a time.`,
      next: () => 'Choose another model for this.',
    },
  },
  broken_stream: {
    bad_checksum: {
      title: (who) => `What ${who} sent was damaged on the way.`,
      next: () =>
        'What came before it is kept. Retry; if it stays, something between here and there changes it.',
    },
    bad_frame: {
      title: (who) => `${who} sent something that is no part of its stream.`,
      next: () => 'What came before it is kept. Retry; if it stays, check the address in Providers.',
    },
    program_ended: program(
      () => 'The program claude ended before its answer did.',
      'What came is kept. Retry; the details have its last words.',
    ),
  },
  internal: {
    unsigned: {
      title: (who) => `The request to ${who} could not be signed.`,
      next: () => 'Give the credential again in Providers, then retry.',
    },
    no_folder: {
      title: () => 'The program claude has no folder to run in.',
      next: () => 'See that the data folder can be written, then retry.',
    },
    program_unusable: program(
      () => 'The program claude could not be listened to.',
      'Retry. If it stays, the details say more.',
    ),
  },
} satisfies Partial<Record<Category, Record<string, Words>>>;

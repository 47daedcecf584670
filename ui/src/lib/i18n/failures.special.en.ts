import type { Category, FailureView } from '$lib/ipc/bindings';

type Words = {
  title: (who: string, failure: FailureView | null) => string;
  next: (who: string) => string;
};

/** The program that answers, where one does. */
const program = (title: Words['title'], next: string): Words => ({ title, next: () => next });

/** A profile without keys of its own. */
const exported: Words['next'] = () =>
  'Parlance does not do that. Run aws configure export-credentials, paste what it prints in Providers, or use a Bedrock API key.';

/** Causes of those whom a key alone does not open: credentials, tokens, programs, frames, people. */
export const specialCauses = {
  missing_key: {
    no_aws_environment: {
      title: () => 'The environment of this computer holds no AWS credentials.',
      next: () =>
        'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and start Parlance again, or give a credential in Providers.',
    },
    no_profile: {
      title: () => 'The AWS files of this computer hold no keys under this profile.',
      next: () => 'Check its name in Providers. The details say which one was looked for.',
    },
    aws_files: {
      title: () => 'The files of the AWS profiles cannot be read.',
      next: () => 'Check ~/.aws/credentials and ~/.aws/config, or give a credential in Providers.',
    },
    no_sign_in: {
      title: (who) => `Nobody is signed in at ${who}.`,
      next: () => 'Sign in under Accounts in Providers, then retry.',
    },
    sign_in_over: {
      title: (who) => `The sign-in at ${who} was kept for one session, and that is over.`,
      next: () => 'Sign in again in Providers, then retry.',
    },
    sign_in_lost: {
      title: (who) => `What the sign-in at ${who} left is no longer where it was kept.`,
      next: () => 'Sign in again in Providers, then retry.',
    },
    sign_in_elsewhere: {
      title: (who) => `The sign-in at ${who} was for another address and stays there.`,
      next: () => 'Sign in for this address in Providers.',
    },
    sign_in_locked: {
      title: (who) => `The sign-in at ${who} is in a store that is locked.`,
      next: () => 'Unlock it in Providers, then retry.',
    },
    sign_in_unavailable: {
      title: (who) => `The store with the sign-in at ${who} does not answer.`,
      next: () => 'See that your keyring runs, then retry. Or sign in again and keep it elsewhere.',
    },
    profile_sso: { title: () => 'This AWS profile signs in at a page (SSO).', next: exported },
    profile_role: { title: () => 'This AWS profile takes on a role.', next: exported },
    profile_process: { title: () => 'This AWS profile asks a program for its keys.', next: exported },
  },
  rejected_key: {
    sign_in_again: {
      title: (who) => `The sign-in at ${who} is no longer good.`,
      next: () => 'It was taken back or has run out. Sign in again in Providers, then retry.',
    },
    ExpiredTokenException: {
      title: (who) => `The temporary credential of ${who} has run out.`,
      next: () => 'Give a fresh one in Providers, then retry.',
    },
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
    over_budget: {
      title: (who) => `A budget does not allow asking ${who}.`,
      next: () => 'Retry to be asked about it, or change the budget in Costs.',
    },
    no_copilot: {
      title: (who) => `This account has no access to ${who}.`,
      next: () =>
        'It has no plan, or an organisation forbids it; the details have the words. Choose another account in Providers.',
    },
    sign_in_refused: {
      title: () => 'The vendor refused the sign-in.',
      next: () => 'The details have its words. Begin again, or ask whoever manages your account.',
    },
  },
  timeout: {
    token_timeout: {
      title: (who) => `No token for ${who} came in time.`,
      next: () => 'Check the connection, and the proxy if there is one, then retry.',
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
    file_too_large: {
      title: (who) => `A file is larger than ${who} takes.`,
      next: () => 'The details say how large it may be. Make it smaller, or take it out.',
    },
    client_too_old: {
      title: (who) => `${who} no longer takes the version Parlance signs in with.`,
      next: () =>
        'Update Parlance. Until then a vendor file of your own can raise the versions; the details say more.',
    },
    wrong_wire: {
      title: (who) => `${who} answers with this model over another API than the one it was asked by.`,
      next: () => 'Fetch the models anew in Providers: the list says how each is asked. Then retry.',
    },
    bad_domain: {
      title: () => 'The enterprise domain is no domain.',
      next: () => 'It looks like acme.ghe.com. Correct it in Providers, under Connection.',
    },
    no_sign_in: {
      title: (who) => `Nobody signs in at ${who}.`,
      next: () => 'Give a key in Providers instead.',
    },
    one_text: {
      title: (who) => `${who} reads one text at a time.`,
      next: () => 'Choose another model for this.',
    },
  },
  unknown_model: {
    DeploymentNotFound: {
      title: (who) => `${who} has no deployment of this name.`,
      next: () =>
        'A deployment made in the last minutes may not be there yet. Else write its name under Model names in Providers.',
    },
  },
  refused: {
    content_filter: {
      title: (who) => `The content filter of ${who} stopped this.`,
      next: () => 'The details say what it saw in it. Ask differently, or choose another model.',
    },
  },
  broken_stream: {
    strange_host: {
      title: (who) => `${who} was named an address that is not its own.`,
      next: () =>
        'Nothing was sent there. Retry; if it stays, sign in again, and see which proxy lies in between.',
    },
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
    program_ended: program(
      () => 'The program claude ended without an answer.',
      'Retry. The details have its last words.',
    ),
    run_failed: {
      title: (who) => `${who} broke off its work on this.`,
      next: () => 'The details have its words. Retry, or choose another model.',
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

import type { AccountView, KeyForm } from '$lib/ipc/bindings';
import type { GoogleGiven } from '$lib/keys/google';
import { keyringCalled, keysEn } from './keys.en';
import { many } from './words';

/** What an account is called, by what a person enters for it. */
const keyWords = {
  title: keysEn.title,
  one: keysEn.one,
  label: keysEn.label,
  add: keysEn.add,
  give: keysEn.give,
  replace: keysEn.replace,
  test: keysEn.test,
  forget: keysEn.forget,
  remove: keysEn.remove,
  removeAsk: keysEn.removeAsk,
  none: keysEn.none,
  held: keysEn.held,
  trouble: keysEn.trouble,
  hint: 'Used in this order. A rejected or throttled key is skipped.',
  nouns: { one: 'key', many: 'keys' },
};

export type AccountWords = typeof keyWords;

const credentialWords: AccountWords = {
  ...keyWords,
  title: 'Credentials',
  one: 'Credential',
  label: (at) => `Credential ${at}`,
  add: 'Add credential',
  give: 'Give one',
  test: 'Test this one',
  forget: 'Forget this one',
  remove: 'Remove credential',
  none: 'No credential yet.',
  held: 'A credential is held',
  hint: 'Used in this order. A rejected or throttled one is skipped.',
  nouns: { one: 'credential', many: 'credentials' },
};

const accountWords: AccountWords = {
  ...keyWords,
  title: 'Accounts',
  one: 'Account',
  label: (at) => `Account ${at}`,
  add: 'Add account',
  give: 'Sign in',
  replace: 'Sign in again',
  test: 'Test this account',
  forget: 'Sign out',
  remove: 'Remove account',
  removeAsk: (label) =>
    `Remove ${label}? Its token is deleted from where it is kept. What it may do at the vendor ends there, in the settings of your account.`,
  none: 'Not signed in.',
  held: 'Signed in',
  hint: 'Used in this order. A refused or throttled one is skipped.',
  nouns: { one: 'account', many: 'accounts' },
  trouble: (key, name) => {
    if (key.status === 'sessionOver')
      return 'Its token was kept for one session, and that is over. Sign in again.';
    if (key.status === 'lost')
      return `Its token is no longer in ${keysEn.place(key, name)}. Something else removed it. Sign in again.`;
    return keysEn.trouble(key, name);
  },
};

const words: Record<KeyForm, AccountWords> = {
  token: keyWords,
  aws: credentialWords,
  google: credentialWords,
  signIn: accountWords,
};

/** The part of an account that is no secret: a word for what it is, and the thing. */
export type Known = { kind: string; what: string | null };

/** Where AWS looks for itself. */
const AWS_VARIABLES = 'AWS_ACCESS_KEY_ID';

function known(form: KeyForm, { key, identity }: Pick<AccountView, 'key' | 'identity'>): Known | null {
  if (identity === null) return null;
  const alone = key.store === 'none';
  if (form === 'aws' && alone) {
    return identity === AWS_VARIABLES
      ? { kind: 'From the environment', what: null }
      : { kind: 'Profile', what: identity };
  }
  if (form === 'aws') return { kind: 'Access key', what: identity };
  if (form === 'signIn') return { kind: 'Signed in as', what: identity };
  if (identity.includes('@')) return { kind: 'Service account', what: identity };
  return { kind: 'Login of gcloud', what: identity };
}

const wrongFile: Record<Extract<GoogleGiven, { kind: 'wrong' }>['because'], (type: string | null) => string> =
  {
    json: () => 'This is no whole JSON file. Copy it from the first brace to the last.',
    type: (type) =>
      type === null
        ? 'This JSON file is of no kind that opens Google Cloud. It is the key of a service account that is wanted.'
        : `This is a file of the kind ${type}. The key of a service account, or a login of gcloud, is wanted.`,
    incomplete: () => 'A part of this file is missing. Take it as Google gave it.',
    lines: () => 'A token is one line without blanks.',
  };

/** What is entered where a key alone does not open the door. */
export const credentialsEn = {
  of: (form: KeyForm) => words[form],
  known,
  alone: 'Read at each use',
  save: 'Save',
  aws: {
    way: 'How Bedrock is opened',
    ways: {
      key: 'API key',
      pair: 'Access key pair',
      profile: 'Profile',
      environment: 'Environment',
    },
    key: 'Bedrock API key',
    keyHint: 'A long-term or short-term key of the Bedrock console.',
    id: 'Access key ID',
    idHint: 'It is no secret and is shown later.',
    secret: 'Secret access key',
    token: 'Session token, for temporary credentials',
    profile: 'Name of the profile',
    profileExample: 'default',
    profileHint:
      'From ~/.aws/credentials and ~/.aws/config, read at each use. Parlance keeps no copy. A profile that asks for a login in the browser must be logged in already.',
    environment:
      'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN are read at each use from the environment Parlance was started in. Parlance keeps no copy.',
    paste: 'Lines such as “export AWS_ACCESS_KEY_ID=…” can be pasted here as they are.',
    taken: 'The pasted lines were taken apart. Save when they look right.',
  },
  google: {
    paste: 'File or token',
    field: 'Service account file, token or API key',
    placeholder: 'Paste the whole JSON file, a token or an API key',
    choose: 'Choose a file',
    drop: 'or drop the .json file here',
    hint: 'Only the private key is kept secret. Address and project are shown later, so that you know whose it is.',
    serviceAccount: 'Service account',
    login: 'Login of gcloud',
    project: (project: string) => `Project ${project}`,
    again: 'Take another',
    unread: 'The file could not be read. Choose it again.',
    tooLong: 'This is too long for a key file. Take the .json file that Google gave.',
    wrong: (given: Extract<GoogleGiven, { kind: 'wrong' }>) => wrongFile[given.because](given.type),
    kept: 'Only the private key is kept secret. What stands here is no secret.',
  },
};

/** Signing in at a vendor's page. */
export const signInEn = {
  title: (vendor: string) => `Sign in to ${vendor}`,
  open: 'Sign in',
  later: 'You sign in at the vendor’s own page in the next step. No password is typed here.',
  how: (vendor: string) =>
    `${vendor} shows a page in your browser. You enter a short code there; Parlance then gets a token for your account. Your password never comes here.`,
  risk: 'What this access is',
  kept: (name: string) => `The token goes into ${keyringCalled(name)}, and never comes to this window.`,
  keptAsked: 'Where the token is kept is asked next. It never comes to this window.',
  begin: 'I understand, get a code',
  beginPlain: 'Get a code',
  elsewhere: 'Keep it elsewhere',
  beginning: 'Asking for a code',
  code: 'Your code',
  spelled: (code: string) => `Your code, letter by letter: ${[...code].join(' ')}`,
  copy: 'Copy',
  copied: 'Copied',
  enter: 'Enter it at this page:',
  openPage: (host: string) => `Open ${host} in the browser`,
  unopened: (why: string) => `The browser could not be opened. ${why} The address above can be copied.`,
  waiting: (host: string) => `Waiting until you are done at ${host}`,
  left: (time: string) => `${time} left`,
  lastMoment: 'The code is about to expire',
  done: (who: string | null) => (who === null ? 'You are signed in.' : `You are signed in as ${who}.`),
  doneHint: 'The token is kept. It can be taken back at any time in the settings of your account there.',
  denied: 'You declined at the vendor’s page. Nothing was kept.',
  expired: 'The code was not entered in time. Nothing was kept.',
  cancelled: 'This sign-in was ended, most likely because another one began. Nothing was kept.',
  failed: 'The sign-in did not work.',
  /** Why, where the vendor’s own words are in the details. */
  refused: 'The vendor refused it. The details have its words.',
  /** Why the token was not kept, by what its store says. */
  unkept: {
    unavailable: 'Your keyring does not answer. See that it runs, or keep the token elsewhere.',
    locked: 'The place for the token is locked. Begin again and unlock it, or keep it elsewhere.',
    not_kept: 'Your keyring took the token and did not give the same back. Keep it elsewhere.',
    too_long: 'The token is longer than this place can hold. Keep it elsewhere.',
  } as Record<string, string>,
  again: 'Begin again',
  close: 'Done',
};

/** A message that a person carries to a web chat, and its answer back. */
export const relayEn = {
  title: (model: string) => `Carry this to ${model}`,
  region: (model: string) => `Prompt for ${model}`,
  hint: 'Copy the prompt, paste it into the web chat, and bring the answer back here.',
  which: 'What is carried',
  last: 'Last message',
  whole: 'Whole conversation',
  lastHint: 'For a web chat that knows what came before.',
  wholeHint: 'For a web chat that knows nothing of this conversation yet.',
  prompt: 'The prompt',
  size: (letters: number, text: string) => `${text} ${many(letters, 'character', 'characters')}`,
  copy: 'Copy prompt',
  copied: 'Copied',
  copyFailed: 'Not copied. Select the text and copy it with the keyboard.',
  filesHint: 'Attach by hand in the web chat:',
  answer: 'The answer',
  placeholder: 'Paste the answer of the web chat',
  submit: 'Take the answer',
  submitKeys: 'Ctrl+Enter',
  submitting: 'Saving',
  stop: 'Stop',
  same: 'This is the prompt itself. Copy the answer in the web chat, then paste it here.',
  empty: 'Paste the answer first.',
  waits: 'Waits for you',
  since: (time: string) => `Waits for you since ${time}`,
  carried: 'carried by you',
  free: 'free',
  announce: (model: string) => `A prompt waits to be carried to ${model}.`,
};

/** Settings of vendors whose address is made of them, and vendors without an address. */
export const specialEn = {
  address: 'Address',
  made: 'Made of the fields above.',
  another: 'Use another address',
  usual: 'Use the usual address',
  /** A model of a person is the name they give to a web chat. */
  chat: {
    title: 'Web chats',
    one: 'Web chat',
    none: 'No web chat yet. Add one by the name you call it.',
    add: 'Add a web chat',
    change: 'What is known of this web chat',
    id: 'Name',
    idHint: 'As you call it. Each name is a choice in the model picker.',
    exists: 'There is a web chat of this name already. What you say here is added to what is known.',
    saveAdd: 'Add web chat',
  },
  /** Where the vendor's data asks for an address, by the wire it has. */
  azureHint:
    'The endpoint, as https://NAME.openai.azure.com, or the whole target URI of a deployment as the portal shows it.',
  about: {
    'claude-code':
      'Answers come from the claude program on this computer, with the login it has. Parlance keeps no key for it and hands it only the words of the chat.',
    'human-relay':
      'You are the connection: Parlance shows each prompt to copy, you paste it into any web chat and bring the answer back. It costs nothing here, and nothing is sent anywhere.',
  } as Record<string, string>,
  checks: {
    'claude-code': {
      asks: 'Looking for the claude program and asking for its version. This is free.',
      answered: (duration: string, models: number, count: string, version: string | null) =>
        `The program is there and of ${version === null ? 'a version that fits' : `version ${version}, which fits`}. It answered in ${duration}${models > 0 ? ` with ${count} ${many(models, 'model', 'models')}` : ''}.`,
    },
  } as Record<
    string,
    {
      asks: string;
      /** `version` is the program's. */
      answered: (duration: string, models: number, count: string, version: string | null) => string;
    }
  >,
};

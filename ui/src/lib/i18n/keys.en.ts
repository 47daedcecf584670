import type { KeyState, KeyStatus } from '$lib/ipc/bindings';

/** What the keyring is called within a sentence: the name of an interface tells nobody anything. */
export function keyringCalled(name: string): string {
  return name === '' || name === 'Secret Service' ? 'the system keyring' : name;
}

/** The same where a sentence begins. */
function keyringBegins(name: string): string {
  return keyringCalled(name).replace(/^the/, 'The');
}

/** Where a key is kept, for the end of "Stored in …". */
function place(key: KeyState, keyringName: string): string {
  const names: Record<string, string> = {
    keyring: keyringCalled(keyringName),
    vault: 'the encrypted file',
    session: 'this session only',
    env: 'the environment',
  };
  return names[key.store] ?? key.store;
}

const troubles: Partial<Record<KeyStatus, (key: KeyState, keyringName: string) => string>> = {
  sessionOver: () => 'It was kept for one session, and that is over. Paste it again.',
  variableUnset: (key) =>
    `${key.envName ?? 'The variable'} is not set now. Set it and start Parlance again, or give a key.`,
  locked: (key, name) =>
    key.store === 'vault' ? 'The encrypted file is locked.' : `${keyringBegins(name)} is locked.`,
  unavailable: (key, name) =>
    key.store === 'vault'
      ? 'The encrypted file it was in is gone. Put it back, or give the key again.'
      : `${keyringBegins(name)} does not answer. See that it runs, then test again, or replace the key.`,
  lost: (key, name) => `It is no longer in ${place(key, name)}. Something else removed it. Replace it.`,
};

/** As within `lib/state`, which knows no words. */
type Kept = 'key' | 'secret' | 'token';

/** A token is asked about before there is one. */
const unsaved: Record<Kept, string> = {
  key: 'is not saved yet',
  secret: 'is not saved yet',
  token: 'cannot go there',
};

/** Keys and where they are kept. */
export const keysEn = {
  title: 'Keys',
  one: 'Key',
  label: (at: number) => `Key ${at}`,
  place,
  storedIn: 'Stored in ',
  fromEnv: 'From ',
  keptFor: 'Kept for ',
  endsWith: (end: string) => `Key ending in ${end}`,
  held: 'A key is held',
  none: 'No key yet.',
  notNeeded: 'No key. Give one only if this server asks for it.',
  trouble: (key: KeyState, keyringName: string) => troubles[key.status]?.(key, keyringName) ?? null,
  badge: {
    sessionOver: 'session over',
    variableUnset: 'not set',
    otherAddress: 'other address',
    locked: 'locked',
    unavailable: 'not available',
    lost: 'lost',
    none: 'no key',
  } as Partial<Record<KeyStatus, string>>,
  add: 'Add key',
  give: 'Give a key',
  replace: 'Replace',
  rename: (label: string) => `Rename ${label}`,
  renameField: 'Name of this key',
  use: (label: string) => `Use ${label}`,
  more: (label: string) => `More for ${label}`,
  move: (label: string) => `Move ${label}: drag, or Alt with the arrow keys`,
  moved: (label: string, at: number, of: number) => `${label} is now number ${at} of ${of}.`,
  up: 'Move up',
  down: 'Move down',
  test: 'Test this key',
  forget: 'Forget this key',
  remove: 'Remove key',
  removeAsk: (label: string) => `Remove ${label}? The key is deleted from where it is kept.`,
  removed: (label: string) => `${label} is removed.`,
  off: 'Off, skipped',
  unlock: 'Unlock',
  unlocking: 'Unlocking',
  elsewhere: (from: string, to: string) => `This key was given for ${from}. Send it to ${to}?`,
  elsewhereUnknown: (to: string) => `This key was given for another address. Send it to ${to}?`,
  sendTo: (host: string) => `Send this key to ${host}`,
  enterNew: 'Enter a new key',
  waiting: 'Waiting for your keyring',
  waitingHint: 'It asks for its password in a window of its own.',
  stopWaiting: 'Cancel',
  entry: {
    source: 'Where the key comes from',
    paste: 'Paste a key',
    variable: 'Environment variable',
    field: 'Key',
    placeholder: 'Paste a key',
    show: 'Show what was typed',
    hide: 'Hide what was typed',
    variableField: 'Variable',
    variableHint: 'Read from the variable at each use. Parlance keeps no copy.',
    keptIn: (name: string) => `Goes into ${keyringCalled(name)}, and never comes back out to this window.`,
    keyring: 'the system keyring',
    looksLike: (vendor: string) => `This looks like a key of ${vendor}. Nothing is sent until you save.`,
    elsewhere: 'Keep it elsewhere',
    save: 'Save key',
    saving: 'Saving',
  },
  where: {
    title: {
      unavailable: (what: Kept) => `Where shall Parlance keep this ${what}?`,
      locked: (_what: Kept) => 'Your keyring is still locked',
      not_kept: (what: Kept) => `Your keyring did not keep the ${what}`,
      chosen: (what: Kept) => `Where shall Parlance keep this ${what}?`,
    },
    why: {
      unavailable: (name: string, what: Kept) =>
        `${keyringBegins(name)} does not answer on this computer, so the ${what} ${unsaved[what]}.`,
      locked: (name: string, what: Kept) =>
        `${keyringBegins(name)} was not unlocked, so the ${what} ${unsaved[what]}.`,
      not_kept: (name: string, what: Kept) =>
        `${keyringBegins(name)} took the ${what} and did not give the same back. It is not saved yet.`,
      chosen: (_name: string, what: Kept) =>
        `Choose one. It is used for further ${what === 'key' ? 'keys' : 'keys and tokens'} of this window too.`,
    },
    keyring: (name: string) => keyringBegins(name),
    keyringHint: 'Kept by the system, unlocked when you log in.',
    again: (name: string) => `Try ${keyringCalled(name)} again`,
    session: 'This session only',
    sessionHint: {
      key: 'In memory. Forgotten when Parlance closes; paste it again next time.',
      secret: 'In memory. Forgotten when Parlance closes; give it again next time.',
      token: 'In memory. Forgotten when Parlance closes; sign in again next time.',
    },
    vault: 'A file with a passphrase',
    vaultHint: 'Encrypted on this disk. You type the passphrase after each start.',
    vaultOpen: 'Encrypted on this disk, and open now.',
    env: 'An environment variable',
    envHint: 'You set it outside of Parlance. The key you pasted is dropped.',
    envName: 'Name of the variable',
    use: 'Use this',
    cancel: 'Do not save',
  },
  vault: {
    create: 'Choose a passphrase',
    createHint: 'It encrypts the file with your keys. Parlance does not store it anywhere.',
    lostWarning: 'There is no way back: with a lost passphrase the keys in the file are lost too.',
    passphrase: 'Passphrase',
    again: 'The same again',
    current: 'Present passphrase',
    next: 'New passphrase',
    differs: 'The two are not the same.',
    short: (missing: number) => `${missing} more ${missing === 1 ? 'character' : 'characters'} at least.`,
    fair: 'Long enough. Four words or more are better.',
    good: 'Good length.',
    createDo: 'Create the file',
    creating: 'Encrypting',
    unlock: 'Unlock your keys',
    unlockHint: 'They are in a file that your passphrase encrypts.',
    unlockDo: 'Unlock',
    unlocking: 'Unlocking',
    change: 'Change the passphrase',
    changeDo: 'Change it',
    changing: 'Encrypting anew',
    forgot: 'Forgot it?',
    forgotHint:
      'Nobody can open the file without it. You can reset it in Settings, Keys, and give the keys again.',
    reset: 'Delete the file with all keys in it?',
    resetHint:
      'The keys are gone for good. Providers and chats stay; each provider then asks for its key again.',
    resetField: (word: string) => `Type ${word} to go on`,
    resetWord: 'delete',
    resetDo: 'Delete the keys',
    resetting: 'Deleting',
  },
  settings: {
    hint: 'Keys are read only when a request is sent, and never shown again.',
    keyringName: (name: string) => keyringBegins(name).replace('The system', 'System'),
    keyring: {
      available: 'In use. New keys go there.',
      locked: 'Locked. It asks for its password when a key is needed.',
      unavailable:
        'Does not answer on this computer. Where a new key goes is asked each time you start Parlance.',
    },
    keyringBadge: { available: 'ready', locked: 'locked', unavailable: 'not available' },
    file: 'Encrypted file',
    vault: {
      none: 'Not set up. It takes keys where there is no keyring, or where you prefer a passphrase.',
      locked: 'Locked. Keys in it cannot be used until you unlock it.',
      open: 'Open until Parlance closes.',
    },
    vaultBadge: { none: 'none', locked: 'locked', open: 'open' },
    create: 'Create',
    lock: 'Lock',
    change: 'Change passphrase',
    reset: 'Reset',
    look: 'Look again',
    looking: 'Looking',
  },
};

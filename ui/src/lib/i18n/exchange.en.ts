import type { ImportCode, ImportFormat, ImportNote, RouteStrategy } from '$lib/ipc/bindings';
import type { BackendError } from '$lib/ipc/errors';
import { keyringCalled } from './keys.en';
import { routesEn } from './routes.en';
import { format } from './format';
import { many } from './words';

const providers = (count: number) => `${format.count(count)} ${many(count, 'provider', 'providers')}`;
const keys = (count: number) => `${format.count(count)} ${many(count, 'key', 'keys')}`;

/** What is wrong with a configuration, by its cause; the name is a word of the form that stands in the file. */
const faults: Record<string, (name: string | null) => string> = {
  empty: () => 'There is no provider in it. Choose another file.',
  too_long: () => 'It is longer than 4 MB. A configuration is much shorter; choose another file.',
  too_many: () => 'There are more than 500 providers in it. Take some out and try again.',
  not_readable: () => 'This is neither TOML nor JSON. A comma, a quote or a bracket may be missing.',
  unknown_key: (name) =>
    name ? `“${name}” is no key of a configuration. Correct or remove it.` : 'A key is not known.',
  missing_key: (name) => (name ? `The key “${name}” is missing. Add it.` : 'A key is missing. Add it.'),
  wrong_value: (name) =>
    name ? `“${name}” cannot have this value. Correct it.` : 'A value cannot be used. Correct it.',
  taken_name: (name) =>
    name ? `The name “${name}” stands there twice. Give one another.` : 'A name stands there twice.',
  unknown_name: (name) => (name ? `Nothing in the file is called “${name}”.` : 'A name leads nowhere.'),
  unreadable_file: () => 'The file cannot be read. See that it is still there, then choose it again.',
};

/** Where in the file and what, out of "line 3: unknown key: colour". */
function fault(error: BackendError): { line: string | null; text: string } | null {
  const say = Object.hasOwn(faults, error.reason ?? '') ? faults[error.reason ?? ''] : undefined;
  if (error.code !== 'invalid' || !say) return null;
  const line = /^line (\d{1,9}):/.exec(error.message)?.[1] ?? null;
  const name = /: ([a-z0-9_.-]{1,64})$/i.exec(error.message)?.[1] ?? null;
  return { line: line === null ? null : `Line ${format.count(Number(line))}`, text: say(name) };
}

const notes: Record<ImportCode, (detail: string | null, vendor: (id: string) => string) => string> = {
  moved: (detail) => (detail ? `Kept as ${detail}.` : 'Kept in another place.'),
  leftOut: () => 'Parlance has no place for it.',
  variableUnset: (detail) =>
    detail
      ? `The variable ${detail} is not set now. Set it and start Parlance again, or give a key.`
      : 'The variable it names is not set now.',
  unknownVendor: (detail, vendor) =>
    detail
      ? `Parlance does not know this kind. It becomes ${vendor(detail)}; check its address.`
      : 'Parlance does not know this kind, and there is no address to ask it at.',
  badValue: (detail) =>
    detail ? `Its value cannot be used. It takes ${detail}.` : 'Its value cannot be used.',
  inClear: () => 'A key would travel to this address readable to everybody on the way. Write https there.',
};

const groupOf: Record<ImportCode, 'look' | 'out' | 'moved'> = {
  moved: 'moved',
  leftOut: 'out',
  variableUnset: 'look',
  unknownVendor: 'look',
  badValue: 'look',
  inClear: 'look',
};

const formats: Record<ImportFormat, string> = {
  parlance: 'A configuration of Parlance.',
  providersJson: 'An older form: JSON with providers.',
  llmToml: 'An older form: TOML with llm.providers.',
};

/** Configuration in and out. */
export const exchangeEn = {
  menu: 'Import and export',
  import: {
    open: 'Import providers',
    title: 'Import providers',
    lead: 'Nothing is changed before you have seen what is in it.',
    drop: 'Drop a configuration here, or',
    choose: 'Choose a file',
    file: 'Configuration file',
    forms: 'TOML or JSON, also encrypted by Parlance.',
    paste: 'Or paste its text',
    pasteHint: '[[providers]]',
    read: 'Read it',
    reading: 'Reading',
    failed: 'It cannot be read.',
    line: (line: string) => `${line}.`,
    encrypted: 'This file is encrypted',
    encryptedHint: (name: string | null) => `Type the passphrase that ${name ?? 'it'} was exported with.`,
    passphrase: 'Passphrase',
    wrong: 'That is not the passphrase. Try again.',
    unlock: 'Decrypt',
    unlocking: 'Decrypting',
    back: 'Back',
    preview: (count: number) => `Import ${providers(count)}?`,
    format: (format: ImportFormat) => formats[format],
    list: 'Providers in it',
    keys: (count: number) => (count === 0 ? 'no key' : keys(count)),
    routes: 'Routes in it',
    /** The built-in route has no targets of its own. */
    route: (strategy: RouteStrategy, targets: number) =>
      targets === 0
        ? routesEn.strategyName(strategy)
        : `${routesEn.strategyName(strategy)}, ${format.count(targets)} ${many(targets, 'target', 'targets')}`,
    replaces: 'Updates the one you have',
    fresh: 'New',
    also: (budgets: number, prices: number) => {
      const some = [
        budgets > 0 ? `${format.count(budgets)} ${many(budgets, 'budget', 'budgets')}` : '',
        prices > 0 ? `${format.count(prices)} ${many(prices, 'price', 'prices')} of your own` : '',
      ];
      return `Also ${some.filter((one) => one !== '').join(' and ')}. One for the same thing is replaced.`;
    },
    groups: { look: 'To look at', out: 'Left out', moved: 'In another place' },
    outHint: 'This version of Parlance has no place for it.',
    groupOf: (note: ImportNote) => groupOf[note.code],
    note: (note: ImportNote, vendor: (id: string) => string) => notes[note.code](note.detail, vendor),
    where: (count: number) => `Keep ${count === 1 ? 'the key' : `the ${keys(count)}`} in`,
    stores: {
      keyring: (name: string) => keyringCalled(name).replace(/^the/, 'The'),
      vault: 'A file with a passphrase',
      session: 'This session only',
    },
    storeHints: {
      keyring: 'Kept by the system, unlocked when you log in.',
      keyringOff: 'It does not answer on this computer.',
      vault: 'Encrypted on this disk. You type the passphrase after each start.',
      vaultOpen: 'Encrypted on this disk, and open now.',
      session: 'In memory. Forgotten when Parlance closes.',
    },
    take: (count: number) => `Import ${providers(count)}`,
    taking: 'Importing',
    done: (count: number) => `${providers(count)} ${many(count, 'is', 'are')} imported.`,
    next: (missing: string[]) =>
      missing.length === 0
        ? 'Test them in Providers; that is free.'
        : missing.length === 1
          ? `${missing[0] ?? ''} has no key yet. Give it one in Providers, then test it.`
          : `${format.count(missing.length)} have no key yet. Give them one in Providers, then test them.`,
    show: 'Open Providers',
    fault,
  },
  export: {
    open: 'Export providers',
    title: 'Export providers',
    lead: 'Into a file that Parlance can import again, here or on another computer.',
    what: 'What goes into the file',
    without: 'Without keys',
    withoutHint: 'Names, addresses, limits and models, as text that anybody can read.',
    withKeys: 'With keys, encrypted',
    withKeysHint: 'Your keys go along. Only the passphrase opens the file.',
    passphrase: 'Passphrase of the file',
    locked: 'The file with your keys is locked; its keys would be missing.',
    unlock: 'Unlock',
    write: 'Export',
    writing: 'Writing',
    done: (count: number) => `${providers(count)} ${many(count, 'is', 'are')} in the file.`,
    path: 'Path of the file',
    copyPath: 'Copy the path',
    missing: (count: number) =>
      `${keys(count)} could not be read and ${many(count, 'is', 'are')} not in it. Unlock where ${many(count, 'it is', 'they are')} kept, then export again.`,
    plain: 'No key is in it.',
    sealed: 'Keep the passphrase: without it nobody can open the file.',
    close: 'Done',
  },
};

import { keyringCalled } from './keys.en';
import type { KeyStatus, ProviderView } from '$lib/ipc/bindings';
import { list, many } from './words';

const wires: Record<string, string> = {
  'openai-chat': 'Chat completions API',
  'openai-responses': 'Responses API',
  anthropic: 'Messages API',
  gemini: 'Gemini API',
  ollama: 'Ollama API',
  cohere: 'Cohere API',
  bedrock: 'Amazon Bedrock Converse',
  replicate: 'Replicate predictions',
  'claude-code': 'Claude Code program',
  'human-relay': 'Human Relay',
};

const statusWords: Partial<Record<KeyStatus, string>> = {
  sessionOver: 'Session over',
  variableUnset: 'Variable not set',
  otherAddress: 'Other address',
  locked: 'Locked',
  unavailable: 'Keyring off',
  lost: 'Key lost',
};

/** What accounts hold: keys, credentials, or accounts themselves. */
type Nouns = { one: string; many: string };

/** The screen with the providers. */
export const providersEn = {
  label: 'Providers',
  title: 'Providers',
  noMatch: (query: string) => `Nothing matches “${query}”.`,
  clearFilter: 'Clear the filter',
  add: 'Add a provider',
  addTitle: 'Add a provider',
  addHint: 'Paste a key and it is recognised, or choose what to connect below.',
  byAddress: 'By its name or address',
  none: 'No provider yet',
  noneHint: 'Connect a cloud provider with a key, or a server on this computer. The demo needs neither.',
  category: {
    cloud: 'Cloud',
    local: 'Local',
    aggregator: 'Aggregators',
    specialised: 'Other',
  } as Record<string, string>,
  /** What one of them is. */
  categoryOne: {
    cloud: 'Cloud',
    local: 'On this computer',
    aggregator: 'Aggregator',
    specialised: 'Other',
  } as Record<string, string>,
  inUseCount: (used: number, all: number) => `${used} of ${all} in use`,
  nothingLeaves: 'Nothing leaves this computer',
  localHint: 'Text sent to these servers does not leave the machine.',
  wire: (dialect: string) => wires[dialect] ?? null,
  vendor: 'Provider',
  name: 'Name',
  address: 'Address',
  addressHint: 'Where its API is, with its path. The vendor’s own is taken where this is empty.',
  addressNeeded: 'Where its API is, with its path. It looks like http://127.0.0.1:8080/v1.',
  addressKeys: (host: string) =>
    `Keys stay bound to ${host}. You are asked before one goes to another address.`,
  at: 'at',
  api: 'API',
  keyOptional: 'Key, if the server wants one',
  noKeyChoice: 'No key',
  getKey: 'Get a key at',
  save: 'Save',
  saveNew: 'Add provider',
  saving: 'Saving',
  connection: 'Connection',
  edit: 'Change',
  remove: 'Remove provider',
  removeTitle: (name: string) => `Remove ${name}?`,
  removeAsk: 'Its keys are deleted from where they are kept. Its chats and their costs stay.',
  removing: 'Removing',
  removed: (name: string) => `${name} is removed.`,
  inUse: 'In use',
  use: (name: string) => `Use ${name}`,
  off: 'Off',
  more: (name: string) => `More for ${name}`,
  move: (name: string) => `Alt with the arrow keys moves ${name}`,
  moved: (name: string, at: number, of: number) => `${name} is now number ${at} of ${of}.`,
  check: 'Test',
  checkAgain: 'Test again',
  checking: 'Testing',
  checkAsks: (host: string) => `Asking ${host} for its models. This is free.`,
  works: 'Works.',
  answeredIn: (duration: string, models: number, count: string) =>
    `Answered in ${duration}, ${count} ${many(models, 'model', 'models')} found.`,
  allWork: (count: number, of: Nouns) =>
    count === 2 ? `Both ${of.many} work.` : `All ${count} ${of.many} work.`,
  someWork: (good: number, all: number, of: Nouns) =>
    `${good} of ${all} ${of.many} ${many(good, 'works', 'work')}.`,
  noneWork: (count: number, of: Nouns) =>
    count === 2 ? `Neither ${of.one} works.` : `None of ${count} ${of.many} works.`,
  whoAnswered: (all: { who: string; duration: string }[]) =>
    `${all.map(({ who, duration }, at) => (at === 0 ? `${who} answered in ${duration}` : `${who} in ${duration}`)).join(', ')}.`,
  testedAt: (time: string) => `Tested at ${time}, free of charge.`,
  models: 'Models',
  shownOf: (shown: string, all: string) => `${shown} of ${all} shown in the picker`,
  show: (model: string) => `Show ${model} in the picker`,
  fetch: 'Fetch list',
  fetching: 'Fetching',
  model: 'Model',
  noModels: 'No models known yet. Fetch the list, or type a model’s name in the picker.',
  unknown: 'unknown',
  state: {
    works: 'Works',
    noKey: 'No key',
    notSignedIn: 'Not signed in',
    off: 'Off',
    rejected: 'Key rejected',
    noCredit: 'No credit',
    notRunning: 'Not running',
    unreachable: 'Unreachable',
    failing: 'Failing',
    notSetUp: 'Not set up',
    running: 'Running',
    status: statusWords,
  },
  showAll: (count: string) => `Show all ${count}`,
  filterModels: 'Filter models',
  filtered: (count: number, text: string) => `${text} ${many(count, 'model', 'models')}`,
  required: 'Fill this in.',
  defaultModel: 'Offered first',
  defaultNone: 'The first shown',
};

/** What opens a provider may be a key, a credential or a sign-in: the words fit all of them. */
const accessTroubles: Partial<Record<KeyStatus, (who: string) => string>> = {
  sessionOver: (who) => `Access to ${who} was kept for one session, and that is over.`,
  variableUnset: (who) => `The environment variable that opens ${who} is not set.`,
  otherAddress: (who) => `Access to ${who} was given for another address.`,
  locked: (who) => `Access to ${who} is in a store that is locked.`,
  unavailable: (who) => `The store with the access to ${who} does not answer.`,
  lost: (who) => `Access to ${who} is no longer where it was kept.`,
};

/** Why a provider cannot be asked now. */
export function whyNot(provider: ProviderView): string {
  if (!provider.enabled) return `${provider.name} is switched off.`;
  const used = provider.accounts.filter((account) => account.enabled);
  if (used.length === 0) return `Every account of ${provider.name} is switched off.`;
  const status = used.find((account) => account.key.status !== 'none')?.key.status ?? 'none';
  return accessTroubles[status]?.(provider.name) ?? `${provider.name} has no key or sign-in now.`;
}

/** The first run, and the place where providers are added. */
export const onboardingEn = {
  steps: 'Steps',
  step: (at: number, of: number) => `Step ${at} of ${of}`,
  names: ['Connect', 'Model', 'Look'],
  title: 'Connect a model',
  lead: (store: string) =>
    `Paste a key from any provider. It is recognised, tested for free, and kept in ${keyringCalled(store)}.`,
  yourKeyring: 'your system keyring',
  aPlace: 'a place you choose',
  skip: 'Skip, look around first',
  skipStep: 'Skip this step',
  next: 'Continue',
  back: 'Back',
  start: 'Start chatting',
  enter: 'Enter',
  field: 'Paste a key, or several',
  pasteKeys: 'Ctrl V',
  take: 'Add',
  show: 'Show what is typed',
  hide: 'Hide what is typed',
  noKeyFound: 'No key was found in that text. A key is one long word without blanks; copy it whole.',
  rows: 'What was connected',
  ambiguous: (count: number) =>
    count === 0
      ? 'No provider is known by this form'
      : `${{ 2: 'Two', 3: 'Three', 4: 'Four' }[count] ?? count} providers use keys of this form`,
  which: 'Which one is it? Nothing is sent until you choose.',
  other: 'Other',
  whichAddress: (name: string) => `Address of the ${name} server`,
  useAddress: 'Send it there',
  saving: 'Saving',
  savingHint: 'Nothing is sent until it is kept.',
  testing: 'Testing',
  asking: (host: string) => `Asking ${host} for its model list. This is free.`,
  worksKey: (duration: string, models: number, count: string) =>
    `Works. Key accepted in ${duration}, ${count} ${many(models, 'model', 'models')} found.`,
  worksServer: (duration: string, models: number, count: string) =>
    `Works. Answered in ${duration}, ${count} ${many(models, 'model', 'models')} found.`,
  tested: 'Tested',
  notSaved: 'Not saved. Nothing was sent.',
  again: 'Try again',
  cancel: 'Cancel',
  cancelNamed: (name: string) => `Cancel ${name}`,
  discard: (name: string) => `Remove ${name} again`,
  open: 'Open',
  createKey: 'Create a key at',
  envSet: (names: string[]) => ({ names, verb: many(names.length, 'is', 'are') }),
  envWhere: 'set in your environment.',
  and: ' and ',
  envUse: (count: number) => (count === 1 ? 'Use it' : count === 2 ? 'Use both' : `Use all ${count}`),
  local: 'On this computer',
  localHint: 'Text sent to these servers does not leave the machine.',
  look: 'Look again',
  looking: 'Looking',
  noServers: (names: string[]) => `No local server answers. ${list(names)} would be found here once started.`,
  serversOff: (names: string[]) => `Not running: ${names.join(', ')}.`,
  addServer: 'Add',
  added: 'Added',
  serverModels: (models: string[]) =>
    models.length === 0
      ? 'No models yet'
      : models.length <= 2
        ? list(models)
        : `${models.slice(0, 2).join(', ')} and ${models.length - 2} more`,
  byAddress: 'Connect by address',
  byAddressHint: 'Another provider, or a server of your own.',
  demo: 'No key at hand?',
  demoHint: 'Open the offline demo: scripted answers in a data folder of its own. No key, no network.',
  openDemo: 'Open the demo',
  opening: 'Opening',
  promise: 'No account, no telemetry. Keys are read only when a request is sent.',
  ready: (count: number) => `${count} ${many(count, 'provider', 'providers')} ready`,
  noneReady: 'Nothing connected yet',
  said: (who: string, words: string) => `${who}: ${words}`,
  model: {
    title: 'Choose a model to start with',
    lead: 'New chats begin with it. Any other is one click away in each chat.',
    none: 'No model to choose from yet',
    noneHint: 'Go back and connect a provider, or skip this. You can do both later in Providers.',
    filter: 'Filter models',
    more: (count: string) => `${count} more. Filter to find them.`,
    list: 'Models that work',
    context: (tokens: string) => `${tokens} context`,
    price: (input: string, output: string) => `$${input} in, $${output} out per million`,
    free: 'no charge',
    unknownPrice: 'price unknown',
  },
  look3: {
    title: 'How shall it look?',
    lead: 'It changes at once. You find this in Settings later.',
  },
};

import { list, many } from './words';

const abilities = {
  images: 'images',
  pdf: 'PDF files',
  audio: 'sound',
  tools: 'tools',
  reasoning: 'reasoning',
};

const troubles = {
  off: ['Switched off', 'Switch it on'],
  keysOff: ['Every key is switched off', 'Switch one on'],
  noKey: ['No key', 'Add one'],
  rejected: ['Key rejected', 'Replace it'],
  sessionOver: ['Its key was for one session', 'Add it again'],
  variableUnset: ['The variable with its key is not set', 'Look at it'],
  otherAddress: ['Its key was given for another address', 'Look at it'],
  locked: ['The store of its key is locked', 'Unlock it'],
  unavailable: ['The store of its key does not answer', 'Look at it'],
  lost: ['Its key is gone', 'Add it again'],
} as const;

/** What a row says to those who hear it. */
export type SpokenRow = {
  name: string;
  provider: string;
  context: string | null;
  input: string | null;
  output: string | null;
  speed: string | null;
  can: (keyof typeof abilities)[];
  health: 'ok' | 'shaky' | 'bad' | null;
  favourite: boolean;
  providers: number;
  open: boolean;
  cheapest: boolean;
  fastest: boolean;
  trouble: keyof typeof troubles | null;
};

const healthWords = { ok: 'works', shaky: 'fails now and then', bad: 'failed lately' };

function prices(input: string | null, output: string | null): string {
  if (input === null && output === null) return 'price unknown';
  if (input === '0' && output === '0') return 'no charge';
  return `${input ?? 'unknown'} dollars in and ${output ?? 'unknown'} out per million tokens`;
}

function spoken(row: SpokenRow): string {
  const parts = [
    row.name,
    row.providers > 1
      ? `${row.providers} providers, Enter ${row.open ? 'hides' : 'shows'} them`
      : row.provider,
    row.trouble && troubles[row.trouble].join('. '),
    row.favourite && 'favourite',
    row.context && `${row.context} tokens of context`,
    `${row.providers > 1 ? 'from ' : ''}${prices(row.input, row.output)}`,
    row.speed && `${row.speed} tokens a second here`,
    row.can.length > 0 && `can use ${list(row.can.map((ability) => abilities[ability]))}`,
    row.health && healthWords[row.health],
    row.cheapest && 'cheapest',
    row.fastest && 'fastest here',
  ];
  return parts.filter(Boolean).join(', ');
}

/** The model picker. */
export const pickerEn = {
  label: 'Choose a model',
  retryLabel: 'Answer again with',
  search: 'Model or provider',
  count: (count: number, text: string = String(count)) => `${text} ${many(count, 'model', 'models')}`,
  view: 'Group',
  views: { provider: 'By provider', model: 'By model' },
  filter: 'Filter',
  filterOn: (count: number) => `Filter, ${count} on`,
  filters: {
    images: 'Images',
    pdf: 'PDF',
    tools: 'Tools',
    reasoning: 'Reasoning',
    free: 'No charge',
  },
  contextLeast: 'Context',
  anyContext: 'Any',
  atLeast: (tokens: string) => `${tokens} or more`,
  clearFilter: 'Clear the filter',
  filtered: (count: number) =>
    `The filter leaves nothing. It makes ${count} ${many(count, 'demand', 'demands')}.`,
  context: 'Context',
  input: 'In, $/M',
  output: 'Out, $/M',
  speed: 'tok/s here',
  can: 'Can',
  abilities,
  favourites: 'Favourites',
  recents: 'Used lately',
  models: 'Models',
  unusable: 'Not usable now',
  asWritten: 'Use as written',
  keys: (count: number) => `${count} keys`,
  local: 'on this computer',
  settings: (provider: string) => `Settings of ${provider}`,
  refresh: (provider: string) => `Fetch the models of ${provider}`,
  refreshing: 'Fetching',
  fetch: 'No models known yet. Fetch the list',
  hidden: 'All its models are hidden. Choose some',
  none: (query: string) => `Nothing matches “${query}”.`,
  clear: 'Clear the search',
  noProviders: 'No provider yet',
  noProvidersHint: 'Add one with a key, or a server on this computer.',
  add: 'Add a provider',
  trouble: (trouble: keyof typeof troubles) => troubles[trouble].join('. '),
  way: (trouble: keyof typeof troubles) => troubles[trouble][1],
  why: (trouble: keyof typeof troubles) => troubles[trouble][0],
  favour: (favourite: boolean) => (favourite ? 'Remove from favourites' : 'Add to favourites'),
  favoured: (model: string, favourite: boolean) =>
    favourite ? `${model} is a favourite now.` : `${model} is no favourite any more.`,
  unknown: 'unknown',
  free: 'free',
  cheapest: 'cheapest',
  fastest: 'fastest here',
  providers: (count: number) => `${count} providers`,
  firstToken: 'First token here',
  within95: (time: string) => `The median. 95 of 100 began within ${time}.`,
  speedHere: 'Speed here',
  perSecond: (speed: string) => `${speed} tok/s`,
  cached: 'Cached input',
  perMillion: (price: string) => (price === '0' ? 'free' : `$${price} / M`),
  longest: 'Longest answer',
  capabilities: 'Can use',
  cannot: 'nothing beside text',
  also: 'Also offered by',
  offered: 'Offered by',
  pair: (input: string, output: string) => `${input} / ${output}`,
  last: (time: string) => `Last call, ${time}`,
  still: 'You can still pick it.',
  failed: (failed: number, calls: number) => `${failed} of the last ${calls} calls failed.`,
  health: {
    ok: 'Worked lately',
    shaky: 'Fails now and then',
    bad: 'Failed every time lately',
  },
  take: 'Use in this chat',
  retry: 'Answer with this',
  more: 'Show its providers',
  fewer: 'Hide its providers',
  openSettings: 'Open its settings',
  hints: [
    ['Enter', 'takes'],
    ['Mod+D', 'favourite'],
    ['F5', 'fetches the list'],
    ['Alt+Enter', 'settings'],
  ] as const,
  spoken,
};

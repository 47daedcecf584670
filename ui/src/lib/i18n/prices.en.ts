import type { PriceOrder, PriceSource, TypicalChat } from '$lib/ipc/bindings';
import { format } from './format';
import { many } from './words';

/** Where prices are fetched from. */
const HOST = 'raw.githubusercontent.com';

/** Why a refresh was not taken, by its word. What was there before stays in force. */
const troubles: Record<string, string> = {
  network: `${HOST} could not be reached.`,
  too_large: 'The file was larger than a price list is, so it was not read.',
  truncated: 'The file broke off before its end.',
  not_json: 'What came is no price list.',
  absurd: 'The file holds prices that cannot be right, such as a thousand times the usual.',
  older: 'The file is older than the prices in use.',
  not_kept: 'The file could not be kept in the data folder.',
};

/** Why a field of a price is not taken, by its field and cause. */
const faults: Record<string, string> = {
  'validFrom.not_a_day': 'This is no day. It looks like 2026-11-22.',
  'validFrom.taken': 'There is a price from this day on already. Change that one.',
  'rates.input.empty': 'Give what a million input tokens cost. 0 is free.',
  'rates.output.empty': 'Give what a million output tokens cost. 0 is free.',
  'model.empty': 'Give the model’s ID.',
  'providerId.not_found': 'This provider was removed.',
  'providerId.free': 'Nothing that this provider does costs money.',
  too_large: 'This is more than any model costs.',
  out_of_range: 'This is more than any model costs.',
  not_a_number: 'This is no price. It looks like 2.50.',
  negative: 'A price is never below zero.',
  empty: 'This cannot be empty.',
  too_long: 'This is too long.',
};

const own = (key: string): string | undefined => (Object.hasOwn(faults, key) ? faults[key] : undefined);

const orders: Record<PriceOrder, string> = {
  name: 'By name',
  typicalCost: 'Cheapest chat first',
  input: 'Cheapest input first',
  output: 'Cheapest output first',
};

/** Prices: the list, a person's own, and models without one. */
export const pricesEn = {
  title: 'Price list',
  back: 'Back to Costs',
  search: 'Find a model or provider',
  which: 'Which prices',
  all: 'All',
  mine: 'My providers',
  own: 'My prices',
  order: 'Order',
  orders,
  add: 'Set a price',
  refresh: 'Refresh',
  refreshing: 'Fetching',
  table: 'Prices of models',
  columns: {
    model: 'Model',
    provider: 'Provider',
    input: 'In, $/M',
    cached: 'Cached, $/M',
    output: 'Out, $/M',
    typical: 'A typical chat',
    act: 'Your price',
  },
  unit: 'Dollars per million tokens.',
  typical: ({ input, output, own: mine }: TypicalChat) =>
    mine
      ? `A typical chat is the median of yours: ${format.count(input)} tokens in, ${format.count(output)} out.`
      : `A typical chat is taken as ${format.count(input)} tokens in, ${format.count(output)} out, until there are twenty of yours.`,
  found: (count: number) => `${format.count(count)} ${many(count, 'model', 'models')}`,
  none: 'No price fits.',
  noneOwn: 'You have set no price of your own.',
  noneFor: (text: string) => `Nothing with “${text}” in its name has a price here.`,
  clear: 'Show all',
  failed: 'The price list could not be read.',
  again: 'Try again',
  unknown: 'unknown',
  varies: 'varies',
  variesTitle:
    'The whole request costs more above some length, or at certain hours. This is the lowest step.',
  yours: 'yours',
  yoursTitle: (day: string) => `Your own price, in force since ${day}`,
  later: (day: string) => `yours from ${day}`,
  setFor: (model: string, provider: string) => `Set your own price for ${model} at ${provider}`,
  changeFor: (model: string, provider: string) => `Your prices for ${model} at ${provider}`,
  source: ({ bundled }: PriceSource, day: string, fetched: string | null) =>
    bundled
      ? `Prices of ${day}, which came with Parlance.`
      : `Prices of ${day}${fetched === null ? '' : `, fetched on ${fetched}`}.`,
  models: (count: number) => `${format.count(count)} models.`,
  setting: 'Refresh prices once a week',
  settingHint: `Fetches the published list of genai-prices from ${HOST} while Parlance runs. Nothing of yours goes there.`,
  ask: {
    title: 'Fetch prices now?',
    text: `One file with the prices of all models is fetched from ${HOST}, where the genai-prices project publishes it. Nothing of yours goes there, and no key.`,
    fetch: 'Fetch now',
  },
  fetched: (day: string) => `Prices of ${day} are in use now.`,
  trouble: (word: string, day: string) =>
    word === 'kept_broken'
      ? `The prices that were fetched last can no longer be read and are set aside. Those of ${day}, which came with Parlance, are in use.`
      : `The last refresh was not taken. ${Object.hasOwn(troubles, word) ? troubles[word] : 'What came cannot be used.'} The prices of ${day} stay in force.`,
  refused: (word: string | null) =>
    (word !== null && Object.hasOwn(troubles, word) && troubles[word]) || 'What came cannot be used.',

  unpriced: {
    line: (model: string, provider: string) => `${model} at ${provider} has no price`,
    more: (count: number) => `and ${format.count(count)} more`,
    requests: (count: number) =>
      `${format.count(count)} ${many(count, 'request is', 'requests are')} in no sum of money.`,
    set: 'Set one',
    setFor: (model: string) => `Set a price for ${model}`,
    notNow: 'Not now',
    notNowFor: (model: string) => `Do not ask for a price of ${model} again`,
    label: 'Models without a price',
    dismissed: (model: string) => `${model} stays without a price. It can be set in the price list.`,
  },

  dialog: {
    title: 'Set a price',
    titleOf: (model: string) => `Your price for ${model}`,
    at: (provider: string) => `at ${provider}`,
    provider: 'Provider',
    model: 'Model',
    modelHint: 'As the provider bills it.',
    noModel: 'Give the model’s ID.',
    lead: 'Dollars per million tokens. What is booked already stays as it is.',
    input: 'Input',
    output: 'Output',
    cacheRead: 'From the cache',
    cacheWrite: 'Written to the cache',
    reasoning: 'Reasoning',
    request: 'Each request, in dollars',
    more: 'More prices',
    asInput: 'as input',
    asOutput: 'as output',
    nothing: 'none',
    list: (amount: string) => `list: ${amount}`,
    validFrom: 'In force from',
    validFromHint: 'A local day, as 2026-11-22.',
    late: (count: number | null) =>
      count === null
        ? 'Also price the requests without one since that day'
        : `Also price the ${format.count(count)} ${many(count, 'request', 'requests')} that had none`,
    lateHint: 'They are booked as late figures on the days they were made.',
    save: 'Keep the price',
    saving: 'Keeping',
    kept: 'Your prices for this model',
    row: (day: string, input: string, output: string) => `From ${day}: ${input} in, ${output} out`,
    edit: (day: string) => `Change the price from ${day}`,
    remove: (day: string) => `Remove the price from ${day}`,
    another: 'Add another from a later day',
    faults: {
      notANumber: 'This is no price. It looks like 2.50.',
      notWhole: 'This is no price. It looks like 2.50.',
      outside: 'From 0 to 100,000 dollars.',
      noInput: 'Give what a million input tokens cost. 0 is free.',
      noOutput: 'Give what a million output tokens cost. 0 is free.',
      noDay: 'This is no day. It looks like 2026-11-22.',
    },
  },
  saved: (model: string, booked: number) =>
    booked === 0
      ? `Price kept for ${model}.`
      : `Price kept for ${model}. ${format.count(booked)} ${many(booked, 'request', 'requests')} without one ${many(booked, 'is', 'are')} priced now.`,
  removed: (model: string) => `Your price for ${model} is removed.`,
  explain: (field: string | null, cause: string | null) =>
    own(`${field ?? ''}.${cause ?? ''}`) ?? own(cause ?? '') ?? null,
};

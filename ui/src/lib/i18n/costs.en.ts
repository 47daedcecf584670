import type {
  BudgetView,
  CostGroup,
  CostKey,
  CostOutcome,
  CostSource,
  CostWaste,
  Purpose,
  Rates,
  WasteKind,
} from '$lib/ipc/bindings';
import type { CostRange } from '$lib/state/costRange';
import type { FilterKind, LineOrder } from '$lib/state/costs.svelte';
import { format } from './format';
import { list, many } from './words';

const purposes: Record<Purpose, string> = {
  chat: 'Chat',
  compare: 'Compare',
  merge: 'Merged answers',
  judge: 'Judgements',
  promptSet: 'Prompt sets',
  gateway: 'Gateway',
  title: 'Titles',
  embedding: 'Embeddings',
  index: 'Search index',
  check: 'Checks',
};

const outcomes: Record<CostOutcome, string> = {
  complete: 'Complete',
  interrupted: 'Cut off',
  failed: 'Failed',
  cancelled: 'Stopped by you',
};

const sources: Record<CostSource, string> = {
  reported: 'Reported by the vendor',
  priced: 'At your price or the list’s',
  estimated: 'Estimated',
  free: 'No charge',
  unknown: 'No price',
};

const wastes: Record<WasteKind, string> = {
  cutOff: 'Cut off',
  failed: 'Failed',
  stopped: 'Stopped by you',
  askedAgain: 'Asked again',
  triedAgain: 'Tried again',
};

const groups: Record<CostGroup, string> = {
  provider: 'Provider',
  model: 'Model',
  purpose: 'Purpose',
  route: 'Route',
  account: 'Key',
};

const kinds: Record<FilterKind, { one: string; all: string; title: string }> = {
  providers: { one: 'Provider', all: 'All providers', title: 'Providers' },
  models: { one: 'Model', all: 'All models', title: 'Models' },
  purposes: { one: 'Purpose', all: 'All purposes', title: 'Purposes' },
  routes: { one: 'Route', all: 'All routes', title: 'Routes' },
  accounts: { one: 'Key', all: 'All keys', title: 'Keys' },
  outcomes: { one: 'Result', all: 'All results', title: 'Results' },
  sources: { one: 'Amount', all: 'All amounts', title: 'Where the amount comes from' },
  waste: { one: 'Wasted', all: 'All requests', title: 'Failed and retried' },
};

const ranges: Record<Exclude<CostRange['kind'], 'month' | 'days'>, string> = {
  thisMonth: 'This month',
  lastMonth: 'Last month',
  last7: 'Last 7 days',
  last30: 'Last 30 days',
  thisYear: 'This year',
  all: 'All time',
};

const waste: Record<WasteKind, (count: number) => string> = {
  cutOff: (count) => `${many(count, 'answer', 'answers')} cut off`,
  failed: () => 'failed',
  stopped: () => 'stopped by you',
  askedAgain: () => 'asked again',
  triedAgain: () => 'tried again',
};

/** What a filter or a group is called, from its id and the name that came with it. */
function keyName(kind: FilterKind, { id, name }: Pick<CostKey, 'id' | 'name'>): string {
  if (kind === 'purposes') return purposes[id as Purpose] ?? id;
  if (kind === 'outcomes') return outcomes[id as CostOutcome] ?? id;
  if (kind === 'sources') return sources[id as CostSource] ?? id;
  if (kind === 'waste') return wastes[id as WasteKind] ?? id;
  if (name !== '') return name;
  if (kind === 'routes') return id === '' ? 'Without a route' : 'In my order';
  if (kind === 'accounts' && id === '') return 'Without a key';
  return id;
}

const days = (from: string, to: string, today: string) =>
  from === to ? format.day(from, today) : `${format.day(from, today)} to ${format.day(to, today)}`;

/** Inside a sentence: "on 3 Nov", "from 3 Nov to 9 Nov". */
const during = (from: string, to: string, today: string) =>
  `${from === to ? 'on' : 'from'} ${days(from, to, today)}`;

const spentWhen: Record<keyof typeof ranges, (today: string) => string> = {
  thisMonth: (today) => `in ${format.month(today)}`,
  lastMonth: () => 'last month',
  last7: () => 'in the last 7 days',
  last30: () => 'in the last 30 days',
  thisYear: () => 'this year',
  all: () => 'in all',
};

/** How a bill differs from what was counted here, in words. */
function difference(billNano: number, oursNano: number, guessed: boolean): string {
  const ours = guessed ? `≈ ${format.cents(oursNano)}` : format.cents(oursNano);
  const gap = billNano - oursNano;
  if (Math.abs(gap) < 5_000_000) return `The same as here, to the cent: ${ours}.`;
  const share = billNano === 0 ? '' : `, ${format.percent(Math.abs(gap) / billNano)} of the bill`;
  const more = gap > 0 ? 'more' : 'less';
  return `The bill is ${format.cents(Math.abs(gap))} ${more} than what is counted here (${ours})${share}.`;
}

/** Words of the costs. */
export const costsEn = {
  title: 'Costs',
  purposes,
  outcomes,
  sources,
  waste: wastes,
  groups,
  kinds,
  ranges,
  keyName,
  range: (range: CostRange, today: string) => {
    if (range.kind === 'month') return format.month(range.month);
    if (range.kind === 'days') return days(range.from, range.to, today);
    return range.kind === 'thisMonth' ? format.month(today) : ranges[range.kind];
  },
  days,
  prices: 'Price list',
  budgets: 'Budgets',
  setBudget: 'Set a budget',
  export: {
    button: 'Export',
    csv: 'CSV, one line a request',
    json: 'JSON, with the sums',
    working: 'Writing',
    done: (count: number) => `${format.count(count)} ${many(count, 'request', 'requests')} written to`,
    copyPath: 'Copy the path',
    close: 'Close',
  },
  filter: {
    label: 'Filter',
    range: 'Days',
    more: 'Filter',
    month: 'A month',
    choose: 'Choose',
    from: 'From',
    to: 'To',
    apply: 'Show these days',
    noDay: 'This is no day. It looks like 2026-11-22.',
    find: 'Find',
    nothing: 'Nothing in these days.',
    noMatch: 'No match.',
    several: (names: string[]) => (names.length > 2 ? `${names.length} chosen` : list(names)),
    remove: (kind: FilterKind, name: string) => `Remove the filter ${kinds[kind].one}: ${name}`,
    chip: (kind: FilterKind, name: string) => `${kinds[kind].one}: ${name}`,
    clear: 'Clear all',
    active: 'Filters',
    said: (amount: string, requests: number) =>
      `${amount}, ${format.count(requests)} ${many(requests, 'request', 'requests')}`,
  },
  hero: {
    label: 'Summary',
    spent: 'spent',
    unpriced: (count: number) => `${format.count(count)} without a price`,
    of: (limit: string) => `of ${limit}`,
    /** When it was spent, in the sentence "$12.00 spent this year". */
    when: (range: CostRange, today: string) => {
      if (range.kind === 'days') return during(range.from, range.to, today);
      if (range.kind === 'month') return `in ${format.month(range.month)}`;
      return spentWhen[range.kind](today);
    },
    span: (from: string, to: string, count: number, today: string) =>
      count === 1 ? days(from, to, today) : `${days(from, to, today)}, ${format.count(count)} days`,
    heading: 'heading for',
    by: (end: string) => `by ${end}`,
    dayOf: (now: number, of: number) => `Day ${now} of ${of}`,
    warnsAt: (amount: string) => `warns at ${amount}`,
    meter: 'Budget of the month',
    meterText: (spent: string, limit: string, projected: string | null) =>
      `${spent} of ${limit} spent${projected === null ? '' : `, heading for ${projected}`}`,
    today: (requests: number) => `Today, ${format.count(requests)} ${many(requests, 'request', 'requests')}`,
    ofToday: (budget: BudgetView) => `of ${format.cents(budget.limitNano)} a day`,
    waste: (share: string | null) => (share === null ? 'Failed and retried' : `Failed and retried, ${share}`),
    saved: 'Saved by prompt cache',
    savedBoth: (answers: string) => `Saved by prompt cache, and ${answers} by kept answers`,
    cost: 'Prompt cache cost more than it saved',
    reported: 'Reported by the vendor',
    nothingPaid: 'Nothing was paid for',
    guessTitle: (amount: string) => `${amount} of this is reckoned from the price list`,
  },
  chart: {
    perDay: 'Per day',
    perMonth: 'Per month',
    group: 'Group by',
    unit: 'Unit',
    money: 'Money',
    tokens: 'Tokens',
    look: 'Look',
    chart: 'Chart',
    table: 'Table',
    other: 'Other',
    pace: (amount: string) => `budget pace, ${amount} a day`,
    label: (unit: 'money' | 'tokens', grain: 'day' | 'month', group: CostGroup, range: string) =>
      `${unit === 'money' ? 'Money' : 'Tokens'} per ${grain} by ${groups[group].toLowerCase()}, ${range}`,
    highest: (name: string, value: string) => `The highest is ${name} with ${value}.`,
    projected: 'Hatched bars are a projection.',
    hint: 'Left and right go through the days, up and down through the parts of one, Enter filters.',
    column: (name: string, sum: string, parts: string[]) =>
      parts.length === 0 ? `${name}, nothing` : `${name}, ${sum}: ${parts.join(', ')}`,
    projection: (name: string, sum: string) => `${name}, projected ${sum}`,
    more: (count: number) => `${count} more`,
    sum: 'Sum',
    nothing: 'Nothing in these days.',
    nothingFits: 'Nothing fits the filters in these days.',
    when: (grain: 'day' | 'month') => (grain === 'day' ? 'Day' : 'Month'),
    projectedShort: 'projected',
    onlyThis: (name: string) => `Show only ${name}`,
    all: 'Show everything again',
  },
  table: {
    title: 'By provider and model',
    note: 'A dotted figure is reckoned here from the price list. A plain one was reported by the vendor.',
    columns: {
      name: 'Provider',
      entries: 'Requests',
      input: 'Tokens in',
      output: 'Tokens out',
      cache: 'From cache',
      success: 'Complete',
      first: 'First token',
      reported: 'Reported',
      cost: 'Cost',
    } satisfies Record<LineOrder, string>,
    none: 'none',
    local: 'no charge',
    unknown: 'unknown',
    someUnknown: (count: number) =>
      `${format.count(count)} ${many(count, 'request has', 'requests have')} no price and ${many(count, 'is', 'are')} not in this sum`,
    models: (name: string) => `Models of ${name}`,
    only: (name: string) => `Filter by ${name}`,
    all: (count: number) => `Show all ${format.count(count)} providers`,
    fewer: 'Show the largest only',
  },
  sure: {
    title: 'How sure is this',
    reported: (count: string, paid: string, amount: string) => [
      `${count} of ${paid} paid requests`,
      `came with a price from the vendor: ${amount}.`,
    ],
    priced: (count: number, of: string, amount: string) => [
      `${format.count(count)} ${many(count, 'request', 'requests')}`,
      `${many(count, 'is', 'are')} reckoned from the price list of ${of}: ${amount}.`,
    ],
    estimated: (count: number, amount: string) => [
      `${format.count(count)} of these`,
      `had to guess the tokens, mostly where an answer was cut off: ${amount}.`,
    ],
    unknown: (count: number) => [
      `${format.count(count)} ${many(count, 'request has', 'requests have')} no price`,
      `and ${many(count, 'is', 'are')} not in the total.`,
    ],
    free: (count: number) => [
      `${format.count(count)} ${many(count, 'request', 'requests')}`,
      'cost nothing: on this computer, from kept answers or free by plan.',
    ],
    setPrice: 'Set a price',
    filterBy: (name: string) => `Filter by: ${name}`,
    waste: 'Paid for and not usable',
    noWaste: 'Nothing was wasted.',
    wasteLine: ({ kind, entries }: CostWaste) => `${format.count(entries)} ${waste[kind](entries)}`,
    saved: 'Saved by cache',
    noSaving: 'Nothing was saved.',
    kept: 'Kept answers',
    bill: 'My bill says',
    billOf: 'Provider of the bill',
    amount: 'Amount of the bill in dollars',
    everyone: 'All providers',
    compare: 'Compare',
    badAmount: 'Give an amount in dollars, such as 18.55.',
    difference,
    notCounted: (count: number) =>
      `${format.count(count)} ${many(count, 'request', 'requests')} without a price may explain a part.`,
    over: (range: string) => `Over ${range}.`,
  },
  elsewhere: {
    title: 'What it would have cost',
    note: 'The same tokens at each route’s cheapest target that could have answered.',
    at: (model: string, provider: string) => `${model} at ${provider}`,
    less: (amount: string) => `${amount} less`,
    more: (amount: string) => `${amount} more`,
    same: 'the same',
    leftOut: (count: number) => `${format.count(count)} left out`,
    leftOutTitle: 'Without counts or a price, or too long for this model.',
    counted: (count: number) => `${format.count(count)} ${many(count, 'request', 'requests')}`,
  },
  log: {
    title: 'Requests',
    count: (total: number) => `${format.count(total)} ${many(total, 'request', 'requests')}`,
    larger: 'Show large',
    smaller: 'Show small',
    time: 'Time',
    model: 'Model',
    result: 'Result',
    purpose: 'Purpose',
    tokens: 'In, out',
    first: 'First token',
    cost: 'Cost',
    ok: 'complete',
    cut: 'cut off',
    failed: 'failed',
    stopped: 'stopped',
    kept: 'kept',
    ending: 'Reading on to the last one',
    none: 'No request fits.',
    failedToRead: 'The requests could not be read.',
    details: 'Details of the request',
    open: 'Open in the chat',
    restore: 'Restore and open the chat',
    trash: 'The chat is in the trash.',
    gone: 'The chat is deleted for good.',
    noChat: 'It belongs to no chat.',
    unknownCost: 'unknown',
    row: (time: string, model: string, provider: string, result: string, cost: string) =>
      `${time}, ${model} at ${provider}, ${result}, ${cost}`,
    fields: {
      when: 'When',
      provider: 'Provider',
      account: 'Key',
      route: 'Route',
      purpose: 'For',
      reason: 'How it came about',
      time: 'Time',
      tokens: 'Tokens',
      amount: 'Amount',
      prices: 'Prices',
      error: 'What went wrong',
    },
    times: (first: string | null, all: string | null) =>
      [first && `first token after ${first}`, all && `${all} in all`].filter(Boolean).join(', ') ||
      'not measured',
    input: (count: string, cached: string | null, written: string | null) =>
      `${count} in${cached || written ? ` (${[cached && `${cached} from cache`, written && `${written} written to it`].filter(Boolean).join(', ')})` : ''}`,
    output: (count: string, reasoning: string | null) =>
      `${count} out${reasoning ? ` (${reasoning} of it reasoning)` : ''}`,
    noTokens: 'unknown',
    guessedTokens: 'counted here, the vendor said nothing',
    /** Prices per million tokens, in dollars; for a request, as it is. */
    price: {
      input: (dollars: string) => `$${dollars} input`,
      cacheRead: (dollars: string) => `$${dollars} from cache`,
      cacheWrite: (dollars: string) => `$${dollars} written to it`,
      output: (dollars: string) => `$${dollars} output`,
      reasoning: (dollars: string) => `$${dollars} reasoning`,
    } satisfies Partial<Record<keyof Rates, (dollars: string) => string>>,
    perMillion: (prices: string) => `${prices}, per million tokens`,
    perRequest: (amount: string) => `${amount} a request`,
    ownPrices: (day: string) => `your own, in force since ${day}`,
    listPrices: (source: string, day: string) => `${source}, as of ${day}`,
    sources: {
      reported: 'the vendor’s own figure',
      priced: 'the vendor’s tokens at their prices',
      estimated: 'tokens counted here, at their prices',
      free: 'no charge',
      unknown: 'no price is known',
    } satisfies Record<CostSource, string>,
    turnedAway: 'turned away, so nothing is billed',
    savedBy: (amount: string) => `the kept answer saved ${amount}`,
    reasons: {
      first: 'The first attempt',
      retry: 'The same model once more',
      nextAccount: 'With another key',
      nextTarget: 'Another model of the route',
      continued: 'Goes on with a text that was cut off',
    },
  },
  empty: {
    title: 'No requests yet',
    hint: 'What your chats cost is counted here from the first answer on, request by request.',
    chat: 'Start a chat',
    demo: 'Look at the demo',
  },
  failed: 'The costs could not be read.',
  stale: 'These figures are from before.',
  retry: 'Retry',
  loading: 'Counting',
  provider: {
    title: 'Costs',
    thisMonth: (month: string) => `in ${month}`,
    open: 'All costs of this provider',
    none: 'Nothing was asked of it this month.',
    more: (count: number) => `and ${count} more`,
  },
};

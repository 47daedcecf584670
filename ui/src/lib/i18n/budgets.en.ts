import type {
  AtLimit,
  BudgetPeriod,
  BudgetScope,
  BudgetStop,
  BudgetView,
  EstimateView,
} from '$lib/ipc/bindings';
import { localDay } from '$lib/days/local';
import { fallbackEn } from './fallback.en';
import { number } from './intl';
import { format } from './format';
import { list, many } from './words';

const NANO = 1e9;

/** A limit as it was typed: $80, $80.50, $0.002. */
function limit(nano: number): string {
  const usd = nano / NANO;
  if (Number.isInteger(usd)) return `$${format.count(usd)}`;
  return usd < 0.01
    ? format.money(nano)
    : `$${number(usd, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

const periods: Record<BudgetPeriod, string> = { day: 'each day', month: 'each month' };
const running: Record<BudgetPeriod, string> = { day: 'today', month: 'this month' };

type Named = Pick<BudgetView, 'scope' | 'name'>;

/** What it holds for: "Everything", "OpenAI", "Route Careful". */
function what({ scope, name }: Named): string {
  if (scope.kind === 'all') return 'Everything';
  return scope.kind === 'route' ? `Route ${fallbackEn.named(name)}` : name;
}

/** The same inside a sentence: "the monthly budget for everything". */
function inSentence(budget: BudgetView): string {
  const { scope, period } = budget;
  const span = period === 'day' ? 'daily' : 'monthly';
  const of =
    scope.kind === 'all'
      ? 'for everything'
      : scope.kind === 'route'
        ? `of the route ${fallbackEn.named(budget.name)}`
        : `for ${budget.name}`;
  return `the ${span} budget ${of}`;
}

const left = ({ limitNano, spentNano, reservedNano }: BudgetView) =>
  Math.max(0, limitNano - spentNano - reservedNano);

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "It begins anew on 1 Dec.", or tomorrow. */
const anew = ({ period, until }: BudgetView, now: number) =>
  period === 'day' ? 'It begins anew tomorrow.' : `It begins anew on ${format.day(until, localDay(now))}.`;

/** How it stands, plainly. */
function standing(budget: BudgetView, now: number): string {
  const over = budget.spentNano - budget.limitNano;
  if (over > 0) return `It is overspent by ${format.cents(over)}. ${anew(budget, now)}`;
  if (budget.reached || left(budget) === 0) return `It is spent. ${anew(budget, now)}`;
  return `${format.cents(left(budget))} is left. ${anew(budget, now)}`;
}

/** What a request that does not fit may take of what is left. */
function stop({ budget, expectedNano }: BudgetStop, now: number): string {
  const rest = left(budget);
  const has =
    rest === 0
      ? `${capital(inSentence(budget))} of ${limit(budget.limitNano)} is spent.`
      : expectedNano === null
        ? `${format.cents(rest)} of ${limit(budget.limitNano)} is left in ${inSentence(budget)}.`
        : `This may take up to ${format.estimate(expectedNano)}, and ${format.cents(rest)} of ${limit(budget.limitNano)} is left in ${inSentence(budget)}.`;
  return `${has} ${anew(budget, now)}`;
}

/** Why a field of a budget is not taken, by its field and cause. */
const faults: Record<string, string> = {
  'limitNano.out_of_range': 'A limit is more than nothing and at most a million dollars.',
  'warnAt.out_of_range': 'Each is a whole number from 1 to 100.',
  'warnAt.too_many': 'Five at most.',
  'scope.not_found': 'That was removed meanwhile. Choose another.',
  'scope.taken': 'There is one for the same and as long already. Change that one.',
};

const own = (key: string): string | undefined => (Object.hasOwn(faults, key) ? faults[key] : undefined);

const atLimits: Record<AtLimit, string> = {
  warn: 'At the limit it is only said.',
  ask: 'At the limit you are asked.',
  stop: 'At the limit nothing more is sent.',
};

/** Budgets: how much may be spent, and what happens then. */
export const budgetsEn = {
  title: 'Budgets',
  back: 'Back to Costs',
  lead: 'A budget warns before it is spent, and can ask or stop at its limit. Models on this computer and kept answers cost nothing and are never stopped.',
  add: 'New budget',
  none: 'No budget is set. Nothing is warned of or stopped.',
  failed: 'The budgets could not be read.',
  again: 'Try again',
  limit,
  what,
  inSentence,
  periods,
  of: (budget: BudgetView) => `${what(budget)}, ${periods[budget.period]}`,
  spentOf: (budget: BudgetView) => ({
    spent: format.cents(budget.spentNano),
    of: `of ${limit(budget.limitNano)} ${running[budget.period]}`,
  }),
  meter: (budget: BudgetView) =>
    `${what(budget)}: ${format.cents(budget.spentNano)} of ${limit(budget.limitNano)} spent ${running[budget.period]}`,
  standing,
  guessed: (amount: string) => `${amount} of it is our estimate.`,
  reserved: (amount: string) => `Up to ${amount} more is under way.`,
  unknown: (count: number) =>
    `${format.count(count)} ${many(count, 'request', 'requests')} without a known cost ${many(count, 'is', 'are')} not in it.`,
  warns: (shares: number[]) =>
    shares.length === 0 ? '' : `Warns at ${list(shares.map((share) => `${share} %`))}.`,
  atLimit: (at: AtLimit) => atLimits[at],
  spentShare: (percent: number) => `${percent} %`,
  reachedBadge: 'spent',
  edit: (budget: Named) => `Change the budget: ${what(budget)}`,
  remove: (budget: Named) => `Remove the budget: ${what(budget)}`,
  removed: (budget: Named) =>
    `The budget for ${budget.scope.kind === 'all' ? 'everything' : what(budget)} is removed.`,
  restored: (budget: Named) =>
    `The budget for ${budget.scope.kind === 'all' ? 'everything' : what(budget)} is back.`,
  saved: (budget: Named) =>
    `The budget for ${budget.scope.kind === 'all' ? 'everything' : what(budget)} is kept.`,
  eachOne: (period: BudgetPeriod) => capital(periods[period]),
  own: {
    title: 'Budget',
    titles: 'Budgets',
    set: 'Set a budget',
    all: 'All budgets',
    none: 'None of its own. Budgets for everything hold here too.',
  },
  rail: (spent: string, budget: BudgetView) => `${spent} of ${limit(budget.limitNano)} this month`,
  openCosts: 'Open Costs',
  railOf: (budget: BudgetView) => `of ${limit(budget.limitNano)}`,

  dialog: {
    add: 'New budget',
    change: (budget: Named) => `Budget: ${what(budget)}`,
    scope: 'Holds for',
    scopes: { all: 'Everything', provider: 'A provider', route: 'A route' } satisfies Record<
      BudgetScope['kind'],
      string
    >,
    provider: 'Provider',
    route: 'Route',
    noProviders: 'No provider is set up.',
    period: 'Begins anew',
    periods: { day: capital(periods.day), month: capital(periods.month) } satisfies Record<
      BudgetPeriod,
      string
    >,
    limit: 'Limit in dollars',
    limitHint: 'What may be spent until it begins anew.',
    warn: 'Warn at, in percent',
    warnHint: 'One or several, as 80, 95. Empty for none.',
    at: 'At the limit',
    ats: {
      warn: ['Only say so', 'Nothing is held back.'],
      ask: ['Ask me', 'You are asked before each message over it. Titles and other work unasked for wait.'],
      stop: ['Stop', 'Nothing more that costs is sent. Routes pass over who is too dear.'],
    } satisfies Record<AtLimit, [title: string, hint: string]>,
    save: 'Keep the budget',
    saving: 'Keeping',
    faults: {
      noLimit: 'Give a limit.',
      notANumber: 'This is no amount. It looks like 80 or 7.50.',
      outside: 'A limit is more than nothing and at most a million dollars.',
      shares: 'Each is a whole number from 1 to 100, with a comma between.',
      many: 'Five at most.',
      gone: 'Choose one of those offered.',
    },
  },
  explain: (field: string | null, cause: string | null) =>
    own(`${field ?? ''}.${cause ?? ''}`) ?? own(cause ?? '') ?? null,

  /** A share was passed. */
  warning: (budget: BudgetView, share: number, now: number) =>
    share >= 100
      ? `${capital(inSentence(budget))} of ${limit(budget.limitNano)} is spent. ${anew(budget, now)}`
      : `${share} % of ${inSentence(budget)} is spent: ${format.cents(budget.spentNano)} of ${limit(budget.limitNano)}.`,
  look: 'Look',

  /** A message that would break something, before it is sent. */
  before: {
    overMessage: ({ costNano, mostNano }: EstimateView, most: number | null) => {
      const set = most === null ? 'what you set for one' : `the ${limit(most)} you set for one`;
      const usual = costNano !== null && costNano > (most ?? 0);
      const amount = usual ? costNano : mostNano;
      return amount === null
        ? `This message may cost more than ${set}.`
        : `This message may cost ${usual ? '' : 'up to '}${format.estimate(amount)}, more than ${set}.`;
    },
    near: (budget: BudgetView | undefined, share: number) =>
      budget
        ? `With this message ${inSentence(budget)} may pass ${share} %: ${format.cents(budget.spentNano)} of ${limit(budget.limitNano)} is spent.`
        : `With this message a budget may pass ${share} %.`,
    over: (budget: BudgetView | undefined, mayPass: boolean, now: number) => {
      const has = budget
        ? stop({ budget, expectedNano: null, mayPass }, now)
        : 'It does not fit into a budget.';
      return mayPass ? `${has} You are asked when you send.` : `${has} Nothing that costs is sent before.`;
    },
    window: (model: string, room: string, limits: string) =>
      `${model} reads ${limits} tokens, so about ${room} are left for the answer. It may be cut off.`,
    stopped: 'A budget does not allow it',
    change: 'Change the budget',
  },
  /** A message that was not sent. */
  over: {
    title: (count: number) =>
      count === 1 ? 'This would go over a budget.' : 'This would go over your budgets.',
    stopTitle: 'A budget does not allow this.',
    stop,
    kept: 'Nothing was sent, and your text is still here.',
    unsent: 'Nothing was sent.',
    anyway: 'Send anyway',
    change: 'Change the budget',
    plain: (stops: readonly BudgetStop[], now: number) => stops.map((one) => stop(one, now)).join(' '),
  },
  settings: {
    title: 'Costs',
    message: 'Tell me before a message that may cost more than',
    messageHint: 'Dollars. Empty to be told of none. It is never held back.',
    messagePlaceholder: 'none',
    messageFault: 'This is no amount. It looks like 0.50.',
    budgets: 'Budgets',
    budgetsHint: 'How much may be spent on everything, a provider or a route.',
    openBudgets: 'Open budgets',
    prices: 'Price list',
    pricesHint: 'What each model costs, and prices of your own.',
    openPrices: 'Open the price list',
  },
};

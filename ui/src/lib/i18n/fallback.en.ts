import type {
  AfterOutput,
  AttemptReason,
  AttemptView,
  FailureView,
  RouteStrategy,
  SkipReason,
  SkipView,
} from '$lib/ipc/bindings';
import { failures, shortCause } from './failures.en';
import type { Format } from './format';
import { routesEn } from './routes.en';
import { many } from './words';

/** What is said of a target that was passed over, after the name of its provider. */
const skips: Record<SkipReason, string> = {
  gone: 'is deleted',
  disabled: 'is switched off',
  noKey: 'has no key that can be used',
  keyRejected: 'rejected every key',
  throttled: 'asks to slow down',
  resting: 'failed too often and rests',
  atLimit: 'is at the limit you set for it',
  overBudget: 'would go over a budget',
  contextTooLong: 'reads less than this chat holds',
  noVision: 'takes no pictures',
  noFiles: 'does not take a file of this chat',
  tried: 'was asked already',
  retriesSpent: 'failed too often lately to be asked again',
};

const reasons: Record<AttemptReason, string> = {
  first: 'Asked first',
  retry: 'Tried again',
  nextAccount: 'With the next key',
  nextTarget: 'Asked next',
  continued: 'Went on with the text',
};

const afterOutput: Record<AfterOutput, string> = {
  keep: 'An answer that breaks off is kept, and you choose.',
  continue: 'An answer that breaks off is continued by the next.',
  restart: 'An answer that breaks off is begun anew by the next.',
};

/** The built-in route has no name of its own. */
const named = (name: string) => (name === '' ? routesEn.builtIn : name);

type Skipped = Pick<SkipView, 'reason' | 'until' | 'because'>;

/** Why somebody was passed over, after the name: "failed too often and rests until 14:36: overloaded (529)". */
function skipClause({ reason, until, because }: Skipped, format: Format): string {
  const rest = until === null ? '' : ` until ${format.time(until)}`;
  return `${skips[reason]}${rest}${because === null ? '' : `: ${shortCause(because)}`}`;
}

function skip(skipped: SkipView, format: Format): string {
  return `${skipped.providerName} ${skipClause(skipped, format)}`;
}

/** A sentence without its full stop, to go on with. */
const open = (sentence: string) => sentence.replace(/\.$/, '');

function trying(before: AttemptView, now: AttemptView): string {
  const failed = before.error
    ? open(failures.title(before.error.category, before.providerName, before.error))
    : `${before.providerName} did not answer`;
  if (now.providerId !== before.providerId) return `${failed}, trying ${now.providerName}`;
  if (now.model !== before.model) return `${failed}, trying ${now.model}`;
  if (now.account !== before.account) return `${failed}, trying ${now.account ?? 'another key'}`;
  return `${failed}, trying again`;
}

/** Who stopped, at the end of the line that marks where another went on. */
function stopped({ outcome, providerName }: AttemptView, same: boolean): string {
  const who = same ? 'it' : providerName;
  return outcome === 'cancelled' ? `you stopped ${who}` : `${who} stopped`;
}

/** Routes: what a chat asks instead of one model, and what became of it. */
export const fallbackEn = {
  route: 'Route',
  named,
  badge: (name: string) => `Route: ${named(name)}`,
  deletedProvider: 'A deleted provider',
  gone: 'A deleted route',
  goneWhy: 'This route is deleted. Choose another one, or a model.',
  nobody: 'No provider of this route can be asked now.',
  targets: (count: number) => `${count} ${many(count, 'target', 'targets')}`,
  providers: (count: number) => `${count} ${many(count, 'provider', 'providers')}`,
  chip: (name: string, from: string) => `Route: ${name}, ${from}`,
  afterOutput,
  cause: shortCause,
  skipClause,
  skip,
  /** Nobody could be asked: who was passed over, and why. */
  noTarget: (skipped: readonly SkipView[], format: Format) =>
    skipped.length === 0
      ? 'No provider of this route can be asked now.'
      : `Nobody could be asked. ${skipped.map((one) => `${skip(one, format)}.`).join(' ')}`,

  picker: {
    asks: (strategy: RouteStrategy, names: string[]) =>
      names.length === 0 ? 'No targets' : `${routesEn.strategyName(strategy)}: ${names.join(', ')}`,
    order: (model: string, count: number) =>
      `${model}, from ${count} ${many(count, 'provider', 'providers')}`,
    varies: 'varies',
    ready: 'Every target is ready',
    some: (ready: number, all: number) => `${ready} of ${all} targets ready`,
    none: 'No target is ready',
    orderLead: 'Asks every provider that offers this model, in the order of your list of providers.',
    asksHere: 'Asks',
    ask: (count: number) => `Ask all ${count} in my order`,
    readyNow: 'ready',
    rules: 'When one fails',
    tries: (tries: number) =>
      tries === 1 ? 'Each is asked once.' : `Each is asked up to ${tries} times before the next.`,
    spoken: (name: string, asks: string, standing: string) => `Route ${name}, ${asks}, ${standing}`,
    open: 'Edit the route',
  },

  setup: {
    label: 'If this fails, use',
    none: 'Nothing: show why it failed',
    hint: 'A route that is asked when this model does not answer.',
    gone: 'A deleted route',
    changed: (name: string | null) =>
      name === null
        ? 'Nobody else is asked when this model fails.'
        : `${name} is asked when this model fails.`,
  },

  badges: {
    fallbacks: (count: number) => `after ${count} ${many(count, 'fallback', 'fallbacks')}`,
    tries: (count: number) => `after ${count} tries`,
    passedOver: (count: number) => `${count} passed over`,
    cached: 'cached',
    cachedTitle: 'Told again from the answers that are kept here. Nobody was asked.',
    saved: (amount: string) => `saved ${amount}`,
  },

  attempts: {
    title: (count: number) => `${count} ${many(count, 'attempt', 'attempts')}`,
    before: (duration: string) => `${duration} before the first word`,
    reasons,
    passedOver: 'Passed over',
    at: (time: string) => `at ${time}`,
    tokens: (input: string | null, output: string | null) =>
      [input !== null && `${input} in`, output !== null && `${output} out`].filter(Boolean).join(', '),
    firstToken: (duration: string) => `first token ${duration}`,
    rests: (who: string, time: string) => `${who} rests until ${time}`,
    open: (name: string) => `Open route ${named(name)}`,
    cached: 'Told again from what is kept here.',
  },

  live: {
    trying,
    again: (who: string) => `Trying ${who} again in `,
    againNow: (who: string) => `Trying ${who} again now`,
    number: (number: number, most: number) => `, try ${number} of ${most}`,
    said: (who: string, failure: FailureView, number: number, most: number, until: string | null) =>
      `${failures.title(failure.category, who, failure)} Trying again${
        until === null ? '' : ` in ${until}`
      }, try ${number} of ${most}.`,
  },

  seam: {
    continued: (before: AttemptView, now: AttemptView) => {
      const same = before.providerId === now.providerId;
      return `continued by ${now.providerName}, ${now.model}, after ${stopped(before, same)}`;
    },
    trimmed: 'Words that it repeated are left out.',
    continueNext: 'Continue with the next',
  },

  circuits: {
    title: 'Resting',
    rests: (time: string, failure: FailureView, model: string) =>
      `Rests until ${time}: ${shortCause(failure)}, model ${model}`,
    waits: (failure: FailureView, model: string) =>
      `Rested after failures: ${shortCause(failure)}, model ${model}. The next message tries it.`,
    hint: 'It failed several times in a row. Routes pass it over meanwhile.',
    close: 'Try again now',
    closed: (model: string) => `${model} is asked again.`,
  },
};

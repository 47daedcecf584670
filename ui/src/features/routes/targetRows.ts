import { t } from '$lib/i18n/en';
import { familyOf } from '$lib/families';
import { format } from '$lib/i18n/format';
import type {
  AccountView,
  Mark,
  ProviderView,
  RouteTargetView,
  RouteView,
  TargetStanding,
} from '$lib/ipc/bindings';
import { countdown } from './spans';
import { when } from './when';

const words = t.routes.target;

/** How a target is drawn whose provider is deleted. */
export const goneMark: Mark = { letters: '?', hue: 'graphite', hatched: false };

export const nameOf = (provider: ProviderView | undefined): string => provider?.name ?? words.gone;

/** What an account is called in a list of its provider. */
export const accountName = (provider: ProviderView, account: AccountView): string =>
  account.label !== '' ? account.label : words.anAccount(provider.accounts.indexOf(account) + 1);

/** A rest that is over is not told any more: the next look says how it is. */
export const holds = ({ skip, until }: TargetStanding, now: number): boolean =>
  skip !== null && (until === null || until > now);

/** Whether it rests for a while, by itself. */
const rests = ({ skip }: TargetStanding): boolean =>
  skip === 'resting' || skip === 'throttled' || skip === 'atLimit';

/** Whether a person can end its rest: that of failures, not that of a quota. */
export const mayWake = (standing: TargetStanding, now: number): boolean =>
  standing.skip === 'resting' && holds(standing, now);

export type Stand = { kind: 'ok' | 'warn' | 'err'; icon: 'ok' | 'clock' | 'bad'; text: string };

export function standOf(standing: TargetStanding, now: number): Stand {
  const { skip, until } = standing;
  if (skip === null || !holds(standing, now)) return { kind: 'ok', icon: 'ok', text: words.ready };
  if (!rests(standing)) return { kind: 'err', icon: 'bad', text: words.badge(skip) };
  const text = until === null ? words.badge(skip) : words.rests(countdown(until - now));
  return { kind: 'warn', icon: 'clock', text };
}

/** The model as its vendor is told, without the marks that vendors add to it. */
const family = (provider: ProviderView, model: string): string =>
  familyOf(provider.settings.modelMapping.find(({ asked }) => asked === model)?.sent ?? model);

/** Whether a target asks another vendor for a model that one before it asks for. */
export function isSameElsewhere(
  targets: readonly Pick<RouteTargetView, 'target'>[],
  at: number,
  providers: readonly ProviderView[],
): boolean {
  const of = (index: number) => {
    const { providerId, model } = targets[index]?.target ?? { providerId: '', model: '' };
    const provider = providers.find(({ id }) => id === providerId);
    return provider && { family: family(provider, model), where: `${provider.vendor} ${provider.baseUrl}` };
  };
  const its = of(at);
  if (!its) return false;
  return targets.slice(0, at).some((_, index) => {
    const other = of(index);
    return other?.family === its.family && other.where !== its.where;
  });
}

/** The line below the name: why it is out, else what is special about it. */
export function detailOf(
  { target, accountId, overrides, standing, context, can }: RouteTargetView,
  provider: ProviderView | undefined,
  now: number,
  sameElsewhere = false,
): string {
  const account = provider?.accounts.find(({ id }) => id === accountId);
  const own = [
    provider && account && words.withAccount(accountName(provider, account)),
    ...overrideWords(overrides),
  ];
  if (standing.skip !== null && holds(standing, now)) {
    const { because, skip, until } = standing;
    return [
      because
        ? words.failedAt(because)
        : t.routes.dry.skip(skip, { model: target.model, because }, null).replace(/\.$/, ''),
      until !== null && words.backAt(when(until, now)),
      ...own,
    ]
      .filter(Boolean)
      .join(', ');
  }
  const facts = [
    ...own,
    sameElsewhere && words.sameElsewhere,
    provider?.category === 'local' && words.local,
    can.images === false && words.textOnly,
    context !== null && words.context(format.tokens(context)),
  ].filter((word) => typeof word === 'string');
  return upper(facts.join(', '));
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function overrideWords({ temperature, topP, maxTokens, reasoningEffort }: RouteTargetView['overrides']) {
  return [
    temperature == null ? null : words.said.temperature(format.figure(temperature)),
    topP == null ? null : words.said.topP(format.figure(topP)),
    maxTokens == null ? null : words.said.maxTokens(format.count(maxTokens)),
    reasoningEffort == null ? null : words.said.effort(words.efforts[reasoningEffort]),
  ].filter((word) => word !== null);
}

export function priceOf({ inputNano, outputNano }: RouteTargetView): string {
  if (inputNano === null || outputNano === null) return words.unknownPrice;
  if (inputNano === 0 && outputNano === 0) return words.free;
  return words.price(format.price(inputNano), format.price(outputNano));
}

/** What share of the chats a weight stands for, in whole percent. */
export function shareOf(weight: number, all: readonly { weight: number }[]): number {
  const sum = all.reduce((total, one) => total + one.weight, 0);
  return sum === 0 ? 0 : Math.round((weight / sum) * 100);
}

/** Of a route's targets: how many rest for a while, and how many are out until somebody does something. */
export function outOf({ targets }: RouteView, now: number): { resting: number; out: number } {
  const held = targets.filter(({ standing }) => holds(standing, now));
  const resting = held.filter(({ standing }) => rests(standing)).length;
  return { resting, out: held.length - resting };
}

/** When the next rest of these ends; null where none does by itself. */
export function nextEnd(routes: readonly RouteView[], now: number): number | null {
  const ends = routes
    .flatMap(({ targets }) => targets)
    .flatMap(({ standing }) => (holds(standing, now) && standing.until !== null ? standing.until : []));
  return ends.length === 0 ? null : Math.min(...ends);
}

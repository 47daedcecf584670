import type { ChatTarget, ProviderView } from '$lib/ipc/bindings';
import { keyOf } from '$lib/targets';
import { cheapest, fastest, priceOf } from './families';
import type { Trouble } from './health';
import { passes, rankOf, searcher, type Filter, type Offer } from './options';
import { foundRoutes, type RouteLine } from './routeLines';

/** A line of the list that stands for models. */
export type ModelOption = {
  key: string;
  /** `offer` is taken; `family` shows its offers; `provider` fetches its models or leads to its settings. */
  kind: 'offer' | 'family' | 'provider';
  /** What it stands for; the best one of a family. */
  offer: Offer | null;
  provider: ProviderView;
  /** Of a family, all of it. */
  offers: readonly Offer[];
  open: boolean;
  /** An offer under its family. */
  inner: boolean;
  cheapest: boolean;
  fastest: boolean;
  trouble: Trouble | null;
};

/** A line of the list that stands for a route. */
export type RouteOption = {
  key: string;
  kind: 'route';
  line: RouteLine;
  offer: null;
  offers: readonly Offer[];
  open: false;
  inner: false;
  trouble: null;
};

/** A line of the list that can be taken. */
export type Option = ModelOption | RouteOption;

export type GroupKind = 'routes' | 'favourites' | 'recents' | 'provider' | 'models' | 'unusable' | 'typed';

export type Group = { key: string; kind: GroupKind; provider: ProviderView | null; options: Option[] };

export type Asked = {
  query: string;
  filter: Filter;
  routes: readonly RouteLine[];
  recents: readonly ChatTarget[];
  typed: readonly Offer[];
};

const RECENTS = 5;

const blank = { offers: [], open: false, inner: false, cheapest: false, fastest: false };

const offerOption = (offer: Offer): ModelOption => ({
  ...blank,
  key: offer.key,
  kind: 'offer',
  offer,
  provider: offer.provider,
  trouble: offer.trouble,
});

const routeOption = (line: RouteLine): RouteOption => ({
  key: line.key,
  kind: 'route',
  line,
  offer: null,
  offers: [],
  open: false,
  inner: false,
  trouble: null,
});

const providerOption = (provider: ProviderView, trouble: Trouble | null): ModelOption => ({
  ...blank,
  key: `+${provider.id}`,
  kind: 'provider',
  offer: null,
  provider,
  trouble,
});

function ranked(offers: Offer[], query: string): Offer[] {
  if (query.trim() === '') return offers;
  return offers
    .map((offer) => ({ offer, rank: rankOf(offer, query) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ offer }) => offer);
}

/** The models that were asked for, and where each of them stands. */
function sorted(offers: readonly Offer[], asked: Asked) {
  const found = searcher(asked.query);
  const matching = ranked(
    offers.filter((offer) => found(offer) && passes(offer, asked.filter)),
    asked.query,
  );
  const usable = matching.filter((offer) => offer.trouble === null);
  const favourites = usable.filter((offer) => offer.favourite);
  const byKey = new Map(usable.map((offer) => [offer.key, offer]));
  const recents = asked.recents
    .flatMap((target) => byKey.get(keyOf(target)) ?? [])
    .filter((offer) => !offer.favourite)
    .slice(0, RECENTS);
  const unusable = matching.filter((offer) => offer.trouble !== null);
  return { usable, favourites, recents, unusable };
}

function withEnds(
  { favourites, recents, unusable }: Record<'favourites' | 'recents' | 'unusable', Option[]>,
  middle: Group[],
  asked: Asked,
): Group[] {
  const group = (kind: GroupKind, options: Option[]): Group => ({ key: kind, kind, provider: null, options });
  const routes = foundRoutes(asked.routes, asked.query, asked.filter);
  return [
    group('routes', routes.map(routeOption)),
    group('favourites', favourites),
    group('recents', recents),
    ...middle,
    group('typed', asked.typed.map(offerOption)),
    group('unusable', unusable),
  ].filter(({ options }) => options.length > 0);
}

/**
 * Favourites and recents first, then each provider with the rest of its models, then what cannot be used now. A
 * model stands in one place only.
 */
export function byProvider(
  offers: readonly Offer[],
  providers: readonly { provider: ProviderView; trouble: Trouble | null }[],
  asked: Asked,
): Group[] {
  const { usable, favourites, recents, unusable } = sorted(offers, asked);
  const above = new Set([...favourites, ...recents]);
  const whole = asked.query.trim() === '' && !Object.values(asked.filter).some(Boolean);
  const of = (all: Offer[], provider: ProviderView) =>
    all.filter((offer) => offer.provider.id === provider.id);
  const rest = usable.filter((offer) => !above.has(offer));
  const nothing = (provider: ProviderView) =>
    whole && !offers.some((offer) => offer.provider.id === provider.id);
  const middle = providers
    .filter(({ trouble }) => trouble === null)
    .map(({ provider }): Group => ({
      key: `p ${provider.id}`,
      kind: 'provider',
      provider,
      options: nothing(provider) ? [providerOption(provider, null)] : of(rest, provider).map(offerOption),
    }));
  const bare = providers
    .filter(({ provider, trouble }) => trouble !== null && nothing(provider))
    .map(({ provider, trouble }) => providerOption(provider, trouble));
  return withEnds(
    {
      favourites: favourites.map(offerOption),
      recents: recents.map(offerOption),
      unusable: [...unusable.map(offerOption), ...bare],
    },
    middle,
    asked,
  );
}

/** The same model of several providers becomes one line, with the best offer in front. */
function families(offers: readonly Offer[], open: ReadonlySet<string>): ModelOption[] {
  const held = new Map<string, Offer[]>();
  for (const offer of offers) {
    const known = held.get(offer.family);
    if (known) known.push(offer);
    else held.set(offer.family, [offer]);
  }
  return [...held].flatMap(([family, all]) => {
    const [first] = all;
    if (!first) return [];
    if (all.length === 1) return [offerOption(first)];
    const price = (offer: Offer) => priceOf(offer) ?? Infinity;
    const ordered = [...all].sort((a, b) => price(a) - price(b) || 0);
    const key = `~${family}`;
    const shown = open.has(key);
    const low = cheapest(all);
    const quick = fastest(all);
    const head: ModelOption = {
      ...blank,
      key,
      kind: 'family',
      offer: ordered[0] ?? first,
      provider: first.provider,
      offers: ordered,
      open: shown,
      trouble: first.trouble,
    };
    if (!shown) return [head];
    const inner = ordered.map((offer) => ({
      ...offerOption(offer),
      inner: true,
      cheapest: offer === low,
      fastest: offer === quick,
    }));
    return [head, ...inner];
  });
}

/** One line a model, whoever offers it. */
export function byModel(offers: readonly Offer[], asked: Asked, open: ReadonlySet<string>): Group[] {
  const { usable, favourites, recents, unusable } = sorted(offers, asked);
  const liked = new Set(favourites.map((offer) => offer.family));
  const late = new Set(recents.map((offer) => offer.family).filter((family) => !liked.has(family)));
  const inFamily = (wanted: ReadonlySet<string>) => usable.filter((offer) => wanted.has(offer.family));
  const inOrder = [...late].flatMap((family) => usable.filter((offer) => offer.family === family));
  const rest = usable.filter((offer) => !liked.has(offer.family) && !late.has(offer.family));
  return withEnds(
    {
      favourites: families(inFamily(liked), open),
      recents: families(inOrder, open),
      unusable: unusable.map(offerOption),
    },
    [{ key: 'models', kind: 'models', provider: null, options: families(rest, open) }],
    asked,
  );
}

/** The other offers of the same model. */
export function alsoOffered(offers: readonly Offer[], of: Offer): Offer[] {
  return offers.filter((offer) => offer.family === of.family && offer.key !== of.key);
}

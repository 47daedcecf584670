import type { Capabilities, ChatTarget, ModelFacts, ModelView, ProviderView } from '$lib/ipc/bindings';
import { unknownCan } from '$lib/ipc/unknownCan';
import { keyOfModel, modelOf } from '$lib/targets';
import { familyOf } from '$lib/families';
import type { Trouble } from './health';

/** A model of a provider, with all that is known of it. */
export type Offer = {
  kind: 'model' | 'typed';
  key: string;
  provider: ProviderView;
  id: string;
  name: string | null;
  context: number | null;
  inputNano: number | null;
  outputNano: number | null;
  can: Capabilities;
  favourite: boolean;
  /** Why it cannot be used now. */
  trouble: Trouble | null;
  fact: ModelFacts | null;
  family: string;
  /** What a search looks in. */
  text: string;
};

/** What the filter asks for; what is not known of a model does not fulfil it. */
export type Filter = {
  images: boolean;
  pdf: boolean;
  tools: boolean;
  reasoning: boolean;
  free: boolean;
  /** Tokens of context at least; 0 for any. */
  context: number;
};

export const anything: Filter = {
  images: false,
  pdf: false,
  tools: false,
  reasoning: false,
  free: false,
  context: 0,
};

export const ABILITIES = ['images', 'pdf', 'tools', 'reasoning'] as const;

/** How many demands a filter makes. */
export const demands = (filter: Filter): number => Object.values(filter).filter(Boolean).length;

const families = new Map<string, string>();
const REMEMBERED = 20_000;

/** The same names come again with every change of a list. */
function familyKnown(id: string): string {
  const known = families.get(id);
  if (known !== undefined) return known;
  if (families.size >= REMEMBERED) families.clear();
  const family = familyOf(id);
  families.set(id, family);
  return family;
}

function offerOf(
  provider: ProviderView,
  model: Pick<ModelView, 'id'> & Partial<ModelView>,
  trouble: Trouble | null,
  fact: ModelFacts | null,
  kind: Offer['kind'] = 'model',
): Offer {
  const { id, name = null, context = null, inputNano = null, outputNano = null } = model;
  const family = familyKnown(id);
  return {
    kind,
    key: `${kind === 'typed' ? '=' : ''}${keyOfModel({ providerId: provider.id, model: id })}`,
    provider,
    id,
    name: name === id ? null : name,
    context,
    inputNano,
    outputNano,
    can: model.can ?? unknownCan,
    favourite: model.favourite ?? false,
    trouble,
    fact,
    family,
    text: `${provider.name} ${id} ${name ?? ''} ${family}`.toLowerCase(),
  };
}

/**
 * Every model that is to be shown, in the order of the providers. The model of the chat is always there, also
 * where its provider no longer lists it.
 */
export function offersOf(
  providers: readonly ProviderView[],
  trouble: (provider: ProviderView) => Trouble | null,
  facts: readonly ModelFacts[],
  current: ChatTarget | null,
): Offer[] {
  const known = new Map(facts.map((fact) => [keyOfModel(fact), fact]));
  const now = modelOf(current);
  return providers.flatMap((provider) => {
    const why = trouble(provider);
    const wanted = now?.providerId === provider.id ? now.model : null;
    const offered = provider.models.filter((model) => model.shown || model.id === wanted);
    const lost = wanted !== null && !offered.some((model) => model.id === wanted) ? [{ id: wanted }] : [];
    return [...lost, ...offered].map((model) =>
      offerOf(
        provider,
        model,
        why,
        known.get(keyOfModel({ providerId: provider.id, model: model.id })) ?? null,
      ),
    );
  });
}

/** A name that no list has, as it was typed, for each provider that could be asked for it. */
export function typedOffers(
  providers: readonly ProviderView[],
  trouble: (provider: ProviderView) => Trouble | null,
  typed: string,
): Offer[] {
  const id = typed.trim();
  if (id === '' || /\s/.test(id)) return [];
  return providers
    .filter((provider) => trouble(provider) === null && !provider.models.some((model) => model.id === id))
    .map((provider) => offerOf(provider, { id }, null, null, 'typed'));
}

/** Whether a model has every word of a query. */
export function searcher(query: string): (offer: Offer) => boolean {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const spelt = words.map((word) => [word, word.replaceAll('.', '-')] as const);
  return ({ text }) => spelt.every(([word, dashed]) => text.includes(word) || text.includes(dashed));
}

/** How well a model answers a query: less is better. */
export function rankOf({ id, name, family }: Offer, query: string): number {
  const wanted = query.trim().toLowerCase();
  const names = [id.toLowerCase(), name?.toLowerCase() ?? '', family];
  if (names.includes(wanted)) return 0;
  return names.some((one) => one.startsWith(wanted)) ? 1 : 2;
}

export const free = ({ provider, inputNano, outputNano }: Offer): boolean =>
  provider.category === 'local' || (inputNano === 0 && outputNano === 0);

export function passes(offer: Offer, filter: Filter): boolean {
  return (
    ABILITIES.every((ability) => !filter[ability] || offer.can[ability] === true) &&
    (!filter.free || free(offer)) &&
    (filter.context === 0 || (offer.context ?? 0) >= filter.context)
  );
}

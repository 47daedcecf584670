import type { ChatTarget, ProviderView, Target } from '$lib/ipc/bindings';
import { toModel } from '$lib/targets';
import { firstModel, isCarried } from '../providers.svelte';

/** Models that a first comparison has. */
const MOST = 4;

/** What a provider offers, the best known first: used lately, then favourites, then its own first, then the rest. */
function offered(provider: ProviderView, recent: readonly Target[]): Target[] {
  const target = (model: string): Target => ({ providerId: provider.id, model });
  const first = firstModel(provider);
  const shown = provider.models.filter((model) => model.shown);
  const ids = new Set([
    ...recent.filter(({ providerId }) => providerId === provider.id).map(({ model }) => model),
    ...shown.filter(({ favourite }) => favourite).map(({ id }) => id),
    ...(first === null ? [] : [first]),
    ...shown.map(({ id }) => id),
  ]);
  return [...ids].map(target);
}

/**
 * Models for a first comparison: one of each provider, those the person knows before others and the clouds before this
 * computer; where that makes too few, further models of the same providers.
 */
export function suggestedLanes(working: readonly ProviderView[], recent: readonly Target[]): ChatTarget[] {
  const known = (provider: ProviderView) =>
    recent.some(({ providerId }) => providerId === provider.id) ||
    provider.models.some(({ favourite, shown }) => favourite && shown);
  const local = (provider: ProviderView) => Number(provider.category === 'local');
  const rows = working
    .filter((provider) => !isCarried(provider))
    .toSorted((one, other) => local(one) - local(other) || Number(known(other)) - Number(known(one)))
    .map((provider) => offered(provider, recent));
  const rounds = Array.from({ length: MOST }, (_, round) => rows.flatMap((row) => row[round] ?? []));
  return rounds.flat().slice(0, MOST).map(toModel);
}

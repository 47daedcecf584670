import { t } from '$lib/i18n/en';
import type { CostFacets, CostGroup, CostKey } from '$lib/ipc/bindings';
import type { FilterKind } from '$lib/state/costs.svelte';
import type { MarkOf } from './chart';
import type { Tile } from './marks';

export type FilterOption = { id: string; name: string; tile: Tile | null };

const groupOf: Partial<Record<FilterKind, CostGroup>> = {
  providers: 'provider',
  models: 'model',
  routes: 'route',
  accounts: 'account',
};

/** What can be filtered by, as it is called. */
export function optionsFrom(facets: CostFacets | null, kind: FilterKind, markOf: MarkOf): FilterOption[] {
  if (kind === 'outcomes' || kind === 'sources' || kind === 'waste')
    return Object.entries(t.costs[kind]).map(([id, name]) => ({ id, name, tile: null }));
  if (facets === null) return [];
  if (kind === 'purposes')
    return facets.purposes.map((id) => ({ id, name: t.costs.purposes[id], tile: null }));
  const group = groupOf[kind] ?? 'provider';
  return facets[kind].map((key: CostKey) => ({
    id: key.id,
    name: t.costs.keyName(kind, key),
    tile: kind === 'routes' ? null : markOf(key, group),
  }));
}

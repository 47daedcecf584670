import type { CostGroup, CostKey, Mark, ProviderView, VendorView } from '$lib/ipc/bindings';

export type Tile = { mark: Mark; category: string | null };

/** Whose tile stands beside a key: that of the provider as the person has it, else that of its vendor. */
export function tileOf(
  key: CostKey,
  group: CostGroup,
  providers: readonly ProviderView[],
  vendors: readonly VendorView[],
): Tile | null {
  const own =
    group === 'provider'
      ? providers.find(({ id }) => id === key.id)
      : group === 'account'
        ? providers.find(({ accounts }) => accounts.some(({ id }) => id === key.id))
        : undefined;
  const of = own ?? vendors.find(({ id }) => id === key.vendor);
  return of ? { mark: of.mark, category: of.category } : null;
}

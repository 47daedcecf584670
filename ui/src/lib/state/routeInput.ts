import type {
  ProviderView,
  RouteInput,
  RouteTargetInput,
  RouteTargetView,
  RouteView,
  Target,
} from '$lib/ipc/bindings';
import { firstModel, isCarried } from './providers.svelte';

/** More targets than anybody waits for. */
const SUGGESTED_MOST = 4;

export const targetInput = ({ target, accountId, weight, overrides }: RouteTargetView): RouteTargetInput => ({
  target,
  accountId,
  weight,
  overrides,
});

/** A route as it would be saved without a change. */
export function inputOf({ id, name, strategy, targets, rules }: RouteView): RouteInput {
  return { id, name, strategy, targets: targets.map(targetInput), rules };
}

export const plainTarget = (target: Target): RouteTargetInput => ({
  target,
  accountId: null,
  weight: 1,
  overrides: {},
});

/** Whom a first route could ask: the first model of each provider that could be asked now. */
export function suggestedTargets(ready: readonly ProviderView[]): Target[] {
  return ready
    .filter((provider) => !isCarried(provider))
    .flatMap((provider) => {
      const model = firstModel(provider);
      return model === null ? [] : [{ providerId: provider.id, model }];
    })
    .slice(0, SUGGESTED_MOST);
}

/** A name that no other route has: it, or it with a number. */
export function freeName(name: string, taken: readonly string[]): string {
  const known = new Set(taken.map((one) => one.trim().toLowerCase()));
  if (!known.has(name.toLowerCase())) return name;
  for (let at = 2; ; at += 1) {
    const next = `${name} ${at}`;
    if (!known.has(next.toLowerCase())) return next;
  }
}

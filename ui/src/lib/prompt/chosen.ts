import { t } from '$lib/i18n/en';
import type { ChatTarget, ProviderView, RouteView } from '$lib/ipc/bindings';

/** What a chat's target is called; `provider` and `route` are what is still there of it. */
export function nameOf(
  target: ChatTarget | null,
  provider: ProviderView | undefined,
  route: RouteView | undefined,
): string | null {
  if (target === null) return null;
  if (target.kind === 'route') return route ? t.fallback.named(route.name) : t.fallback.gone;
  return provider?.models.find((model) => model.id === target.model)?.name ?? target.model;
}

/** Why a target that cannot be asked now cannot. */
export function troubleOf(
  target: ChatTarget,
  provider: ProviderView | undefined,
  route: RouteView | undefined,
): string | null {
  if (target.kind === 'route') return route ? t.fallback.nobody : t.fallback.goneWhy;
  return provider ? t.composer.whyNot(provider) : null;
}

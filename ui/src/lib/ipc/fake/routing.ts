import type { ChatTarget, RouteName, RouteView, Target } from '../bindings';
import { serving } from '$lib/targets';
import type { Folder } from './folder';
import { refuse } from './refuse';

/** Whom a target means, in the order they are asked, and the route that says so. */
export function planned(
  folder: Folder,
  routes: readonly RouteView[],
  target: ChatTarget,
): { route: RouteName | null; targets: Target[] } {
  if (target.kind === 'model') {
    const { providerId, model } = target;
    return { route: null, targets: [{ providerId, model }] };
  }
  const { routeId, model } = target;
  const route = routes.find(({ id }) => id === routeId) ?? refuse('not_found');
  const targets = route.builtIn
    ? serving(folder.providers, model ?? '').map(({ id }) => ({ providerId: id, model: model ?? '' }))
    : route.targets.map((one) => one.target);
  return { route: { id: route.id, name: route.name }, targets };
}

/** Whom a target would ask now: the first that is ready, else the first. */
export function askedFirst(
  folder: Folder,
  routes: readonly RouteView[],
  target: ChatTarget,
): { route: RouteName | null; target: Target } {
  const { route, targets } = planned(folder, routes, target);
  const ready = (id: string) => folder.providers.some((provider) => provider.id === id && provider.ready);
  const first = targets.find(({ providerId }) => ready(providerId)) ?? targets[0] ?? refuse('no_target');
  return { route, target: first };
}

import type { ChatTarget, ProviderView, RouteView } from '$lib/ipc/bindings';
import { t } from '$lib/i18n/en';
import { askedBy, keyOf, toRoute, type RouteTarget } from '$lib/targets';
import { ABILITIES, type Filter } from './options';

/** A route as a line of the picker. */
export type RouteLine = {
  key: string;
  target: RouteTarget;
  route: RouteView;
  name: string;
  /** Whom it may ask, each once. */
  asks: ProviderView[];
  /** How many of its targets could be asked now. */
  ready: number;
  of: number;
  text: string;
};

function lineOf(route: RouteView, model: string | null, providers: readonly ProviderView[]): RouteLine {
  const target = toRoute(route.id, route.builtIn ? model : null);
  const asks = askedBy(route, model, providers);
  const name = t.fallback.named(route.name);
  const ready = route.builtIn
    ? asks.filter((provider) => provider.ready).length
    : route.targets.filter(({ standing }) => standing.skip === null).length;
  const models = route.builtIn ? [model ?? ''] : route.targets.map((one) => one.target.model);
  return {
    key: keyOf(target),
    target,
    route,
    name,
    asks,
    ready,
    of: route.builtIn ? asks.length : route.targets.length,
    text: [name, route.slug, ...asks.map((provider) => provider.name), ...models].join(' ').toLowerCase(),
  };
}

/**
 * The routes that can be chosen. The built-in one stands there for the model at hand, where more than one provider
 * offers that, and where the chat goes to it already.
 */
export function routeLines(
  routes: readonly RouteView[],
  current: ChatTarget | null,
  providers: readonly ProviderView[],
): RouteLine[] {
  const model = current?.model ?? null;
  return routes.flatMap((route) => {
    const line = lineOf(route, model, providers);
    if (!route.builtIn) return line;
    const now = current !== null && keyOf(current) === line.key;
    return model !== null && (now || line.asks.length > 1) ? line : [];
  });
}

/** Whether a route has a target with all that the filter asks for. */
function fulfils({ route, asks }: RouteLine, filter: Filter): boolean {
  if (route.builtIn) return !Object.values(filter).some(Boolean);
  return route.targets.some(
    ({ can, context, inputNano, outputNano, target }) =>
      ABILITIES.every((ability) => !filter[ability] || can[ability] === true) &&
      (filter.context === 0 || (context ?? 0) >= filter.context) &&
      (!filter.free ||
        (inputNano === 0 && outputNano === 0) ||
        asks.some(({ id, category }) => id === target.providerId && category === 'local')),
  );
}

/** The routes that have every word of a query and pass a filter. */
export function foundRoutes(lines: readonly RouteLine[], query: string, filter: Filter): RouteLine[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => words.every((word) => line.text.includes(word)) && fulfils(line, filter));
}

/** The one figure that all targets have in common; null where none is known. */
export function spanOf(values: readonly (number | null)[]): number | 'varies' | null {
  const [first] = values;
  if (first === undefined || values.every((value) => value === null)) return null;
  return first !== null && values.every((value) => value === first) ? first : 'varies';
}

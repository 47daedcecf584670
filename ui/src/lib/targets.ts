import type { ChatTarget, ProviderView, RouteView, Target } from '$lib/ipc/bindings';

export type ModelTarget = Extract<ChatTarget, { kind: 'model' }>;
export type RouteTarget = Extract<ChatTarget, { kind: 'route' }>;

/** A model of a provider as that to which a chat goes. */
export const toModel = ({ providerId, model }: Target): ModelTarget => ({ kind: 'model', providerId, model });

/** A route as that to which a chat goes; the built-in one needs the model to ask for. */
export const toRoute = (routeId: string, model: string | null = null): RouteTarget => ({
  kind: 'route',
  routeId,
  model,
});

/** The model of a provider, where it is one. */
export const modelOf = (target: ChatTarget | null): Target | null =>
  target?.kind === 'model' ? { providerId: target.providerId, model: target.model } : null;

/** One text for each model of a provider. */
export const keyOfModel = ({ providerId, model }: Target): string => `${providerId} ${model}`;

/** One text for each target; the first sign keeps routes and models apart. */
export const keyOf = (target: ChatTarget): string =>
  target.kind === 'model' ? keyOfModel(target) : `/${target.routeId} ${target.model ?? ''}`.trimEnd();

export const isSame = (one: ChatTarget | null, other: ChatTarget | null): boolean =>
  one === null || other === null ? one === other : keyOf(one) === keyOf(other);

/** Providers that are in use and offer a model, under its name or under one that they call it by. */
export function serving(providers: readonly ProviderView[], model: string): ProviderView[] {
  return providers.filter(
    ({ enabled, models, settings }) =>
      enabled &&
      (models.some(({ id }) => id === model) || settings.modelMapping.some(({ asked }) => asked === model)),
  );
}

/** Providers that a route may ask, in its order, each once. `model` is what the built-in one is asked for. */
export function askedBy(
  route: RouteView,
  model: string | null,
  providers: readonly ProviderView[],
): ProviderView[] {
  if (route.builtIn) return model === null ? [] : serving(providers, model);
  const ids = new Set(route.targets.map(({ target }) => target.providerId));
  return [...ids].flatMap((id) => providers.find((provider) => provider.id === id) ?? []);
}

import type { Category, ProviderView, RouteRules, RouteTargetView, RouteView } from '../bindings';
import { unknownCan } from '../unknownCan';

/** What a new route moves on for. */
const SWITCH_ON: Category[] = [
  'missing_key',
  'rejected_key',
  'forbidden',
  'no_credit',
  'rate_limited',
  'overloaded',
  'unknown_model',
  'context_too_long',
  'timeout',
  'network',
  'broken_stream',
  'internal',
];

export const usualRules = (): Required<RouteRules> => ({
  tries: 3,
  backoffBaseMs: 500,
  backoffCapMs: 8000,
  retryAfterS: 60,
  firstTokenS: null,
  failures: 5,
  windowS: 60,
  restS: 30,
  restCapS: 300,
  switchOn: SWITCH_ON,
  afterOutput: 'keep',
  sticky: false,
  cache: { enabled: false, ttlS: 86_400, maxMb: 256, anyTemperature: false },
});

function targetOf(provider: ProviderView, id: string): RouteTargetView {
  const known = provider.models.find((model) => model.id === id);
  const skip = !provider.enabled ? 'disabled' : !provider.ready ? 'noKey' : null;
  return {
    target: { providerId: provider.id, model: id },
    accountId: null,
    weight: 1,
    overrides: {},
    standing: { skip, until: null, because: null },
    inputNano: known?.inputNano ?? null,
    outputNano: known?.outputNano ?? null,
    context: known?.context ?? null,
    can: known?.can ?? unknownCan,
  };
}

/** A route over models of providers, in their order. */
export const routeOf = (id: string, name: string, targets: [ProviderView, string][]): RouteView => ({
  id,
  slug: name === '' ? 'in-my-order' : name.toLowerCase().replaceAll(' ', '-'),
  name,
  builtIn: false,
  strategy: 'priority',
  targets: targets.map(([provider, model]) => targetOf(provider, model)),
  rules: usualRules(),
});

export const inMyOrder = (): RouteView => ({ ...routeOf('r-order', '', []), builtIn: true });

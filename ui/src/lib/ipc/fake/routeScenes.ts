import type { ProviderView, RouteRules, RouteStrategy, RouteTargetView, RouteView } from '../bindings';
import { sharedModels } from './catalogue';
import { unknownCan } from '../unknownCan';
import { longWord } from './texts';

/** What a route begins with, as in the core. */
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
  switchOn: [
    'missing_key',
    'rejected_key',
    'forbidden',
    'no_credit',
    'rate_limited',
    'overloaded',
    'timeout',
    'network',
    'context_too_long',
    'unknown_model',
    'broken_stream',
    'internal',
  ],
  afterOutput: 'keep',
  sticky: false,
  cache: { enabled: false, ttlS: 86_400, maxMb: 256, anyTemperature: false },
});

export const builtInRoute = (): RouteView => ({
  id: 'route-built-in',
  slug: 'in-my-order',
  name: '',
  builtIn: true,
  strategy: 'priority',
  targets: [],
  rules: usualRules(),
});

type Place = [providerId: string, model: string, over?: Partial<RouteTargetView>];

const target = ([providerId, model, over = {}]: Place): RouteTargetView => ({
  target: { providerId, model },
  accountId: null,
  weight: 1,
  overrides: {},
  standing: { skip: null, until: null, because: null },
  inputNano: null,
  outputNano: null,
  context: null,
  can: unknownCan,
  ...over,
});

/** A route over models of providers, in their order. */
export function route(
  name: string,
  strategy: RouteStrategy,
  places: Place[],
  rules: RouteRules = {},
): RouteView {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return {
    id: `route-${slug.slice(0, 20)}`,
    slug,
    name,
    builtIn: false,
    strategy,
    targets: places.map(target),
    rules: { ...usualRules(), ...rules },
  };
}

const several = (): RouteView[] => [
  route(
    'Careful',
    'priority',
    [
      ['p-anthropic', 'claude-sonnet-4-5'],
      ['p-router', 'anthropic/claude-sonnet-4.5'],
      ['p-openai', 'gpt-5.4'],
      ['p-lm', 'qwen3-14b'],
    ],
    { tries: 2, failures: 2, restS: 300, restCapS: 3600, firstTokenS: 30 },
  ),
  route('Cheap drafts', 'lowestCost', [
    ['p-groq', 'openai/gpt-oss-120b'],
    ['p-openai', 'gpt-5.4-nano'],
    ['p-router', 'anthropic/claude-haiku-4.5'],
  ]),
  route('Fast', 'lowestLatency', [
    ['p-groq', 'llama-3.3-70b-versatile'],
    ['p-openai', 'gpt-5.4-mini'],
  ]),
  route('Team split', 'weighted', [
    ['p-openai', 'gpt-5.4', { weight: 70, overrides: { temperature: 0.2 } }],
    ['p-anthropic', 'claude-sonnet-4-5', { weight: 30, accountId: 'a-work2' }],
  ]),
  route('Local only', 'priority', [['p-lm', 'qwen3-14b']]),
];

/** Providers of which more is known: who looks at pictures, and who does not. */
export function routeProviders(): ProviderView[] {
  const all = sharedModels();
  for (const model of all.flatMap(({ models }) => models)) {
    if (/claude|gpt-5/.test(model.id)) model.can = { ...model.can, images: true };
    if (/qwen|llama|gpt-oss/.test(model.id)) model.can = { ...model.can, images: false };
  }
  return all;
}

const long = (): RouteView[] => [
  route(`The route of the harbor team for the summaries of ${longWord}`.slice(0, 60), 'weighted', [
    ['p-moved', `a-model-with-a-name-of-its-own-${longWord}`, { weight: 1000 }],
    ['p-removed', 'a-model-of-a-provider-that-is-gone', { weight: 1 }],
    [
      'p-anthropic',
      'claude-sonnet-4-5',
      {
        overrides: { temperature: 0.25, topP: 0.9, maxTokens: 16_000, reasoningEffort: 'high' },
        accountId: 'a-work2',
      },
    ],
    ...Array.from({ length: 9 }, (_, at): Place => ['p-router', `lab-${at}/model-${at}`]),
  ]),
];

/** The routes of a scene. Only those that show routes have any of a person's own. */
export function routesFor(query: URLSearchParams, providers: readonly ProviderView[]): RouteView[] {
  if (
    !['routes', 'fallback', 'costs', 'compare'].includes(query.get('scene') ?? '') ||
    providers.length === 0
  )
    return [builtInRoute()];
  const script = query.get('routes');
  if (script === 'none') return [builtInRoute()];
  return [builtInRoute(), ...(script === 'long' ? long() : several())];
}

import type { Backend } from '../backend';
import type {
  ConversationView,
  DryRunLine,
  Mark,
  ProviderView,
  RouteInput,
  RouteTargetInput,
  RouteTargetView,
  RouteView,
  SkipReason,
  TargetStanding,
} from '../bindings';
import { unknownCan } from '../unknownCan';
import { failure } from './checks';
import { fresh, type StoredChat } from './data';
import type { Folder } from './folder';
import { refuse } from './refuse';
import { builtInRoute, routesFor, usualRules } from './routeScenes';
import { switchesOf } from './switches';

type Part = Pick<
  Backend,
  | 'listRoutes'
  | 'saveRoute'
  | 'removeRoute'
  | 'restoreRoute'
  | 'dryRunRoute'
  | 'routeSwitches'
  | 'setChatFallback'
  | 'closeCircuit'
>;

const copy = <T>(value: T): T => structuredClone(value);
const MINUTE = 60_000;
const PAGE = 20;
const ready: TargetStanding = { skip: null, until: null, because: null };
const goneMark: Mark = { letters: '??', hue: 'graphite', hatched: false };

/** Bounds of the rules, as the core has them. */
const bounds: Record<string, [least: number, most: number]> = {
  tries: [1, 6],
  backoffBaseMs: [100, 60_000],
  backoffCapMs: [100, 120_000],
  retryAfterS: [0, 600],
  firstTokenS: [1, 600],
  failures: [1, 50],
  windowS: [1, 3600],
  restS: [1, 3600],
  restCapS: [1, 86_400],
};

function checkRules(rules: RouteInput['rules']): void {
  for (const [name, [least, most]] of Object.entries(bounds)) {
    const value = (rules as Record<string, unknown>)[name];
    if (typeof value === 'number' && (value < least || value > most))
      refuse('invalid', { field: name, cause: 'out_of_range' });
  }
  if ((rules.backoffCapMs ?? 0) < (rules.backoffBaseMs ?? 0))
    refuse('invalid', { field: 'backoffCapMs', cause: 'out_of_range' });
  if ((rules.restCapS ?? 0) < (rules.restS ?? 0))
    refuse('invalid', { field: 'restCapS', cause: 'out_of_range' });
}

function checkRoute(input: RouteInput, known: RouteView | undefined): void {
  const name = input.name.trim();
  if (name === '' && !known?.builtIn) refuse('invalid', { field: 'name', cause: 'empty' });
  if (name.length > 60) refuse('invalid', { field: 'name', cause: 'too_long' });
  if (input.targets.length === 0 && !known?.builtIn) refuse('invalid', { field: 'targets', cause: 'empty' });
  for (const [at, target] of input.targets.entries()) {
    if (target.weight < 1 || target.weight > 1000)
      refuse('invalid', { field: `weight.${at}`, cause: 'out_of_range' });
    if (target.target.model.trim() === '') refuse('invalid', { field: `model.${at}`, cause: 'empty' });
  }
  checkRules(input.rules);
}

/** Routes of the fake, by `?scene=` and `?routes=`: `all-out` makes everything rest, `long` has long names. */
export function fakeRoutes(
  query: URLSearchParams,
  folder: () => Folder,
  view: (stored: StoredChat) => ConversationView,
): Part & { routes: () => RouteView[] } {
  const started = Date.now();
  const script = query.get('routes') ?? '';
  const kept = new WeakMap<Folder, RouteView[]>();
  const bin = new Map<string, RouteView>();
  /** Let out of their rest by hand. */
  const woken = new Set<string>();
  let turn = 0;

  const all = (): RouteView[] => {
    const now = folder();
    const known = kept.get(now) ?? (now.demo ? [builtInRoute()] : routesFor(query, now.providers));
    kept.set(now, known);
    return known;
  };
  const byId = (id: string) => all().find((route) => route.id === id) ?? refuse('not_found');
  const providerOf = (id: string) => folder().providers.find((provider) => provider.id === id);
  const modelOf = ({ target }: RouteTargetInput) =>
    providerOf(target.providerId)?.models.find((model) => model.id === target.model);

  function standing(provider: ProviderView | undefined, model: string): TargetStanding {
    const out = (skip: SkipReason): TargetStanding => ({ ...ready, skip });
    if (!provider) return out('gone');
    if (!provider.enabled) return out('disabled');
    if (!provider.ready) return out('noKey');
    const scripted = script === 'all-out' || (query.get('scene') === 'routes' && script !== 'well');
    if (!scripted) return ready;
    if (
      provider.id === 'p-anthropic' &&
      !woken.has(`${provider.id} ${model}`) &&
      Date.now() < started + 134_000
    )
      return {
        skip: 'resting',
        until: started + 134_000,
        because: failure('overloaded', 529, 'overloaded_error', 'Overloaded'),
      };
    if (script !== 'all-out') return ready;
    if (model.startsWith('gpt'))
      return {
        skip: 'keyRejected',
        until: null,
        because: failure('rejected_key', 401, 'invalid', 'Bad key.'),
      };
    return {
      skip: 'throttled',
      until: started + 9 * MINUTE,
      because: failure('rate_limited', 429, 'rate_limit_exceeded', 'Too many requests.'),
    };
  }

  function targetView(input: RouteTargetInput): RouteTargetView {
    const model = modelOf(input);
    return {
      ...copy(input),
      standing: standing(providerOf(input.target.providerId), input.target.model),
      inputNano: model?.inputNano ?? null,
      outputNano: model?.outputNano ?? null,
      context: model?.context ?? null,
      can: model?.can ?? unknownCan,
    };
  }

  const seen = (route: RouteView): RouteView => copy({ ...route, targets: route.targets.map(targetView) });

  /** The built-in route asks everybody who offers the model. */
  function targetsOf(route: RouteInput, model: string | null): RouteTargetInput[] {
    if (route.id === null || !byId(route.id).builtIn) return route.targets;
    return folder()
      .providers.filter((provider) => provider.models.some((known) => known.id === model))
      .map((provider) => ({
        target: { providerId: provider.id, model: model ?? '' },
        accountId: null,
        weight: 1,
        overrides: {},
      }));
  }

  return {
    routes: () => all().map(seen),
    async listRoutes() {
      return all().map(seen);
    },
    async saveRoute(input) {
      const routes = all();
      const known = routes.find((route) => route.id === input.id);
      if (input.id !== null && !known) refuse('not_found');
      checkRoute(input, known);
      const part = {
        name: input.name.trim(),
        strategy: input.strategy,
        targets: input.targets.map(targetView),
        rules: { ...usualRules(), ...copy(input.rules) },
      };
      if (known) {
        Object.assign(known, part);
        return seen(known);
      }
      const slug = part.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      const route: RouteView = { id: fresh('route'), slug, builtIn: false, ...part };
      routes.push(route);
      return seen(route);
    },
    async removeRoute(id) {
      const route = byId(id);
      if (route.builtIn) refuse('invalid', { field: 'id', cause: 'built_in' });
      bin.set(id, route);
      kept.set(
        folder(),
        all().filter((known) => known.id !== id),
      );
      const { settings } = folder();
      if (settings.defaultTarget?.kind === 'route' && settings.defaultTarget.routeId === id)
        settings.defaultTarget = null;
    },
    async restoreRoute(id) {
      const route = bin.get(id) ?? refuse('not_found');
      all().push(route);
      bin.delete(id);
      return seen(route);
    },
    async dryRunRoute({ route, model, prompt, inputTokens, outputTokens, images }) {
      const tokens = inputTokens ?? Math.ceil(prompt.length / 4) + images * 800;
      const lines = targetsOf(route, model).map((input, index): DryRunLine => {
        const provider = providerOf(input.target.providerId);
        const known = modelOf(input);
        const stand = standing(provider, input.target.model);
        const tooLong = known?.context && tokens + outputTokens > known.context ? 'contextTooLong' : null;
        const blind = images > 0 && known?.can.images === false ? 'noVision' : null;
        const skip = stand.skip ?? blind ?? tooLong;
        const cost =
          known?.inputNano == null || known.outputNano === null
            ? null
            : Math.round((tokens * known.inputNano + outputTokens * known.outputNano) / 1e6);
        return {
          index,
          target: input.target,
          providerName: provider?.name ?? '',
          mark: provider?.mark ?? goneMark,
          category: provider?.category ?? 'cloud',
          verdict: skip === null ? 'next' : 'skipped',
          skip,
          until: stand.until,
          because: stand.because,
          account: provider?.accounts.find(({ label }) => label !== '')?.label ?? null,
          costNano: cost,
          firstTokenMs: provider?.ready && provider.category !== 'local' ? 620 + index * 280 : null,
        };
      });
      const sorted = inOrder(lines, route);
      const first = sorted.find((line) => line.verdict === 'next');
      if (first) first.verdict = 'chosen';
      const back = sorted.flatMap(({ until }) => until ?? []);
      return {
        at: Date.now(),
        lines: sorted,
        firstBack: first || back.length === 0 ? null : Math.min(...back),
      };
    },
    async routeSwitches(routeId, before) {
      const route = byId(routeId);
      const switches = query.get('scene') === 'routes' ? switchesOf(route, folder()) : [];
      const from = before === null ? 0 : Number(before);
      const page = switches.slice(from, from + PAGE);
      const next = from + PAGE < switches.length ? String(from + PAGE) : null;
      return copy({ switches: page, week: Math.min(5, switches.length), answers: 412, next });
    },
    async setChatFallback(conversationId, routeId) {
      if (routeId !== null) byId(routeId);
      const stored = folder().chat(conversationId);
      stored.fallbackRouteId = routeId;
      return view(stored);
    },
    async closeCircuit(accountId, model) {
      const { circuits, providers } = folder();
      const its = providers.find(({ accounts }) => accounts.some(({ id }) => id === accountId));
      woken.add(`${its?.id ?? ''} ${model}`);
      for (const [id, known] of Object.entries(circuits))
        circuits[id] = known.filter((one) => one.accountId !== accountId || one.model !== model);
    },
  };

  function inOrder(lines: DryRunLine[], { strategy, targets }: RouteInput): DryRunLine[] {
    const ready = lines.filter((line) => line.verdict !== 'skipped');
    const rest = lines.filter((line) => line.verdict === 'skipped');
    const by = (figure: (line: DryRunLine) => number) =>
      [...ready].sort((one, other) => figure(one) - figure(other));
    if (strategy === 'priority') return lines;
    if (strategy === 'lowestCost') return [...by((line) => line.costNano ?? Infinity), ...rest];
    if (strategy === 'lowestLatency') return [...by((line) => line.firstTokenMs ?? 0), ...rest];
    if (strategy === 'weighted') return [...by((line) => -(targets[line.index]?.weight ?? 1)), ...rest];
    if (strategy === 'leastBusy') return [...ready, ...rest];
    const at = turn++ % Math.max(1, ready.length);
    return [...ready.slice(at), ...ready.slice(0, at), ...rest];
  }
}

import type { Backend } from '../../backend';
import type {
  AtLimit,
  BudgetInput,
  BudgetScope,
  BudgetStop,
  BudgetView,
  BudgetWarning,
  EstimateWarning,
  RouteView,
} from '../../bindings';
import { fresh } from '../data';
import type { Folder } from '../folder';
import { refuse } from '../refuse';
import { guessed } from './dashboard';
import { firstOfNext, monthOf, plus } from '$lib/days/calendar';
import type { Entry } from './entries';
import type { FakeLedger } from './scene';

type Part = Pick<Backend, 'listBudgets' | 'saveBudget' | 'removeBudget'>;
type Kept = BudgetInput & { id: string; told: Set<number> };

/** Whom a message goes to, for the budgets in its way. */
export type Going = { providerId: string; routeId: string | null };

export type FakeBudgets = Part & {
  all: () => BudgetView[];
  /** The budget for the head of the costs. */
  head: () => BudgetView | null;
  /** Refuses what does not fit. */
  admit: (going: Going, expectedNano: number | null, overBudget: boolean) => void;
  /** What a message would break. */
  warnings: (going: Going, expectedNano: number | null) => EstimateWarning[];
  /** Shares that were passed since it was last asked. */
  passed: () => BudgetWarning[];
};

const copy = <T>(value: T): T => structuredClone(value);

/**
 * Budgets. `?budgets=` is `none`; `plain`, 80 dollars a month with a warning; `near`, whose warning the next answer
 * passes; `ask` or `stop`, which is spent; `full`, several. The costs scene has `plain`.
 */
export function fakeBudgets(
  query: URLSearchParams,
  folder: () => Folder,
  routes: () => RouteView[],
  ledger: FakeLedger,
): FakeBudgets {
  let kept: Kept[] | null = null;

  function first(): Kept[] {
    const script = query.get('budgets') ?? (query.get('scene') === 'costs' ? 'plain' : 'none');
    const spent = spentOf({ scope: { kind: 'all' }, period: 'month' }).spentNano;
    const one = (
      limitNano: number,
      warnAt: number[],
      atLimit: AtLimit,
      scope: BudgetScope = { kind: 'all' },
    ): Kept => ({
      id: fresh('budget'),
      scope,
      period: 'month',
      limitNano,
      warnAt,
      atLimit,
      told: new Set(),
    });
    const [provider] = folder().providers;
    const own = routes().find(({ builtIn }) => !builtIn);
    const scripts: Record<string, () => Kept[]> = {
      none: () => [],
      plain: () => [one(80e9, [80], 'warn')],
      near: () => [one(Math.ceil((spent + 10_000_000) / 0.8), [50, 80], 'warn')],
      ask: () => [one(Math.max(1, spent), [80], 'ask')],
      stop: () => [one(Math.max(1, spent), [80], 'stop')],
      full: () => [
        one(80e9, [50, 80], 'warn'),
        ...(provider ? [one(20e9, [80], 'ask', { kind: 'provider', providerId: provider.id })] : []),
        ...(own
          ? [{ ...one(2e9, [], 'stop', { kind: 'route', routeId: own.id }), period: 'day' as const }]
          : []),
      ],
    };
    return scripts[script]?.() ?? [];
  }

  function all(): Kept[] {
    if (kept) return kept;
    kept = first();
    for (const budget of kept)
      for (const share of passedOf(budget, view(budget).spentNano)) budget.told.add(share);
    return kept;
  }

  function holds({ scope }: Pick<BudgetInput, 'scope'>, going: Going): boolean {
    if (scope.kind === 'all') return true;
    return scope.kind === 'provider'
      ? scope.providerId === going.providerId
      : scope.routeId === going.routeId;
  }

  function spentOf({ scope, period }: Pick<BudgetInput, 'scope' | 'period'>) {
    const { today } = ledger;
    const running = ({ day }: Entry) => (period === 'day' ? day === today : monthOf(day) === monthOf(today));
    const its = ledger.entries.filter(
      (one) => running(one) && holds({ scope }, { providerId: one.provider.id, routeId: one.routeId }),
    );
    return {
      spentNano: its.reduce((sum, one) => sum + (one.totalNano ?? 0), 0),
      guessedNano: its.reduce((sum, one) => sum + guessed(one), 0),
      unknown: its.filter(({ source }) => source === 'unknown').length,
    };
  }

  function nameOf(scope: BudgetScope): string {
    if (scope.kind === 'all') return '';
    if (scope.kind === 'provider')
      return folder().providers.find(({ id }) => id === scope.providerId)?.name ?? '';
    return routes().find(({ id }) => id === scope.routeId)?.name ?? '';
  }

  const passedOf = ({ warnAt, limitNano }: BudgetInput, spent: number) =>
    warnAt.filter((share) => spent >= (limitNano * share) / 100);

  function view(budget: Kept): BudgetView {
    const { told, ...input } = budget;
    const { spentNano, guessedNano, unknown } = spentOf(budget);
    return {
      ...copy(input),
      id: budget.id,
      name: nameOf(budget.scope),
      spentNano,
      guessedNano,
      reservedNano: 0,
      unknown,
      until: budget.period === 'day' ? plus(ledger.today, 1) : firstOfNext(ledger.today),
      warned: Math.max(0, ...told, ...passedOf(budget, spentNano)),
      reached: spentNano >= budget.limitNano,
    };
  }

  function inTheWay(going: Going, expectedNano: number | null): BudgetStop[] {
    return all()
      .filter((budget) => budget.atLimit !== 'warn' && holds(budget, going))
      .map(view)
      .filter(({ spentNano, limitNano }) => spentNano + (expectedNano ?? 0) > limitNano)
      .map((budget) => ({ budget, expectedNano, mayPass: budget.atLimit === 'ask' }));
  }

  function check({ scope, limitNano, warnAt }: BudgetInput): void {
    if (!(limitNano > 0)) refuse('invalid', { field: 'limitNano', cause: 'out_of_range' });
    if (warnAt.length > 5) refuse('invalid', { field: 'warnAt', cause: 'too_many' });
    if (warnAt.some((share) => share < 1 || share > 100))
      refuse('invalid', { field: 'warnAt', cause: 'out_of_range' });
    if (scope.kind === 'provider' && !folder().providers.some(({ id }) => id === scope.providerId))
      refuse('not_found');
    if (scope.kind === 'route' && !routes().some(({ id }) => id === scope.routeId)) refuse('not_found');
  }

  return {
    all: () => all().map(view),
    head() {
      const overall = all().filter(({ scope }) => scope.kind === 'all');
      const [budget] = [...overall].sort((one, other) => other.period.localeCompare(one.period));
      return budget ? view(budget) : null;
    },
    admit(going, expectedNano, overBudget) {
      const budgets = inTheWay(going, expectedNano).filter(({ mayPass }) => !(mayPass && overBudget));
      if (budgets.length > 0) refuse('over_budget', { budgets });
    },
    warnings(going, expectedNano) {
      const stops = inTheWay(going, expectedNano).map(({ budget, mayPass }): EstimateWarning => ({
        kind: 'overBudget',
        budgetId: budget.id,
        mayPass,
      }));
      const near = all()
        .filter((budget) => holds(budget, going))
        .flatMap((budget): EstimateWarning[] => {
          const { spentNano } = view(budget);
          const now = passedOf(budget, spentNano);
          const then = passedOf(budget, spentNano + (expectedNano ?? 0)).filter(
            (share) => !now.includes(share),
          );
          const share = then.at(-1);
          return share === undefined ? [] : [{ kind: 'nearBudget', budgetId: budget.id, share }];
        });
      return [...stops, ...near];
    },
    passed() {
      return all().flatMap((budget) => {
        const seen = view(budget);
        const fresh = passedOf(budget, seen.spentNano).filter((share) => !budget.told.has(share));
        for (const share of fresh) budget.told.add(share);
        return fresh.map((share) => ({ budget: seen, share }));
      });
    },
    async listBudgets() {
      return all().map(view);
    },
    async saveBudget(input) {
      check(input);
      if (input.id !== null && !all().some(({ id }) => id === input.id)) refuse('not_found');
      const twin = all().find(
        (one) =>
          one.id !== input.id &&
          one.period === input.period &&
          JSON.stringify(one.scope) === JSON.stringify(input.scope),
      );
      if (twin) refuse('invalid', { field: 'scope', cause: 'taken' });
      const warnAt = [...new Set(input.warnAt)].sort((one, other) => one - other);
      const budget: Kept = { ...copy(input), warnAt, id: input.id ?? fresh('budget'), told: new Set() };
      for (const share of passedOf(budget, spentOf(budget).spentNano)) budget.told.add(share);
      const at = all().findIndex(({ id }) => id === budget.id);
      if (at < 0) all().push(budget);
      else all()[at] = budget;
      return view(budget);
    },
    async removeBudget(id) {
      if (!all().some((budget) => budget.id === id)) refuse('not_found');
      kept = all().filter((budget) => budget.id !== id);
    },
  };
}

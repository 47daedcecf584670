import type { Backend } from '../../backend';
import type {
  AttemptView,
  BudgetWarning,
  PricesUsed,
  RequestView,
  RouteView,
  WhatIfView,
} from '../../bindings';
import type { StoredChat } from '../data';
import type { Folder } from '../folder';
import { refuse } from '../refuse';
import { fakeBudgets, type FakeBudgets } from './budgets';
import { dashboardOf, passes, totalsOf, whole } from './dashboard';
import { priced, type Entry } from './entries';
import { fakePrices } from './prices';
import { FakeLedger } from './scene';

type Part = Pick<
  Backend,
  | 'dashboard'
  | 'requests'
  | 'exportCosts'
  | 'whatIf'
  | 'listPrices'
  | 'savePrice'
  | 'removePrice'
  | 'refreshPrices'
  | 'unpricedModels'
  | 'dismissUnpriced'
  | 'listBudgets'
  | 'saveBudget'
  | 'removeBudget'
>;

export type FakeCosts = {
  part: Part;
  ledger: FakeLedger;
  budgets: FakeBudgets;
  /** Books an answer that ended, and says which shares of budgets it passed. */
  book: (attempt: AttemptView, stored: StoredChat, messageId: string) => BudgetWarning[];
};

const MOST = 500;

/**
 * Costs, prices and budgets over one ledger. `?costs=` is `none`, `year`, `young` (three days), `old` (three years) or
 * `huge` (fifty thousand in a month); `?today=` is the local day; `?dashboard=` is `fails`, `fails-once` or
 * milliseconds that it takes.
 */
export function fakeCosts(
  query: URLSearchParams,
  folder: () => Folder,
  routes: () => RouteView[],
): FakeCosts {
  const own = () =>
    routes()
      .filter(({ builtIn }) => !builtIn)
      .map(({ id }) => id);
  const ledger = new FakeLedger(query, folder, own);
  const { all, head, admit, warnings, passed, ...budgetPart } = fakeBudgets(query, folder, routes, ledger);
  const budgets = { all, head, admit, warnings, passed, ...budgetPart };
  let failures = { fails: Infinity, 'fails-once': 1 }[query.get('dashboard') ?? ''] ?? 0;
  let booked = 0;

  async function readable(): Promise<void> {
    const wait = Number(query.get('dashboard') ?? 0);
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    if (failures > 0) {
      failures -= 1;
      refuse('busy');
    }
  }

  function request(entry: Entry, known: RouteView[]): RequestView {
    const { provider } = entry;
    const stored = folder().chats.find(({ summary }) => summary.id === entry.conversationId);
    const route = known.find(({ id }) => id === entry.routeId);
    const tokens = entry.outcome === 'failed' ? null : entry;
    return {
      id: entry.id,
      at: entry.at,
      day: entry.day,
      providerId: provider.id,
      providerName: provider.name,
      vendor: provider.vendor,
      accountName: provider.accounts.find(({ id }) => id === entry.accountId)?.label || null,
      routeId: route?.id ?? null,
      routeName: route?.name ?? null,
      model: entry.model,
      purpose: entry.purpose,
      outcome: entry.outcome,
      reason: entry.reason,
      cached: entry.cached,
      error: entry.error,
      firstTokenMs: entry.firstTokenMs,
      durationMs: entry.durationMs,
      cost: {
        inputTotal: tokens?.input ?? null,
        cacheRead: tokens?.cacheRead || null,
        cacheWrite: tokens?.cacheWrite || null,
        outputTotal: tokens?.output ?? null,
        reasoning: tokens?.reasoning || null,
        tokensEstimated: entry.source === 'estimated',
        source: entry.source,
        totalNano: entry.totalNano,
        savedNano: entry.answerSavedNano || null,
      },
      prices: pricesOf(entry),
      conversationId: stored?.summary.id ?? null,
      inTrash: stored?.summary.shelf === 'trash',
      messageId: stored ? entry.messageId : null,
    };
  }

  function pricesOf({ provider, model, source, day }: Entry): PricesUsed | null {
    const listed = provider.models.find(({ id }) => id === model);
    if (!listed || (source !== 'priced' && source !== 'estimated')) return null;
    const { inputNano: input, cacheReadNano: cacheRead, outputNano: output } = listed;
    const of = `genai-prices 0.2.1: ${provider.vendor}/${model}`;
    return { rates: { input, cacheRead, output }, own: false, source: of, day };
  }

  /** What the counted requests would have cost at the cheapest target of a route. */
  function elsewhere(route: RouteView, entries: readonly Entry[]): WhatIfView[] {
    const known = entries.filter(({ source, outcome }) => source !== 'unknown' && outcome === 'complete');
    const offers = route.targets.flatMap(({ target }) => {
      const provider = folder().providers.find(({ id }) => id === target.providerId);
      const model = provider?.models.find(({ id }) => id === target.model);
      if (!provider || !model) return [];
      const sums = known.map((entry) => priced(model, entry).totalNano);
      if (sums.includes(null)) return [];
      return [{ provider, model, totalNano: sums.reduce<number>((sum, one) => sum + (one ?? 0), 0) }];
    });
    const [best] = offers.sort((one, other) => one.totalNano - other.totalNano);
    if (!best || known.length === 0) return [];
    return [
      {
        routeId: route.id,
        routeName: route.name,
        provider: { id: best.provider.id, name: best.provider.name, vendor: best.provider.vendor },
        model: best.model.id,
        totalNano: best.totalNano,
        actualNano: totalsOf(known).totalNano,
        entries: known.length,
        leftOut: entries.length - known.length,
      },
    ];
  }

  const filtered = (filter: Parameters<Backend['whatIf']>[0]) => {
    const wanted = whole(filter, ledger.today);
    return ledger.entries.filter((entry) => passes(entry, wanted));
  };

  return {
    ledger,
    budgets,
    part: {
      ...fakePrices(query, folder, ledger),
      ...budgetPart,
      async dashboard({ filter, group }) {
        await readable();
        const { entries, today } = ledger;
        return structuredClone(
          dashboardOf({ entries, routes: routes(), today, budget: head() }, filter, group),
        );
      },
      async requests({ filter, after, limit }) {
        await readable();
        const its = filtered(filter);
        const from = after === null ? 0 : its.findIndex(({ day, id }) => `${day}:${id}` === after) + 1;
        const page = its.slice(from, from + Math.min(limit, MOST));
        const last = page.at(-1);
        const next = last && from + page.length < its.length ? `${last.day}:${last.id}` : null;
        // They are copied with each look.
        const known = routes();
        return { rows: page.map((entry) => request(entry, known)), next, total: its.length };
      },
      async exportCosts(filter, format) {
        if (query.get('export') === 'fails') refuse('io');
        const { from, to } = whole(filter, ledger.today);
        const path = `/home/person/Downloads/parlance-costs-${from}-to-${to}.${format}`;
        return { path, count: filtered(filter).length, keysMissing: 0 };
      },
      async whatIf(filter) {
        const its = filtered(filter);
        return routes().flatMap((route) => elsewhere(route, its));
      },
    },
    book(attempt, stored, messageId) {
      // What was passed before it is known before it is booked.
      all();
      const provider = folder().providers.find(({ id }) => id === attempt.providerId);
      const { cost, outcome } = attempt;
      if (provider && outcome !== 'streaming') {
        booked += 1;
        const entry: Entry = {
          id: `e-${String(9_000_000 + booked)}`,
          at: Date.now(),
          day: ledger.today,
          provider,
          accountId: provider.accounts[0]?.id ?? '',
          routeId: attempt.route?.id ?? '',
          model: attempt.model,
          purpose: 'chat',
          outcome,
          source: cost?.source ?? 'estimated',
          reason: attempt.reason,
          asked: false,
          cached: attempt.cached,
          input: cost?.inputTotal ?? 0,
          cacheRead: cost?.cacheRead ?? 0,
          cacheWrite: cost?.cacheWrite ?? 0,
          output: cost?.outputTotal ?? 0,
          reasoning: cost?.reasoning ?? 0,
          totalNano: cost ? cost.totalNano : 0,
          cacheSavedNano: 0,
          answerSavedNano: cost?.savedNano ?? 0,
          firstTokenMs: attempt.firstTokenMs,
          durationMs: attempt.durationMs,
          error: attempt.error,
          conversationId: stored.summary.id,
          messageId,
        };
        ledger.entries.unshift(entry);
      }
      return passed();
    },
  };
}

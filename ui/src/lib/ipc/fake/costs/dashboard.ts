import type {
  BudgetView,
  CostDashboard,
  CostFilter,
  CostGroup,
  CostKey,
  CostLine,
  CostPoint,
  CostSeries,
  CostTotals,
  CostWaste,
  RouteView,
  WasteKind,
} from '../../bindings';
import type { Entry } from './entries';
import { dayOf, lastOf, monthOf, plus, span, stamp, weekend } from '$lib/days/calendar';

const MOST = 8;

export const noTotals = (): CostTotals => ({
  entries: 0,
  complete: 0,
  failed: 0,
  totalNano: 0,
  estimatedNano: 0,
  reportedNano: 0,
  reported: 0,
  priced: 0,
  estimated: 0,
  free: 0,
  unknown: 0,
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  cacheSavedNano: 0,
  answerSavedNano: 0,
  firstTokenMs: null,
});

export function totalsOf(entries: readonly Entry[]): CostTotals {
  const sums = noTotals();
  const firsts: number[] = [];
  for (const entry of entries) {
    sums.entries += 1;
    sums[entry.source] += 1;
    if (entry.outcome === 'complete') sums.complete += 1;
    if (entry.outcome === 'failed' || entry.outcome === 'interrupted') sums.failed += 1;
    sums.totalNano += entry.totalNano ?? 0;
    if (entry.source === 'estimated') sums.estimatedNano += entry.totalNano ?? 0;
    if (entry.source === 'reported') sums.reportedNano += entry.totalNano ?? 0;
    sums.input += entry.input;
    sums.cacheRead += entry.cacheRead;
    sums.cacheWrite += entry.cacheWrite;
    sums.output += entry.output;
    sums.reasoning += entry.reasoning;
    sums.cacheSavedNano += entry.cacheSavedNano;
    sums.answerSavedNano += entry.answerSavedNano;
    if (entry.firstTokenMs !== null) firsts.push(entry.firstTokenMs);
  }
  firsts.sort((one, other) => one - other);
  sums.firstTokenMs = firsts[Math.floor(firsts.length / 2)] ?? null;
  return sums;
}

/** What no vendor reported. */
export const guessed = (entry: Entry) => (entry.source === 'reported' ? 0 : (entry.totalNano ?? 0));

export type Whole = Required<CostFilter>;

export function whole(filter: CostFilter, today: string): Whole {
  const { from = '', to = '' } = filter;
  const last = to || today;
  const first = from || `${monthOf(last)}-01`;
  const [begin, end] = first <= last ? [first, last] : [last, first];
  return {
    providers: [],
    models: [],
    accounts: [],
    routes: [],
    purposes: [],
    outcomes: [],
    sources: [],
    waste: [],
    ...filter,
    from: begin,
    to: end,
  };
}

const within = <T>(list: readonly T[], value: T) => list.length === 0 || list.includes(value);

export function passes(entry: Entry, filter: Whole): boolean {
  return (
    entry.day >= filter.from &&
    entry.day <= filter.to &&
    within(filter.providers, entry.provider.id) &&
    within(filter.models, entry.model) &&
    within(filter.accounts, entry.accountId) &&
    within(filter.routes, entry.routeId) &&
    within(filter.purposes, entry.purpose) &&
    within(filter.outcomes, entry.outcome) &&
    within(filter.sources, entry.source) &&
    (filter.waste.length === 0 || filter.waste.some((kind) => kind === wastedOn(entry)))
  );
}

export function groupBy<T>(entries: readonly Entry[], by: (entry: Entry) => T): Map<T, Entry[]> {
  const groups = new Map<T, Entry[]>();
  for (const entry of entries) {
    const id = by(entry);
    const group = groups.get(id);
    if (group) group.push(entry);
    else groups.set(id, [entry]);
  }
  return groups;
}

export function keyOf(entry: Entry, group: CostGroup, routes: readonly RouteView[]): CostKey {
  const { provider } = entry;
  const account = provider.accounts.find(({ id }) => id === entry.accountId);
  const label = account?.label ? `${provider.name}, ${account.label}` : provider.name;
  const keys: Record<CostGroup, () => CostKey> = {
    provider: () => ({ id: provider.id, name: provider.name, vendor: provider.vendor }),
    model: () => ({ id: entry.model, name: entry.model, vendor: provider.vendor }),
    purpose: () => ({ id: entry.purpose, name: '', vendor: null }),
    route: () => ({
      id: entry.routeId,
      name: routes.find(({ id }) => id === entry.routeId)?.name ?? '',
      vendor: null,
    }),
    account: () => ({ id: entry.accountId, name: label, vendor: provider.vendor }),
  };
  return keys[group]();
}

function keysOf(entries: readonly Entry[], group: CostGroup, routes: readonly RouteView[]): CostKey[] {
  const keys = new Map<string, CostKey>();
  for (const entry of entries) {
    const key = keyOf(entry, group, routes);
    if (!keys.has(key.id)) keys.set(key.id, key);
  }
  return [...keys.values()].sort((one, other) => one.name.localeCompare(other.name));
}

const larger = (one: { totals: CostTotals }, other: { totals: CostTotals }) =>
  other.totals.totalNano - one.totals.totalNano || other.totals.entries - one.totals.entries;

function pointsOf(entries: readonly Entry[], bucketOf: (entry: Entry) => number): CostPoint[] {
  return [...groupBy(entries, bucketOf)]
    .map(([bucket, its]): CostPoint => {
      const { totalNano, input, output, entries: count } = totalsOf(its);
      return {
        bucket,
        totalNano,
        guessedNano: its.reduce((sum, one) => sum + guessed(one), 0),
        input,
        output,
        entries: count,
      };
    })
    .sort((one, other) => one.bucket - other.bucket);
}

/** What a request was wasted on. None counts twice: what became of it goes before how it came about. */
function wastedOn({ outcome, asked, reason }: Entry): WasteKind | null {
  if (outcome === 'interrupted') return 'cutOff';
  if (outcome === 'failed') return 'failed';
  if (outcome === 'cancelled') return 'stopped';
  if (asked) return 'askedAgain';
  return reason === 'first' ? null : 'triedAgain';
}

const kinds: WasteKind[] = ['cutOff', 'failed', 'stopped', 'askedAgain', 'triedAgain'];

function wasteOf(entries: readonly Entry[]): CostWaste[] {
  return kinds.flatMap((kind) => {
    const its = entries.filter((entry) => wastedOn(entry) === kind);
    if (its.length === 0) return [];
    const guessedNano = its.reduce((sum, one) => sum + guessed(one), 0);
    return [{ kind, entries: its.length, totalNano: totalsOf(its).totalNano, guessedNano }];
  });
}

function linesOf(entries: readonly Entry[]): CostLine[] {
  const providers = [...groupBy(entries, ({ provider }) => provider)].map(([provider, its]) => ({
    provider: { id: provider.id, name: provider.name, vendor: provider.vendor },
    its,
    totals: totalsOf(its),
  }));
  return providers
    .sort(larger)
    .flatMap(({ provider, its, totals }) => [
      { provider, model: null, totals },
      ...[...groupBy(its, ({ model }) => model)]
        .map(([model, of]) => ({ provider, model, totals: totalsOf(of) }))
        .sort(larger),
    ]);
}

function bucketsOf(filter: Whole, grain: 'day' | 'month'): string[] {
  if (grain === 'day')
    return Array.from({ length: span(filter.from, filter.to) }, (_, at) => plus(filter.from, at));
  const months: string[] = [];
  for (let day = `${monthOf(filter.from)}-01`; day <= filter.to; day = plus(lastOf(day), 1))
    months.push(monthOf(day));
  return months;
}

/** The mean of the last two weeks, workdays and weekends each by themselves. */
function projectionOf(entries: readonly Entry[], filter: Whole, today: string, since: string | null) {
  const running = filter.from === `${monthOf(today)}-01` && filter.to === lastOf(today);
  if (!running || since === null || span(since, today) < 5 || today === filter.to) return null;
  const mean = (free: boolean) => {
    const days = Array.from({ length: 14 }, (_, at) => plus(today, -1 - at)).filter(
      (day) => weekend(day) === free && day >= filter.from,
    );
    const sum = entries
      .filter(({ day }) => days.includes(day))
      .reduce((all, one) => all + (one.totalNano ?? 0), 0);
    return days.length === 0 ? 0 : sum / days.length;
  };
  const [work, rest] = [mean(false), mean(true)];
  const days = Array.from({ length: span(today, filter.to) - 1 }, (_, at) =>
    Math.round(weekend(plus(today, at + 1)) ? rest : work),
  );
  const sofar = totalsOf(entries).totalNano;
  return { days, totalNano: days.reduce((sum, one) => sum + one, sofar) };
}

export type Sight = {
  entries: readonly Entry[];
  routes: readonly RouteView[];
  today: string;
  budget: BudgetView | null;
};

export function dashboardOf(
  { entries, routes, today, budget }: Sight,
  given: CostFilter,
  group: CostGroup,
): CostDashboard {
  const filter = whole(given, today);
  const since = entries.at(-1)?.day ?? null;
  const inRange = entries.filter(({ day }) => day >= filter.from && day <= filter.to);
  const its = inRange.filter((entry) => passes(entry, filter));
  const grain = span(filter.from, filter.to) <= 92 ? 'day' : 'month';
  const buckets = bucketsOf(filter, grain);
  const places = new Map(buckets.map((bucket, at) => [bucket, at]));
  const bucketOf = ({ day }: Entry) => places.get(grain === 'day' ? day : monthOf(day)) ?? 0;
  const series = [...groupBy(its, (entry) => keyOf(entry, group, routes).id)]
    .map(([, of]): CostSeries & { of: Entry[] } => ({
      key: of[0] ? keyOf(of[0], group, routes) : null,
      totals: totalsOf(of),
      points: pointsOf(of, bucketOf),
      of,
    }))
    .sort(larger);
  const rest = series.splice(MOST).flatMap(({ of }) => of);
  const shown = series.map(({ key, totals, points }): CostSeries => ({ key, totals, points }));
  if (rest.length > 0) shown.push({ key: null, totals: totalsOf(rest), points: pointsOf(rest, bucketOf) });
  return {
    filter,
    today,
    since,
    grain,
    buckets,
    totals: totalsOf(its),
    todayTotals: totalsOf(entries.filter((one) => passes(one, { ...filter, from: today, to: today }))),
    projection: projectionOf(its, filter, today, since),
    series: shown,
    lines: linesOf(its),
    waste: wasteOf(its),
    facets: {
      providers: keysOf(inRange, 'provider', routes),
      models: keysOf(inRange, 'model', routes),
      accounts: keysOf(inRange, 'account', routes),
      routes: keysOf(inRange, 'route', routes),
      purposes: [...new Set(inRange.map(({ purpose }) => purpose))],
    },
    budget,
    pricesOf: dayOf(stamp('2026-11-03')),
  };
}

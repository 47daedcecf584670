import { localDay } from '$lib/days/local';
import type { Backend } from '$lib/ipc/backend';
import type {
  CostDashboard,
  CostFilter,
  CostFormat,
  CostGroup,
  CostKey,
  CostOutcome,
  CostSource,
  ExportView,
  Purpose,
  WasteKind,
  WhatIfView,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { CostLog } from './costLog.svelte';
import { daysOf, type CostRange } from './costRange';

/** What can be filtered by beside the days. */
export type Filters = {
  providers: string[];
  models: string[];
  purposes: Purpose[];
  routes: string[];
  accounts: string[];
  outcomes: CostOutcome[];
  sources: CostSource[];
  waste: WasteKind[];
};

export type FilterKind = keyof Filters;

export const filterKinds: FilterKind[] = [
  'providers',
  'models',
  'purposes',
  'routes',
  'accounts',
  'outcomes',
  'sources',
  'waste',
];

/** Which filter the groups of the chart stand for. */
export const kindOfGroup: Record<CostGroup, FilterKind> = {
  provider: 'providers',
  model: 'models',
  purpose: 'purposes',
  route: 'routes',
  account: 'accounts',
};

export type LineOrder =
  'name' | 'entries' | 'input' | 'output' | 'cache' | 'success' | 'first' | 'reported' | 'cost';

const none = (): Filters => ({
  providers: [],
  models: [],
  purposes: [],
  routes: [],
  accounts: [],
  outcomes: [],
  sources: [],
  waste: [],
});

/** Answers that end one after the other are read about once. */
const SETTLE_MS = 400;

type Asks = Pick<Backend, 'dashboard' | 'requests' | 'exportCosts' | 'whatIf'>;

/** The costs as they are looked at; they stay as they are while another screen is shown. */
export class Costs {
  range = $state.raw<CostRange>({ kind: 'thisMonth' });
  filters = $state.raw<Filters>(none());
  group = $state<CostGroup>('provider');
  /** By what the figures on the screen are put together: those asked for may not be there yet. */
  drawn = $state<CostGroup>('provider');
  unit = $state<'money' | 'tokens'>('money');
  /** The chart, or the same as a table. */
  look = $state<'chart' | 'table'>('chart');
  order = $state.raw<{ by: LineOrder; down: boolean }>({ by: 'cost', down: true });
  /** Providers whose models are shown. */
  open = $state.raw<ReadonlySet<string>>(new Set());
  view = $state.raw<CostDashboard | null>(null);
  elsewhere = $state.raw<WhatIfView[]>([]);
  error = $state<BackendError | null>(null);
  loading = $state(false);
  readonly log: CostLog;

  readonly #backend: Asks;
  readonly #seen = new Map<string, CostKey>();
  #latest = 0;
  #watchers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Asks) {
    this.#backend = backend;
    this.log = new CostLog(backend);
  }

  readonly today = $derived(this.view?.today ?? localDay(Date.now()));
  readonly days = $derived(daysOf(this.range, this.today, this.view?.since ?? null));
  readonly filter = $derived<CostFilter>({ ...this.days, ...this.filters });
  readonly filtered = $derived(filterKinds.some((kind) => this.filters[kind].length > 0));
  /** Each value that is filtered by. */
  readonly chosen = $derived(
    filterKinds.flatMap((kind) => this.filters[kind].map((value) => ({ kind, value: value as string }))),
  );

  /** A value that is filtered by, with its name where it was ever seen. */
  keyOf(kind: FilterKind, id: string): CostKey {
    // Names come with each view.
    void this.view;
    return this.#seen.get(`${kind} ${id}`) ?? { id, name: '', vendor: null };
  }

  has(kind: FilterKind, value: string): boolean {
    return (this.filters[kind] as string[]).includes(value);
  }

  toggle(kind: FilterKind, value: string): void {
    const now = this.filters[kind] as string[];
    this.choose(kind, now.includes(value) ? now.filter((one) => one !== value) : [...now, value]);
  }

  choose(kind: FilterKind, values: readonly string[]): void {
    this.filters = { ...this.filters, [kind]: values };
    void this.read();
  }

  /** Filters by all of these: as a click on something does that stands for several. */
  narrow(part: Partial<Filters>): void {
    this.filters = { ...this.filters, ...part };
    void this.read();
  }

  /** Nothing but this, in the range that is shown. */
  only(part: Partial<Filters>): void {
    this.filters = { ...none(), ...part };
    void this.read();
  }

  clear(): void {
    this.only({});
  }

  during(range: CostRange): void {
    this.range = range;
    void this.read();
  }

  by(group: CostGroup): void {
    this.group = group;
    void this.read();
  }

  sort(by: LineOrder): void {
    const down = this.order.by === by ? !this.order.down : by !== 'name';
    this.order = { by, down };
  }

  unfold(providerId: string): void {
    const next = new Set(this.open);
    if (!next.delete(providerId)) next.add(providerId);
    this.open = next;
  }

  /** Reads now, and after answers, until the returned function is called. */
  watch(): () => void {
    this.#watchers += 1;
    void this.read();
    return () => {
      this.#watchers -= 1;
      clearTimeout(this.#timer);
    };
  }

  /** Something was booked. Nobody looks: nothing is read. */
  changed(): void {
    if (this.#watchers === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), SETTLE_MS);
  }

  /** The latest question wins; until it is answered the figures before stay. */
  async read(): Promise<void> {
    const mine = ++this.#latest;
    this.loading = true;
    const { filter, group } = this;
    try {
      let view = await this.#backend.dashboard({ filter, group });
      if (mine !== this.#latest) return;
      // The first answer says which day it is there and where the ledger begins.
      const days = daysOf(this.range, view.today, view.since);
      if (days.from !== filter.from || days.to !== filter.to) {
        view = await this.#backend.dashboard({ filter: { ...filter, ...days }, group });
        if (mine !== this.#latest) return;
      }
      this.#remember(view);
      this.view = view;
      this.drawn = group;
      this.error = null;
      const now = { ...filter, ...days };
      await Promise.all([this.log.begin(now), this.#compare(now, mine)]);
    } catch (thrown) {
      if (mine === this.#latest) this.error = asBackendError(thrown);
    } finally {
      if (mine === this.#latest) this.loading = false;
    }
  }

  exported(format: CostFormat): Promise<ExportView> {
    return this.#backend.exportCosts(this.filter, format);
  }

  /** What is filtered by keeps its name in days without it. */
  #remember({ facets }: CostDashboard): void {
    for (const kind of ['providers', 'models', 'routes', 'accounts'] as const)
      for (const key of facets[kind]) this.#seen.set(`${kind} ${key.id}`, key);
  }

  /** An extra: where it cannot be had, the rest stands without it. */
  async #compare(filter: CostFilter, mine: number): Promise<void> {
    const elsewhere = await this.#backend.whatIf(filter).catch(() => []);
    if (mine === this.#latest) this.elsewhere = elsewhere;
  }
}

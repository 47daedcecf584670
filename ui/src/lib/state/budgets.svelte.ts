import type { Backend } from '$lib/ipc/backend';
import type { BudgetInput, BudgetScope, BudgetView } from '$lib/ipc/bindings';

export type BudgetsBackend = Pick<Backend, 'listBudgets' | 'saveBudget' | 'removeBudget'>;

/** The budgets and how they stand. */
export class Budgets {
  items = $state.raw<BudgetView[]>([]);
  /** They were read at least once. */
  known = $state(false);
  /** What the dialog over the page is about: one that is changed, or what a new one holds for. */
  editing = $state.raw<{ budget: BudgetView | null; scope: BudgetScope } | null>(null);
  /** Why they could not be read, while they never were. */
  failed = $state.raw<unknown>(null);

  readonly #backend: BudgetsBackend;
  #changes = 0;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(backend: BudgetsBackend) {
    this.#backend = backend;
  }

  byId(id: string): BudgetView | undefined {
    return this.items.find((budget) => budget.id === id);
  }

  /** Those that hold for exactly this. */
  of(scope: BudgetScope): BudgetView[] {
    return this.items.filter((budget) => sameScope(budget.scope, scope));
  }

  /** The one that the month's spending is shown against: the smallest where there are several. */
  get overall(): BudgetView | undefined {
    return this.items
      .filter(({ scope, period }) => scope.kind === 'all' && period === 'month')
      .sort((one, other) => one.limitNano - other.limitNano)[0];
  }

  /** Reads them; what happens while they are read is read after it. */
  read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#ask().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** Money was spent, or the window was looked at again. What cannot be read now stays as it was. */
  changed(): void {
    this.read().catch(() => undefined);
  }

  /** Opens the dialog for a new one. */
  begin(scope: BudgetScope = { kind: 'all' }): void {
    this.editing = { budget: null, scope };
  }

  change(budget: BudgetView): void {
    this.editing = { budget, scope: budget.scope };
  }

  async save(input: BudgetInput): Promise<BudgetView> {
    const kept = await this.#backend.saveBudget(input);
    this.#changes += 1;
    this.items = this.items.some(({ id }) => id === kept.id)
      ? this.items.map((known) => (known.id === kept.id ? kept : known))
      : [...this.items, kept];
    return kept;
  }

  async remove(id: string): Promise<void> {
    await this.#backend.removeBudget(id);
    this.#changes += 1;
    this.items = this.items.filter((budget) => budget.id !== id);
  }

  async #ask(): Promise<void> {
    try {
      do {
        this.#again = false;
        const before = this.#changes;
        const items = await this.#backend.listBudgets();
        // A list from before a change would undo it on the screen.
        if (before !== this.#changes) this.#again = true;
        else this.items = items;
      } while (this.#again);
      this.known = true;
      this.failed = null;
    } catch (thrown) {
      if (!this.known) this.failed = thrown;
      throw thrown;
    }
  }
}

export function sameScope(one: BudgetScope, other: BudgetScope): boolean {
  if (one.kind === 'provider') return other.kind === 'provider' && one.providerId === other.providerId;
  if (one.kind === 'route') return other.kind === 'route' && one.routeId === other.routeId;
  return other.kind === 'all';
}

/** A budget as it is given to be kept; without its id where it is made anew. */
export function inputOf(budget: BudgetView, id: string | null = budget.id): BudgetInput {
  const { scope, period, limitNano, warnAt, atLimit } = budget;
  return { id, scope, period, limitNano, warnAt, atLimit };
}

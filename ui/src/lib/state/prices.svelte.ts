import type { Backend } from '$lib/ipc/backend';
import type {
  OwnPriceInput,
  OwnPriceView,
  PriceList,
  PriceOrder,
  PriceRow,
  PriceSource,
  SavedPrice,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { Later } from './composer/later';

export type PricesBackend = Pick<Backend, 'listPrices' | 'savePrice' | 'removePrice' | 'refreshPrices'>;

/** What is looked for in the price list. */
export type PriceFilter = { text: string; which: 'all' | 'mine' | 'own'; order: PriceOrder };

export type PriceEditing = { about: { providerId: string; model: string } | null; row: PriceRow | null };

/** So many rows are read at once. */
export const PAGE = 100;
const QUIET_MS = 120;

/** The price list: as much of it as was looked at. */
export class Prices {
  filter = $state.raw<PriceFilter>({ text: '', which: 'all', order: 'name' });
  /** Where the prices come from and what a typical chat is; absent until it was read. */
  head = $state.raw<Pick<PriceList, 'source' | 'typical'> | null>(null);
  /** A place for each row of the list, empty where it was not looked at. */
  rows = $state.raw<(PriceRow | undefined)[]>([]);
  loading = $state(false);
  error = $state.raw<BackendError | null>(null);
  /** What the dialog over the page sets a price for: a model, with its line of the list, or one that is to be named. */
  editing = $state.raw<PriceEditing | null>(null);

  readonly #backend: PricesBackend;
  readonly #later = new Later(QUIET_MS, () => void this.read());
  /** Pages that are read or being read. */
  #pages = new Set<number>();
  #turn = 0;

  constructor(backend: PricesBackend) {
    this.#backend = backend;
  }

  get source(): PriceSource | null {
    return this.head?.source ?? null;
  }

  /** Looks for something else. What was found before stays until the new is there. */
  look(change: Partial<PriceFilter>): void {
    this.filter = { ...this.filter, ...change };
    // Words are typed letter by letter.
    if (change.text === undefined) void this.read();
    else this.#later.plan();
  }

  /** Reads the beginning anew, and what lies in sight with it. */
  async read(sight: { from: number; to: number } = { from: 0, to: 0 }): Promise<void> {
    this.#later.cancel();
    const turn = ++this.#turn;
    this.#pages = new Set();
    this.loading = true;
    const first = pageOf(sight.from);
    await this.#fetch(turn, first, true);
    if (turn !== this.#turn) return;
    this.loading = false;
    this.see(sight.from, sight.to);
  }

  /** These rows are in sight. */
  see(from: number, to: number): void {
    if (this.loading || this.error !== null) return;
    const last = Math.min(to, this.rows.length - 1);
    for (let page = pageOf(Math.max(0, from)); page <= pageOf(Math.max(0, last)); page += 1) {
      if (!this.#pages.has(page) && page * PAGE < this.rows.length) void this.#fetch(this.#turn, page, false);
    }
  }

  /** Opens the dialog that sets a price. */
  begin(about: PriceEditing['about'] = null, row: PriceRow | null = null): void {
    this.editing = { about, row };
  }

  /** Keeps a price and shows the list with it. */
  async save(input: OwnPriceInput): Promise<SavedPrice> {
    const saved = await this.#backend.savePrice(input);
    await this.#again();
    return saved;
  }

  /** The line of a model as it is now, where it was looked at. */
  rowOf(providerId: string, model: string): PriceRow | undefined {
    return this.rows.find((row) => row?.providerId === providerId && row.model === model);
  }

  async remove(price: OwnPriceView): Promise<void> {
    await this.#backend.removePrice(price.id);
    await this.#again();
  }

  /** Fetches the published list. Rejects with why it was not taken; what was there stays. */
  async refresh(): Promise<PriceSource> {
    try {
      const source = await this.#backend.refreshPrices();
      if (this.head) this.head = { ...this.head, source };
      await this.read();
      return source;
    } catch (thrown) {
      // The source says what went wrong.
      await this.read();
      throw thrown;
    }
  }

  async #again(): Promise<void> {
    const seen = [...this.#pages].sort((one, other) => one - other);
    const from = (seen[0] ?? 0) * PAGE;
    await this.read({ from, to: ((seen.at(-1) ?? 0) + 1) * PAGE - 1 });
  }

  async #fetch(turn: number, page: number, anew: boolean): Promise<void> {
    const { text, which, order } = this.filter;
    this.#pages.add(page);
    try {
      const list = await this.#backend.listPrices({
        text: text.trim(),
        mine: which === 'mine',
        own: which === 'own',
        order,
        offset: page * PAGE,
        limit: PAGE,
      });
      if (turn !== this.#turn) return;
      const rows: (PriceRow | undefined)[] = anew ? [] : this.rows.slice(0, list.total);
      rows.length = list.total;
      for (const [at, row] of list.rows.entries()) rows[page * PAGE + at] = row;
      this.head = { source: list.source, typical: list.typical };
      this.rows = rows;
      this.error = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.#pages.delete(page);
      this.error = asBackendError(thrown);
    }
  }
}

const pageOf = (row: number) => Math.floor(row / PAGE);

import type { Backend } from '$lib/ipc/backend';
import type { CostFilter, RequestPage, RequestView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

const PAGE = 200;
/** The most that is given at once. */
const LARGE_PAGE = 500;

/** The requests behind the figures, the newest first, as far as somebody scrolled. */
export class CostLog {
  rows = $state.raw<RequestView[]>([]);
  total = $state<number | null>(null);
  next = $state<string | null>(null);
  loading = $state(false);
  error = $state<BackendError | null>(null);
  /** It has the width of the page. */
  large = $state(false);
  /** Counts up with each other filter. */
  asked = $state(0);
  /** The request whose details are shown. */
  shown = $state<string | null>(null);

  readonly #backend: Pick<Backend, 'requests'>;
  #filter: CostFilter = {};
  #latest = 0;

  constructor(backend: Pick<Backend, 'requests'>) {
    this.#backend = backend;
  }

  /** Reads the first page anew. */
  async begin(filter: CostFilter): Promise<void> {
    // After an answer the rows move on; under another filter they begin anew.
    if (JSON.stringify(filter) !== JSON.stringify(this.#filter)) this.asked += 1;
    this.#filter = filter;
    await this.#read(null);
  }

  async more(): Promise<void> {
    if (this.loading || this.next === null) return;
    await this.#read(this.next);
  }

  /** Reads on to the end. False where that came to nothing, or another filter was set meanwhile. */
  async rest(): Promise<boolean> {
    if (this.next === null) return true;
    const mine = ++this.#latest;
    this.loading = true;
    const found: RequestView[] = [];
    let after: string | null = this.next;
    try {
      while (after !== null) {
        const page: RequestPage = await this.#backend.requests({
          filter: this.#filter,
          after,
          limit: LARGE_PAGE,
        });
        if (mine !== this.#latest) return false;
        found.push(...page.rows);
        after = page.next;
      }
      this.error = null;
    } catch (thrown) {
      if (mine === this.#latest) this.error = asBackendError(thrown);
    } finally {
      // What came before a page that could not be read stays.
      if (mine === this.#latest) {
        this.rows = [...this.rows, ...found];
        this.next = after;
        this.loading = false;
      }
    }
    return mine === this.#latest && this.next === null;
  }

  again(): Promise<void> {
    return this.#read(this.rows.length === 0 ? null : this.next);
  }

  async #read(after: string | null): Promise<void> {
    const mine = ++this.#latest;
    this.loading = true;
    try {
      const page = await this.#backend.requests({ filter: this.#filter, after, limit: PAGE });
      if (mine !== this.#latest) return;
      this.rows = after === null ? page.rows : [...this.rows, ...page.rows];
      this.next = page.next;
      this.total = page.total;
      this.error = null;
      if (after === null && !page.rows.some(({ id }) => id === this.shown)) this.shown = null;
    } catch (thrown) {
      if (mine === this.#latest) this.error = asBackendError(thrown);
    } finally {
      if (mine === this.#latest) this.loading = false;
    }
  }
}

import type { Backend } from '$lib/ipc/backend';
import type { SwitchPage, SwitchView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

/** The times that a route moved on, page by page, the newest first. */
export class Switches {
  items = $state.raw<SwitchView[]>([]);
  /** What is known of the last seven days. */
  week = $state.raw<Pick<SwitchPage, 'week' | 'answers'> | null>(null);
  next = $state<string | null>(null);
  loading = $state(false);
  error = $state.raw<BackendError | null>(null);

  readonly #backend: Pick<Backend, 'routeSwitches'>;
  readonly #id: string;

  constructor(backend: Pick<Backend, 'routeSwitches'>, id: string) {
    this.#backend = backend;
    this.#id = id;
  }

  /** The newest ones; what was read of the older ones is read anew when it is asked for. */
  load(): Promise<void> {
    return this.#read(null);
  }

  async more(): Promise<void> {
    if (this.next !== null) await this.#read(this.next);
  }

  async #read(before: string | null): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    this.error = null;
    try {
      const page = await this.#backend.routeSwitches(this.#id, before);
      this.items = before === null ? page.switches : [...this.items, ...page.switches];
      this.week = { week: page.week, answers: page.answers };
      this.next = page.next;
    } catch (thrown) {
      this.error = asBackendError(thrown);
    } finally {
      this.loading = false;
    }
  }
}

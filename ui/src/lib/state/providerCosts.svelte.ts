import { firstOf, lastOf } from '$lib/days/calendar';
import { localDay } from '$lib/days/local';
import type { Backend } from '$lib/ipc/backend';
import type { CostDashboard } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

/** The running month of one provider, by model. */
export class ProviderCosts {
  view = $state.raw<CostDashboard | null>(null);
  error = $state<BackendError | null>(null);
  readonly #backend: Pick<Backend, 'dashboard'>;
  readonly #id: string;
  #latest = 0;

  constructor(backend: Pick<Backend, 'dashboard'>, id: string) {
    this.#backend = backend;
    this.#id = id;
  }

  async read(): Promise<void> {
    const mine = ++this.#latest;
    const today = this.view?.today ?? localDay(Date.now());
    try {
      let view = await this.#ask(today);
      if (view.today !== today) view = await this.#ask(view.today);
      if (mine !== this.#latest) return;
      this.view = view;
      this.error = null;
    } catch (thrown) {
      if (mine === this.#latest) this.error = asBackendError(thrown);
    }
  }

  #ask(today: string): Promise<CostDashboard> {
    const filter = { from: firstOf(today), to: lastOf(today), providers: [this.#id] };
    return this.#backend.dashboard({ filter, group: 'model' });
  }
}

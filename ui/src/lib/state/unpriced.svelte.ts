import type { Backend } from '$lib/ipc/backend';
import type { UnpricedModel } from '$lib/ipc/bindings';

/** Models that were used and have no price. Each is asked about once. */
export class Unpriced {
  items = $state.raw<UnpricedModel[]>([]);
  readonly #backend: Pick<Backend, 'unpricedModels' | 'dismissUnpriced'>;
  #turn = 0;

  constructor(backend: Pick<Backend, 'unpricedModels' | 'dismissUnpriced'>) {
    this.#backend = backend;
  }

  /** Those nobody has said anything about. */
  get open(): UnpricedModel[] {
    return this.items.filter(({ asked }) => !asked);
  }

  of(providerId: string, model: string): UnpricedModel | undefined {
    return this.items.find((one) => one.providerId === providerId && one.model === model);
  }

  async read(): Promise<void> {
    const turn = ++this.#turn;
    const items = await this.#backend.unpricedModels();
    if (turn === this.#turn) this.items = items;
  }

  /** Something was booked. What cannot be read now stays as it was. */
  changed(): void {
    this.read().catch(() => undefined);
  }

  /** Not now: it is not asked about again. */
  async dismiss({ providerId, model }: Pick<UnpricedModel, 'providerId' | 'model'>): Promise<void> {
    await this.#backend.dismissUnpriced(providerId, model);
    this.#turn += 1;
    this.items = this.items.map((one) =>
      one.providerId === providerId && one.model === model ? { ...one, asked: true } : one,
    );
  }
}

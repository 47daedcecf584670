import type { Backend } from '$lib/ipc/backend';
import type { ChatTarget, EstimateInput, EstimateView, TargetView } from '$lib/ipc/bindings';
import { keyOf } from '$lib/targets';
import { Later } from './later';

const QUIET_MS = 300;

/** What the chosen model takes, and what the next message would take of it. */
export class Forecast {
  /** Absent while it is not known. */
  target = $state.raw<TargetView | null>(null);
  estimate = $state.raw<EstimateView | null>(null);

  readonly #backend: Backend;
  readonly #input: () => EstimateInput | null;
  readonly #later: Later;
  #describing = 0;
  #estimating = 0;
  #of = '';

  constructor(backend: Backend, input: () => EstimateInput | null) {
    this.#backend = backend;
    this.#input = input;
    this.#later = new Later(QUIET_MS, () => void this.#estimate());
  }

  /** Looks at a model or route, again if it was looked at before: its list may have been fetched since. */
  async look(target: ChatTarget | null): Promise<void> {
    const turn = ++this.#describing;
    const of = target === null ? '' : keyOf(target);
    if (of !== this.#of) {
      this.#of = of;
      this.target = null;
      this.estimate = null;
    }
    this.now();
    if (target === null) return;
    try {
      const view = await this.#backend.describeTarget({ ...target });
      if (turn === this.#describing) this.target = view;
    } catch {
      // A guess that fails leaves it unknown; sending says why.
      if (turn === this.#describing) this.target = null;
    }
  }

  /** The text changes: an answer on its way is of an older one. */
  soon(): void {
    this.#estimating += 1;
    this.#later.plan();
  }

  now(): void {
    this.#later.now();
  }

  rest(): void {
    this.#estimating += 1;
    this.#later.cancel();
  }

  async #estimate(): Promise<void> {
    const turn = ++this.#estimating;
    const input = this.#input();
    if (input === null) {
      this.estimate = null;
      return;
    }
    try {
      const view = await this.#backend.estimate(input);
      if (turn === this.#estimating) this.estimate = view;
    } catch {
      if (turn === this.#estimating) this.estimate = null;
    }
  }
}

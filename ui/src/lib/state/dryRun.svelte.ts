import type { Backend } from '$lib/ipc/backend';
import type { DryRunInput, DryRunView, RouteInput } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { Later } from './composer/later';

/** Typing is not followed letter by letter. */
export const QUIET_MS = 200;

/** Tokens that an answer is reckoned with until the person says otherwise. */
const USUAL_OUTPUT = 600;

/** What a route would do with a prompt. Only the answer to the last question counts. */
export class DryRun {
  prompt = $state('');
  images = $state(0);
  /** Absent leaves it to a guess from the prompt. */
  inputTokens = $state<number | null>(null);
  outputTokens = $state(USUAL_OUTPUT);
  view = $state.raw<DryRunView | null>(null);
  error = $state.raw<BackendError | null>(null);

  readonly #backend: Pick<Backend, 'dryRunRoute'>;
  readonly #later: Later;
  #route: { route: RouteInput; model: string | null } | null = null;
  #turn = 0;
  /** The route that `view` is about. */
  #of: string | null = null;

  constructor(backend: Pick<Backend, 'dryRunRoute'>) {
    this.#backend = backend;
    this.#later = new Later(QUIET_MS, () => void this.#ask());
  }

  /** The route or the question has changed: the answer follows in a moment. */
  about(route: RouteInput, model: string | null): void {
    this.#route = { route, model };
    // What is on its way is about something else.
    this.#turn += 1;
    if (route.id !== this.#of) {
      this.#of = route.id;
      this.view = null;
      this.error = null;
      this.#later.now();
    } else this.#later.plan();
  }

  /** Nobody looks any more. */
  rest(): void {
    this.#turn += 1;
    this.#of = null;
    this.#route = null;
    this.#later.cancel();
  }

  async #ask(): Promise<void> {
    if (this.#route === null) return;
    const turn = ++this.#turn;
    const { prompt, images, inputTokens, outputTokens } = this;
    const input: DryRunInput = { ...this.#route, prompt, images, inputTokens, outputTokens };
    try {
      const view = await this.#backend.dryRunRoute(input);
      if (turn !== this.#turn) return;
      this.view = view;
      this.error = null;
    } catch (thrown) {
      if (turn === this.#turn) this.error = asBackendError(thrown);
    }
  }
}

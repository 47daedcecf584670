/** Runs something once it was quiet for a while, or at once when asked. */
export class Later {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #quietMs: number;
  readonly #run: () => void;

  constructor(quietMs: number, run: () => void) {
    this.#quietMs = quietMs;
    this.#run = run;
  }

  get planned(): boolean {
    return this.#timer !== undefined;
  }

  plan(): void {
    this.cancel();
    this.#timer = setTimeout(() => this.now(), this.#quietMs);
  }

  now(): void {
    this.cancel();
    this.#run();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

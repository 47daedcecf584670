/** A component whose code comes after the first paint, or when it is first needed. */
export class Later<Part> {
  part = $state.raw<Part | null>(null);
  readonly #fetch: () => Promise<{ default: Part }>;
  #fetching: Promise<void> | null = null;

  constructor(fetch: () => Promise<{ default: Part }>) {
    this.#fetch = fetch;
  }

  load(): Promise<void> {
    this.#fetching ??= this.#fetch().then(
      (module) => {
        this.part = module.default;
      },
      (thrown: unknown) => {
        // The next one who needs it tries again.
        this.#fetching = null;
        throw thrown;
      },
    );
    return this.#fetching;
  }
}

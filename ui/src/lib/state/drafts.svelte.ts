/** A sentence that says why a text is not taken, before anybody is asked. */
export class Refused extends Error {}

/** What a field takes from elsewhere. */
export type Bound = {
  /** The text that stands for what is kept. */
  kept: () => string;
  /** Keeps a text. Rejects where that cannot be. */
  save: (text: string) => Promise<unknown>;
  /** Why it was rejected, in a sentence. */
  explain: (thrown: unknown) => string;
};

/**
 * What is typed into a field that saves itself. What is kept may change meanwhile and a save may fail: what was typed
 * stays until it is kept or the person takes it back.
 */
export class Draft {
  state = $state<'rest' | 'saving' | 'saved'>('rest');
  error = $state<string | null>(null);
  #typed = $state<string | null>(null);
  #bound: Bound;
  #running: Promise<void> | null = null;

  constructor(bound: Bound) {
    this.#bound = bound;
  }

  /** Another component shows it now. */
  bind(bound: Bound): this {
    this.#bound = bound;
    return this;
  }

  get text(): string {
    return this.#typed ?? this.#bound.kept();
  }

  set text(text: string) {
    this.#typed = text;
    this.error = null;
    if (this.state === 'saved') this.state = 'rest';
  }

  get dirty(): boolean {
    return this.#typed !== null && this.#typed.trim() !== this.#bound.kept();
  }

  /** Keeps what was typed, if it differs; what is typed while that goes on is kept after it. */
  commit(): Promise<void> {
    this.#running ??= this.#keep().finally(() => (this.#running = null));
    return this.#running;
  }

  /**
   * The person has gone elsewhere: keeps what was typed, unless it was refused as it stands. Asking again and again
   * about the same text would be a trap.
   */
  leave(): Promise<void> {
    return this.error === null ? this.commit() : Promise.resolve();
  }

  /** Back to what is kept. */
  revert(): void {
    this.#typed = null;
    this.error = null;
    this.state = 'rest';
  }

  async #keep(): Promise<void> {
    while (this.dirty && this.#typed !== null) {
      const sent = this.#typed;
      this.state = 'saving';
      this.error = null;
      try {
        await this.#bound.save(sent.trim());
      } catch (thrown) {
        this.state = 'rest';
        // Something else was typed since: that is what the next try is about.
        if (this.#typed === sent) {
          this.error = thrown instanceof Refused ? thrown.message : this.#bound.explain(thrown);
          return;
        }
        continue;
      }
      this.state = 'saved';
      if (this.#typed !== sent) continue;
      this.#typed = null;
      return;
    }
    if (this.#typed !== null && this.error === null) this.#typed = null;
  }
}

/** The drafts of a page by the names of their fields. They outlive the page: leaving it loses nothing. */
export class Drafts {
  readonly #held = new Map<string, Draft>();

  of(name: string, bound: Bound): Draft {
    const held = this.#held.get(name);
    if (held) return held.bind(bound);
    const draft = new Draft(bound);
    this.#held.set(name, draft);
    return draft;
  }

  forget(name: string): void {
    this.#held.delete(name);
  }
}

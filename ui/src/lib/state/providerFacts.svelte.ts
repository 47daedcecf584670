import type { Backend } from '$lib/ipc/backend';
import type { AccountFacts, ProviderFacts } from '$lib/ipc/bindings';

/** What changes without a word, as the end of a rest, is looked at so often. */
export const EVERY_MS = 30_000;

/** How providers do: their money, their last calls, who rests. Read while somebody looks. */
export class Facts {
  #all = $state.raw<Record<string, ProviderFacts>>({});
  /** They could not be read, and never were. */
  failed = $state(false);

  readonly #backend: Pick<Backend, 'providerFacts'>;
  #watchers = 0;
  #clock: ReturnType<typeof setInterval> | undefined;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(backend: Pick<Backend, 'providerFacts'>) {
    this.#backend = backend;
  }

  of(providerId: string): ProviderFacts | undefined {
    return this.#all[providerId];
  }

  ofAccount(providerId: string, accountId: string): AccountFacts | undefined {
    return this.of(providerId)?.accounts.find((account) => account.accountId === accountId);
  }

  /** Reads them now and from time to time, until the returned function is called. */
  watch(): () => void {
    this.#watchers += 1;
    this.#quietly();
    this.#clock ??= setInterval(() => {
      if (document.visibilityState === 'visible') this.#quietly();
    }, EVERY_MS);
    return () => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      clearInterval(this.#clock);
      this.#clock = undefined;
    };
  }

  /** Something happened that they tell of. Nobody looks: nothing is read. */
  changed(): void {
    if (this.#watchers > 0) this.#quietly();
  }

  /** One question at a time; what happens while it is asked is asked about after it. */
  read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#ask().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #ask(): Promise<void> {
    do {
      this.#again = false;
      const facts = await this.#backend.providerFacts();
      this.#all = Object.fromEntries(facts.map((fact) => [fact.providerId, fact]));
      this.failed = false;
    } while (this.#again);
  }

  // What cannot be read now stays as it was; the next look asks again.
  #quietly(): void {
    this.read().catch(() => (this.failed = Object.keys(this.#all).length === 0));
  }
}

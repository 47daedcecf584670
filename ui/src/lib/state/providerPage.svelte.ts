import type { ProviderInput, ProviderSettings, ProviderView } from '$lib/ipc/bindings';
import { asBackendError } from '$lib/ipc/errors';
import { httpsOf } from '$lib/keys/origin';
import { Drafts } from './drafts.svelte';

/** What a page can change of its provider. */
export type Changes = {
  byId(id: string): ProviderView | undefined;
  save(input: ProviderInput): Promise<ProviderView>;
  saveSettings(id: string, settings: ProviderSettings): Promise<ProviderView>;
};

/** Whether a key may travel in clear: by https instead, in clear, or not at all. */
export type ClearAnswer = 'https' | 'clear' | null;

/** One provider as its page changes it: field by field, each on top of those before it. */
export class ProviderPage {
  readonly id: string;
  readonly drafts = new Drafts();
  /** Whether a key may travel in clear to this address, which only a person can say. */
  question = $state.raw<{ url: string; answer: (answer: ClearAnswer) => void } | null>(null);
  readonly #changes: Changes;
  /** How often it is on the screen; a question that nobody sees is not asked. */
  #shown = 0;
  #last: Promise<unknown> = Promise.resolve();
  #seen: ProviderView;

  constructor(changes: Changes, provider: ProviderView) {
    this.#changes = changes;
    this.#seen = provider;
    this.id = provider.id;
  }

  /** As it is kept; as it was last, where it is gone. */
  get view(): ProviderView {
    const now = this.#changes.byId(this.id);
    if (now) this.#seen = now;
    return this.#seen;
  }

  get settings(): ProviderSettings {
    return this.view.settings;
  }

  /** Changes some of its settings; the others are sent as they are by then. */
  configure(edit: (settings: ProviderSettings) => ProviderSettings): Promise<ProviderView> {
    return this.#after(() =>
      this.#changes.saveSettings(this.id, edit($state.snapshot(this.settings) as ProviderSettings)),
    );
  }

  /** It is on the screen until the returned function is called. */
  show(): () => void {
    this.#shown += 1;
    return () => {
      this.#shown -= 1;
      if (this.#shown === 0) this.question?.answer(null);
    };
  }

  /**
   * Changes its name, its address and the like. That a key may travel in clear is never said without a person who was
   * asked; what was agreed to before, the core knows.
   */
  async amend(part: Partial<Omit<ProviderInput, 'inClear' | 'fields'>>): Promise<ProviderView> {
    try {
      return await this.#send(part, false);
    } catch (thrown) {
      if (asBackendError(thrown).reason !== 'in_clear' || this.#shown === 0 || this.question) throw thrown;
      const url = part.baseUrl ?? this.view.baseUrl;
      const answer = await this.#ask(url);
      const secure = httpsOf(url);
      if (answer === null || (answer === 'https' && secure === null)) throw thrown;
      return answer === 'clear'
        ? this.#send({ ...part, baseUrl: url }, true)
        : this.#send({ ...part, baseUrl: secure ?? url }, false);
    }
  }

  #send(part: Partial<ProviderInput>, clear: boolean): Promise<ProviderView> {
    return this.#after(() => {
      const { id, vendor, name, baseUrl, enabled, defaultModel } = this.view;
      return this.#changes.save({
        id,
        vendor,
        name,
        baseUrl,
        enabled,
        defaultModel,
        ...part,
        inClear: clear,
        fields: {},
      });
    });
  }

  #ask(url: string): Promise<ClearAnswer> {
    return new Promise((resolve) => {
      this.question = {
        url,
        answer: (answer) => {
          this.question = null;
          resolve(answer);
        },
      };
    });
  }

  /** One after the other: each change is sent whole, and an older one must not undo a newer one. */
  #after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

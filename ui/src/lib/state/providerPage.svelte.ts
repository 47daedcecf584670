import type { ProviderInput, ProviderSettings, ProviderView } from '$lib/ipc/bindings';
import { Drafts } from './drafts.svelte';

/** What a page can change of its provider. */
export type Changes = {
  byId(id: string): ProviderView | undefined;
  save(input: ProviderInput): Promise<ProviderView>;
  saveSettings(id: string, settings: ProviderSettings): Promise<ProviderView>;
};

/** One provider as its page changes it: field by field, each on top of those before it. */
export class ProviderPage {
  readonly id: string;
  readonly drafts = new Drafts();
  readonly #changes: Changes;
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

  /** Changes its name, its address and the like. Whether a key may travel in clear is asked anew for an address. */
  amend(part: Partial<ProviderInput>): Promise<ProviderView> {
    return this.#after(() => {
      const { id, vendor, name, baseUrl, enabled, defaultModel } = this.view;
      const moved = part.baseUrl !== undefined && part.baseUrl !== baseUrl;
      const inClear = this.view.inClear && !moved;
      return this.#changes.save({ id, vendor, name, baseUrl, enabled, defaultModel, inClear, ...part });
    });
  }

  /** One after the other: each change is sent whole, and an older one must not undo a newer one. */
  #after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

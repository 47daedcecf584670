import type { Component } from 'svelte';

/** A part of the page that comes when it is needed, and is kept then. */
export class Later<C extends Component<never>> {
  component = $state.raw<C | null>(null);
  failed = $state(false);
  #coming: Promise<void> | null = null;
  readonly #bring: () => Promise<{ default: C }>;

  constructor(bring: () => Promise<{ default: C }>) {
    this.#bring = bring;
  }

  load(): Promise<void> {
    if (this.component) return Promise.resolve();
    return (this.#coming ??= this.#load());
  }

  async #load(): Promise<void> {
    this.failed = false;
    try {
      this.component = (await this.#bring()).default;
    } catch {
      // A page under a new build no longer finds its old parts; the next try asks again.
      this.failed = true;
      this.#coming = null;
    }
  }
}

import type { Draft } from '$lib/state/drafts.svelte';

/** Something that is done at once, and what came of it. */
export class Acting {
  state = $state<Draft['state']>('rest');
  error = $state<string | null>(null);
  readonly #explain: (thrown: unknown) => string;

  constructor(explain: (thrown: unknown) => string) {
    this.#explain = explain;
  }

  get busy(): boolean {
    return this.state === 'saving';
  }

  /** Whether it was done. What answers `false` had nothing to keep. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    this.state = 'saving';
    this.error = null;
    try {
      this.state = (await work()) === false ? 'rest' : 'saved';
      return true;
    } catch (thrown) {
      this.error = this.#explain(thrown);
      this.state = 'rest';
      return false;
    }
  }
}

import { SvelteMap } from 'svelte/reactivity';
import type { Backend } from '$lib/ipc/backend';
import type { MessageView } from '$lib/ipc/bindings';
import type { Runs } from '../runs.svelte';

/** The core gives no more messages at once. */
const BATCH = 40;

type Around = { backend: Backend; runs: Runs; complain: (thrown: unknown) => void };

/** The messages of a comparison that are here: those of the prompt that is looked at, and what was looked at before. */
export class Texts {
  readonly #known = new SvelteMap<string, MessageView>();
  readonly #fetching = new Set<string>();
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  get(id: string): MessageView | undefined {
    return this.#known.get(id);
  }

  /** Takes a message; where it is being written, as it grows. */
  put(message: MessageView): void {
    this.#known.set(message.id, this.#around.runs.current(message));
  }

  /** Reads those of these that are not here. */
  async fetch(ids: readonly string[]): Promise<void> {
    const wanted = ids.filter((id) => !this.#known.has(id) && !this.#fetching.has(id)).slice(0, BATCH);
    if (wanted.length === 0) return;
    for (const id of wanted) this.#fetching.add(id);
    try {
      for (const message of await this.#around.backend.getMessages(wanted)) this.put(message);
    } catch (thrown) {
      this.#around.complain(thrown);
    } finally {
      for (const id of wanted) this.#fetching.delete(id);
    }
  }
}

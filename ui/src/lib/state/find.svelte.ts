import type { Backend } from '$lib/ipc/backend';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { ask } from '$lib/search/ask';

/** A message of the open chat that holds the words. */
export type Place = { messageId: string; words: string[] };

/** What is asked of the chat that is searched. */
export type Within = {
  id: string | null;
  /** Ids of the branch that is shown, from the first to the last. */
  ids: readonly string[];
};

/** Finds words in one chat, in the branch that is shown. */
export class Find {
  text = $state('');
  places = $state.raw<Place[]>([]);
  /** Which of the places the reader is at. */
  at = $state(-1);
  /** There are more than are listed. */
  more = $state(false);
  error = $state<BackendError | null>(null);

  readonly #backend: Backend;
  readonly #within: () => Within;
  #latest = 0;

  constructor(backend: Backend, within: () => Within) {
    this.#backend = backend;
    this.#within = within;
  }

  readonly current = $derived(this.places[this.at] ?? null);

  /** Looks for other words; the reader begins at the last place, which is nearest to where a chat is read. */
  async type(text: string): Promise<void> {
    this.text = text;
    const mine = ++this.#latest;
    const { id, ids } = this.#within();
    if (id === null || text.trim() === '') {
      this.#show([], false);
      return;
    }
    try {
      const input = { text, order: 'newest', typing: true, conversationId: id, skip: 0 } as const;
      const view = await ask(this.#backend, input, () => mine === this.#latest);
      if (!view) return;
      const hits = view.chats.flatMap((chat) => chat.hits);
      const rows = new Map(ids.map((messageId, row) => [messageId, row]));
      const places = hits
        .filter((hit) => rows.has(hit.messageId))
        .map((hit) => ({
          messageId: hit.messageId,
          words: hit.snippet.filter((piece) => piece.hit).map((piece) => piece.text),
        }))
        .sort((a, b) => (rows.get(a.messageId) ?? 0) - (rows.get(b.messageId) ?? 0));
      this.#show(places, !view.exact || view.hits > hits.length);
    } catch (thrown) {
      if (mine !== this.#latest) return;
      this.#show([], false);
      this.error = asBackendError(thrown);
    }
  }

  /** To the next place down the chat or up, and round at its ends. */
  step(by: 1 | -1): void {
    const count = this.places.length;
    if (count > 0) this.at = (this.at + by + count) % count;
  }

  #show(places: Place[], more: boolean): void {
    this.error = null;
    this.places = places;
    this.more = more;
    this.at = places.length - 1;
  }
}

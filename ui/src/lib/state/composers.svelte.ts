import type { Draft, MessageStatus } from '$lib/ipc/bindings';
import { ComposerState, type Surroundings } from './composer.svelte';

/** Texts sent in this session that a new chat can call back. */
const LATELY = 50;

/** The composers of all chats that have something in them, and the one of a chat that was not begun. */
export class Composers {
  readonly #around: Surroundings;
  readonly #known = new Map<string, ComposerState>();
  #fresh: ComposerState;
  #lately: string[] = [];
  #closed = false;

  constructor(around: Omit<Surroundings, 'sent' | 'returned'>, draft: Draft) {
    this.#around = {
      ...around,
      deliver: (composer, message) =>
        this.#closed ? Promise.resolve(null) : around.deliver(composer, message),
      sent: (composer, text, began) => this.#sent(composer, text, began),
      returned: (composer) => this.#returned(composer),
    };
    this.#fresh = new ComposerState(this.#around, null);
    this.#fresh.restore(draft, null);
  }

  /** What was sent lately in any chat, oldest first. */
  get lately(): string[] {
    return [...this.#lately];
  }

  /** The composer of a stored chat. */
  of(id: string): ComposerState {
    const known = this.#known.get(id) ?? new ComposerState(this.#around, id);
    this.#known.set(id, known);
    return known;
  }

  /** The composer of the next new chat: not the one whose first message is just going out. */
  forNew(): ComposerState {
    if (this.#fresh.sending) this.#fresh = new ComposerState(this.#around, null);
    return this.#fresh;
  }

  /** A chat left the screen: what is unsaved is saved, and what is empty is forgotten. */
  leave(composer: ComposerState): void {
    if (composer.recalled) composer.stopWalking();
    composer.forecast.rest();
    void composer.flush();
    const { id } = composer;
    if (id !== null && composer.idle && this.#known.get(id) === composer) {
      this.#known.delete(id);
      composer.close();
    }
  }

  settled(id: string, status: MessageStatus): void {
    this.#known.get(id)?.settled(status);
  }

  async flush(): Promise<void> {
    await Promise.all([this.#fresh, ...this.#known.values()].map((composer) => composer.flush()));
  }

  /** Another data folder is open; nothing of this one may reach it. */
  close(): void {
    this.#closed = true;
    for (const composer of [this.#fresh, ...this.#known.values()]) composer.close();
  }

  #sent(composer: ComposerState, text: string, began: boolean): void {
    this.#lately = [...this.#lately.filter((known) => known !== text), text].slice(-LATELY);
    const { id } = composer;
    if (!began || id === null) return;
    this.#known.set(id, composer);
    if (this.#fresh === composer) this.#fresh = new ComposerState(this.#around, null);
    // What just went out is the draft that the store has.
    this.#fresh.keep();
  }

  /** The first message of a chat came back while the person had begun another. */
  #returned(composer: ComposerState): void {
    if (composer.id !== null || composer === this.#fresh) return;
    this.#fresh.absorb(composer.draft);
    this.#fresh.keep();
    composer.close();
  }
}

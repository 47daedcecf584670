/** Where a reader was in a chat: at its end, or so far below the beginning of a message. */
export type Place = { following: true } | { following: false; id: string; below: number };

const MOST = 200;

/** The places of chats that were left, the last ones. They live as long as the window. */
export class Places {
  readonly #all = new Map<string, Place>();

  of(chatId: string): Place {
    return this.#all.get(chatId) ?? { following: true };
  }

  keep(chatId: string, place: Place): void {
    this.#all.delete(chatId);
    this.#all.set(chatId, place);
    const [oldest] = this.#all.keys();
    if (this.#all.size > MOST && oldest !== undefined) this.#all.delete(oldest);
  }
}

export const places = new Places();

/**
 * A walk back through what was sent. Behind its newest entry lies what was not sent yet; what is changed on
 * the way stays changed for as long as the walk goes.
 */
export class Walk {
  readonly #entries: readonly string[];
  readonly #changed = new Map<number, string>();
  readonly #draft: string;
  #at: number;

  constructor(entries: readonly string[], draft: string) {
    this.#entries = entries;
    this.#draft = draft;
    this.#at = entries.length;
  }

  /** What was not sent when the walk began. */
  get draft(): string {
    return this.#draft;
  }

  get atDraft(): boolean {
    return this.#at === this.#entries.length;
  }

  /** Whether this is the entry as it was sent. */
  asSent(text: string): boolean {
    return this.#entries[this.#at] === text;
  }

  /** One step, back for -1. Null where there is nothing further. */
  step(by: -1 | 1, text: string): string | null {
    const to = this.#at + by;
    if (to < 0 || to > this.#entries.length) return null;
    this.#note(text);
    this.#at = to;
    return this.atDraft ? this.#draft : (this.#changed.get(to) ?? this.#entries[to] ?? '');
  }

  /** Every changed entry, for the end of the walk. */
  changes(text: string): string[] {
    this.#note(text);
    return [...this.#changed.values()];
  }

  #note(text: string): void {
    if (this.atDraft) return;
    if (this.asSent(text)) this.#changed.delete(this.#at);
    else this.#changed.set(this.#at, text);
  }
}

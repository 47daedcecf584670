/**
 * How many parts of something long are shown: a few at first, all on request, a portion at a time so that the
 * window goes on answering. What is short at first, or grows from nothing, is shown whole.
 */
export class Shown {
  count = $state(0);
  readonly #portion: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(total: number, first: number, portion: number) {
    this.count = total > first ? first : Infinity;
    this.#portion = portion;
  }

  all(total: () => number): void {
    clearTimeout(this.#timer);
    this.count += this.#portion;
    if (this.count >= total()) this.count = Infinity;
    else this.#timer = setTimeout(() => this.all(total));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
